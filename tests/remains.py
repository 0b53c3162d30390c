"""What is in a cluster, kind by kind: what a run has left there, and what was there before it.

Every kind that can be listed is looked through, whether or not the tool knows it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ai_conformance.kube import errors, resources
from ai_conformance.kube.resources import Resource
from ai_conformance.kube.session import Session
from ai_conformance.kube.workspace import RUN_LABEL

# What comes and goes by itself: events and requests for certificates expire, leases of components are renewed, and
# endpoints, metrics and the states of components are other views.
_FLEETING = frozenset(
    {"events", "certificatesigningrequests", "leases", "endpoints", "endpointslices", "componentstatuses"}
)
_VIEWS = frozenset({"metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io", "visibility.kueue.x-k8s.io"})


BYSTANDER = "bystander"
"""The id of a run that never was: its objects are like those of runs, and nobody may touch them."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Seen:
    """One object: what it is, and what somebody wanted of it."""

    uid: str
    what: str
    wanted: str
    """A hash of all that is written into an object and not told by it."""
    restarts: int
    """Of a pod's containers."""


async def kinds(session: Session) -> list[Resource]:
    """All that can be listed, each in its preferred version."""
    found: dict[tuple[str, str], Resource] = {}
    for one in (await session.discover(refresh=True)).resources:
        if "list" in one.verbs and one.group not in _VIEWS:
            found.setdefault((one.group, one.plural), one)
    return list(found.values())


async def of_runs(session: Session, *, run: str = "") -> list[str]:
    """All that bears the label of a run, or of any."""
    selector = f"{RUN_LABEL}={run}" if run else f"{RUN_LABEL},{RUN_LABEL}!={BYSTANDER}"
    found = await _all(session, await kinds(session), label_selector=selector)
    return sorted(seen.what for seen in found.values())


async def namespaces(session: Session, *, prefix: str) -> list[str]:
    """Names of namespaces that begin so."""
    found = await session.list(resources.NAMESPACE)
    return [name for one in found.items if (name := one["metadata"]["name"]).startswith(prefix)]


async def snapshot(session: Session) -> dict[str, Seen]:
    """All that is no run's, by UID."""
    lasting = [one for one in await kinds(session) if one.plural not in _FLEETING]
    without, bystanders = [
        await _all(session, lasting, label_selector=one) for one in (f"!{RUN_LABEL}", f"{RUN_LABEL}={BYSTANDER}")
    ]
    return without | bystanders


def differences(before: Mapping[str, Seen], after: Mapping[str, Seen], *, closely: Iterable[str] = ()) -> list[str]:
    """What is no more there or has been changed; of the UIDs ``closely`` also whether a container was restarted."""
    told = []
    for uid, was in before.items():
        now = after.get(uid)
        if now is None:
            told.append(f"{was.what} has gone")
        elif now.wanted != was.wanted:
            told.append(f"{was.what} was changed")
    restarted = (uid for uid in closely if uid in after and after[uid].restarts != before[uid].restarts)
    return told + [f"{before[uid].what} was restarted" for uid in restarted]


async def _all(session: Session, some: Iterable[Resource], *, label_selector: str) -> dict[str, Seen]:
    async def of_kind(resource: Resource) -> list[Seen]:
        try:
            found = await session.list(resource, label_selector=label_selector)
        except (errors.NotFound, errors.Invalid):  # a kind that went meanwhile, or that is a view of others
            return []
        return [_seen(resource, one) for one in found.items]

    listed = await asyncio.gather(*map(of_kind, some))
    return {seen.uid or seen.what: seen for many in listed for seen in many}


def _seen(resource: Resource, obj: Mapping[str, Any]) -> Seen:
    metadata = obj["metadata"]
    told = ("apiVersion", "kind", "metadata", "status")
    wanted = {
        "labels": metadata.get("labels"),
        "owners": metadata.get("ownerReferences"),
        "deleted": metadata.get("deletionTimestamp"),
        **{key: value for key, value in obj.items() if key not in told},
    }
    statuses = (obj.get("status") or {}).get("containerStatuses") or () if resource.plural == "pods" else ()
    place = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
    return Seen(
        uid=str(metadata.get("uid", "")),
        what=f"{resource} {place}{metadata['name']}",
        wanted=hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:16],
        restarts=sum(int(one["restartCount"]) for one in statuses),
    )
