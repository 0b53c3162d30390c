"""The checks there are. A module of this room whose name is a requirement's id holds that requirement's check."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ai_conformance.checks.metadata import ApiUse, CaseInfo, CheckMetadata, EvidenceInfo, Relaxed
from ai_conformance.kube.isolation import Network

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.waits import Wait

Body = Callable[["Context"], Awaitable[None]]

_CHECKS: dict[str, CheckMetadata] = {}

# Needed by the run itself, whatever it checks: its namespaces, the cluster's identity, discovery of nodes.
COMMON_USES = (
    ApiUse(group="", resource="namespaces", verbs=("get", "create", "delete", "list", "watch"), own_namespace=False),
    ApiUse(group="", resource="nodes", verbs=("list",), own_namespace=False),
    # A pod can be made in a new namespace as soon as its default service account is there.
    ApiUse(group="", resource="serviceaccounts", verbs=("watch",)),
    # What admission says to a controller that makes pods of ours stands in an event.
    ApiUse(group="", resource="events", verbs=("list",)),
)
# Credentials for images are put into the run's namespaces, where the user gives some; none is ever read.
PULL_SECRET_USES = (ApiUse(group="", resource="secrets", verbs=("create",)),)

# Of every case that asks the cluster anything.
REQUESTS = EvidenceInfo(
    name="requests.jsonl", content="what was asked of the cluster, as sent and as read back, with times"
)


def check(
    requirement: str,
    *,
    artifact: str,
    summary: str,
    cases: tuple[CaseInfo, ...],
    uses: tuple[ApiUse, ...],
    waits: tuple[Wait, ...],
    on_fail: str,
    on_blocked: str,
    needs: str,
    images: tuple[str, ...] = ("probe",),
    evidence: tuple[EvidenceInfo, ...] = (),
    accelerators_required: bool = True,
    disruptive_uses: tuple[ApiUse, ...] = (),
    kinds: Callable[[Catalog], tuple[str, ...]] | None = None,
    relaxed: tuple[Relaxed, ...] = (),
    network: Network = Network.NONE,
) -> Callable[[Body], Body]:
    """Declare the decorated coroutine as the check for a requirement."""

    def register(body: Body) -> Body:
        _CHECKS[requirement] = CheckMetadata(
            requirement=requirement,
            artifact=artifact,
            summary=summary,
            cases=cases,
            uses=uses,
            images=images,
            waits=waits,
            on_fail=on_fail,
            on_blocked=on_blocked,
            needs=needs,
            evidence=(*evidence, REQUESTS),
            accelerators_required=accelerators_required,
            body=body,
            disruptive_uses=disruptive_uses,
            kinds=kinds,
            relaxed=relaxed,
            network=network,
        )
        return body

    return register


@functools.cache
def get(requirement: str) -> CheckMetadata | None:
    """The check for a requirement, or None where there is none yet."""
    name = f"ai_conformance.checks.{requirement}"
    if importlib.util.find_spec(name) is None:
        return None
    importlib.import_module(name)
    return _CHECKS.get(requirement)
