"""Take away what the ledger says we made, and nothing else: by UID, in order, until it is seen to be gone.

The order is that in which nothing comes back: autoscalers before what they scale, controllers (in the foreground)
before their pods, pods before the claims that they hold, claims before templates and cluster-scoped objects. Namespaces
go beside the pods, once nothing makes new ones. Inside a rank everything goes side by side.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from ai_conformance.kube import errors
from ai_conformance.kube.ledger import Entry, Ledger
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.resources import Resource
from ai_conformance.kube.session import Propagation, Session

RUN_LABEL = "ai-conformance.dev/run"
CHECK_LABEL = "ai-conformance.dev/check"

_AUTOSCALERS, _CONTROLLERS, _PODS, _CLAIMS, _TEMPLATES, _CLUSTER_SCOPED, _NAMESPACES = range(7)
_RANKS: Mapping[str, int] = {
    "HorizontalPodAutoscaler": _AUTOSCALERS,
    "VerticalPodAutoscaler": _AUTOSCALERS,
    "ScaledObject": _AUTOSCALERS,
    "ScaledJob": _AUTOSCALERS,
    "Pod": _PODS,
    "ResourceClaim": _CLAIMS,
    "PersistentVolumeClaim": _CLAIMS,
    "ResourceClaimTemplate": _TEMPLATES,
    "PodGroup": _TEMPLATES,
    "Workload": _TEMPLATES,
    "ConfigMap": _TEMPLATES,
    "Secret": _TEMPLATES,
    "Service": _TEMPLATES,
    "ServiceAccount": _TEMPLATES,
    "Role": _TEMPLATES,
    "RoleBinding": _TEMPLATES,
    "PodDisruptionBudget": _TEMPLATES,
    "NetworkPolicy": _TEMPLATES,
}
"""Any other namespaced kind counts as a controller, which is the careful assumption."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Leftover:
    """Something that we made and that is not known to be gone."""

    entry: Entry
    reason: str

    def __str__(self) -> str:
        place = f"{self.entry.namespace}/" if self.entry.namespace else ""
        return f"{self.entry.kind} {place}{self.entry.name}: {self.reason}"


async def remove(
    session: Session,
    *,
    ledger: Ledger,
    entries: Iterable[Entry],
    timeout_s: float = 120.0,
    on_vacated: Callable[[], object] = lambda: None,
) -> list[Leftover]:
    """Delete and wait until gone; what is still there after ``timeout_s`` in all is returned, never raised.

    An object of the same name with another UID, or without our run's label, is somebody else's and stays untouched.
    ``on_vacated`` is called when pods and claims are dealt with, which is seconds before their namespaces have gone.
    """
    deadline = time.monotonic() + timeout_s
    ranks = {rank: list(some) for rank, some in itertools.groupby(sorted(entries, key=_rank), key=_rank)}

    async def one_by_one(wanted: Iterable[int]) -> list[Leftover]:
        left: list[Leftover] = []
        for rank in wanted:
            kinds = itertools.groupby(sorted(ranks.get(rank, ()), key=_collection), key=_collection)
            rooms = [list(room) for _, room in kinds]
            results = await asyncio.gather(
                *(_remove_some(session, ledger=ledger, entries=room, deadline=deadline) for room in rooms)
            )
            left += itertools.chain.from_iterable(results)
        return left

    async def vacate() -> list[Leftover]:
        holders = await one_by_one(range(_PODS, _TEMPLATES))
        on_vacated()
        return holders + await one_by_one(range(_TEMPLATES, _NAMESPACES))

    makers = await one_by_one(range(_PODS))
    # The namespace controller lets five seconds pass before it touches what is in a namespace (namespaceDeletionGrace-
    # Period in its source): asked for now, it has waited by the time that pods and claims have gone in their order.
    holders, rooms = await asyncio.gather(vacate(), one_by_one([_NAMESPACES]))
    return makers + holders + rooms


async def clean(session: Session, ledger: Ledger, *, timeout_s: float = 300.0) -> list[Leftover]:
    """Take away what a killed run has left, from its ledger."""
    return await remove(session, ledger=ledger, entries=ledger.open_entries, timeout_s=timeout_s)


def _rank(entry: Entry) -> int:
    if entry.kind == "Namespace":
        return _NAMESPACES
    return _RANKS.get(entry.kind, _CONTROLLERS) if entry.namespaced else _CLUSTER_SCOPED


def _collection(entry: Entry) -> tuple[str, str, str]:
    return (entry.api_version, entry.plural, entry.namespace or "")


def resource_of(entry: Entry) -> Resource:
    """Where an entry's object is, without asking the server."""
    group, _, version = entry.api_version.rpartition("/")
    return Resource(group=group, version=version, plural=entry.plural, kind=entry.kind, namespaced=entry.namespaced)


async def _remove_some(
    session: Session, *, ledger: Ledger, entries: Sequence[Entry], deadline: float
) -> list[Leftover]:
    """Entries of one collection: one watch for all of them."""
    asked = await asyncio.gather(*(_ask(session, ledger=ledger, entry=entry) for entry in entries))
    left = [one for one in asked if isinstance(one, Leftover)]
    going = [one for one in asked if isinstance(one, Entry)]
    if going:
        left += await _see_gone(session, ledger=ledger, going=going, deadline=deadline)
    return left


async def _ask(session: Session, *, ledger: Ledger, entry: Entry) -> Entry | Leftover | None:
    """Ask for the deletion. None: it is gone. An entry (with its UID): it is going."""
    resource = resource_of(entry)
    try:
        if entry.uid is None:
            found = await session.get(resource, entry.name, entry.namespace)
            if (found["metadata"].get("labels") or {}).get(RUN_LABEL) != entry.run:
                ledger.gone(entry)  # the name is another's: ours was never made
                return None
            entry = ledger.confirm(entry, uid=found["metadata"]["uid"])
        answer = await session.delete(
            resource,
            entry.name,
            entry.namespace,
            uid=entry.uid,
            grace_period_s=1 if entry.kind == "Pod" else None,
            propagation=Propagation.FOREGROUND if _rank(entry) == _CONTROLLERS else None,
        )
    except (errors.NotFound, errors.Conflict):  # a conflict: the UID under that name is another's, ours is gone
        ledger.gone(entry)
        return None
    except errors.KubeError as trouble:
        return Leftover(entry=entry, reason=f"could not be deleted: {trouble}")
    if answer is None or (answer.get("kind") == "Status" and answer.get("status") == "Success"):
        ledger.gone(entry)
        return None
    return entry


async def _see_gone(session: Session, *, ledger: Ledger, going: Sequence[Entry], deadline: float) -> list[Leftover]:
    waited_for = {str(entry.uid): entry for entry in going}
    first = going[0]

    def gone(view: Mirror) -> bool | None:
        there = {obj["metadata"]["uid"] for obj in view.objects.values()}
        for uid in waited_for.keys() - there:
            ledger.gone(waited_for.pop(uid))
        return None if waited_for else True

    label = f"{RUN_LABEL}={first.run}"
    reason = "is still there"
    try:
        async with Mirror.open(session, resource_of(first), namespace=first.namespace, label_selector=label) as view:
            await view.until(
                gone,
                timeout_s=max(deadline - time.monotonic(), 1.0),
                waiting_for=f"{first.kind.lower()} gone",
            )
    except errors.TimedOut as trouble:
        reason = f"is still there: {trouble.last}"
    except errors.KubeError as trouble:
        reason = f"whether it is gone is not known: {trouble}"
    return [Leftover(entry=entry, reason=reason) for entry in waited_for.values()]
