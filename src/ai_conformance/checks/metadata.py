"""What a check declares before it does anything.

From this come, without a second list: the plan, the RBAC manifest, the image list, `explain` and the documentation.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ai_conformance.kube.isolation import Isolation, Network, PodSecurity
from ai_conformance.model.records import CaseKind

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.waits import Wait


@dataclasses.dataclass(frozen=True, kw_only=True)
class CaseInfo:
    """A case as it is announced."""

    name: str
    """As a Go sub-test is named."""
    kind: CaseKind
    proves: str
    """One sentence: what has been shown when the case passes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class EvidenceInfo:
    """A file that cases leave in the run's folder, beside their logs."""

    name: str
    """With ``*`` for what differs from case to case."""
    content: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class ApiUse:
    """Verbs on one resource that a check needs. ``group`` is empty for the core group."""

    group: str
    resource: str
    verbs: tuple[str, ...]
    subresource: str = ""
    own_namespace: bool = True
    """Whether the verbs are used in the check's own namespaces only; False is the whole cluster."""

    @property
    def plural(self) -> str:
        """As RBAC writes it: ``pods/log``."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


INERT = ("create", "get")
"""Of what does nothing by itself (`kube.cleanup`): its namespace takes it away; a creation may have to be read back."""

_NETWORK_POLICIES = ApiUse(group="networking.k8s.io", resource="networkpolicies", verbs=INERT)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Relaxed:
    """A namespace of a check that does not enforce the Pod Security level ``restricted``."""

    suffix: str = ""
    """Which of its namespaces; empty is the first."""
    level: PodSecurity
    why: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class CheckMetadata:
    """The automated proof for one requirement."""

    requirement: str
    artifact: str
    """Top-level Go test name in the artifacts."""
    summary: str
    cases: tuple[CaseInfo, ...]
    uses: tuple[ApiUse, ...]
    images: tuple[str, ...]
    """Names in the catalog's table of images."""
    waits: tuple[Wait, ...]
    on_fail: str
    on_blocked: str
    needs: str
    """What it takes of the cluster, in words: accelerators, nodes."""
    evidence: tuple[EvidenceInfo, ...] = ()
    accelerators_required: bool
    """Whether nothing can be tried on a cluster without accelerators."""
    body: Callable[[Context], Awaitable[None]]
    disruptive_uses: tuple[ApiUse, ...] = ()
    """Needed besides where the user consents to restarts of what was there before."""
    kinds: Callable[[Catalog], tuple[str, ...]] | None = None
    """For a check that knows several kinds of one thing: what they are, and on what each was tried."""

    relaxed: tuple[Relaxed, ...] = ()
    """All other namespaces enforce ``restricted``, and its pods meet that."""
    network: Network = Network.NONE
    """The traffic that its pods need; where that is any, each of its namespaces has a NetworkPolicy that allows it."""

    @property
    def all_uses(self) -> tuple[ApiUse, ...]:
        """What it uses, and what making its namespaces takes."""
        return self.uses + (() if self.network is Network.NONE else (_NETWORK_POLICIES,))

    def isolation(self, *, pull_secret: str = "") -> Isolation:
        """How its namespaces are made."""
        levels = {one.suffix: one.level for one in self.relaxed}
        return Isolation(levels=levels, network=self.network, pull_secret=pull_secret)

    @property
    def sweeping(self) -> bool:
        """Whether it may delete its pods by one request for each of its namespaces: so where it asks for that."""
        return any((use.group, use.plural) == ("", "pods") and "deletecollection" in use.verbs for use in self.uses)

    def case(self, name: str) -> CaseInfo:
        """The declared case of that name; a check cannot run a case that it did not declare."""
        return next(case for case in self.cases if case.name == name)
