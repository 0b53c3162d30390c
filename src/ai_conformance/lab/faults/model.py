"""What a fault is, and what it needs of a lab."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ai_conformance.lab.errors import LabError


class FaultError(LabError):
    """A fault cannot be applied or cleared: an unknown name, a node that is not there, an effect that did not come."""


class Scope(enum.StrEnum):
    """What a fault can be limited to."""

    LAB = "lab"
    """The whole cluster, always."""
    NODE = "node"
    """Single nodes, or all of them."""


class NamedNode(Protocol):
    """A node, as far as faults need one."""

    @property
    def name(self) -> str:
        """Also the name of its Node object and of its folder below `nodes/`."""


class FaultyLab(Protocol):
    """A running lab, as far as faults need one."""

    @property
    def state(self) -> Path:
        """The lab's state folder."""

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""

    @property
    def nodes(self) -> Sequence[NamedNode]:
        """All nodes."""

    def restart(self, component: str, *, extra_args: Sequence[str] = ()) -> None:
        """Start a component anew, with these arguments after its own, and return when it works."""


class Effect(Protocol):
    """How a fault is brought about and undone. Both are idempotent and return when the effect can be observed."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Break the lab, on these nodes where the effect is a node's."""

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Make it sound again, also after an `apply` that did not get to its end."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fault:
    """One way to be broken."""

    name: str
    summary: str
    """One sentence: what is wrong with the platform."""
    breaks: Mapping[str, str]
    """Requirement to the verdict that its check has to come to."""
    scope: Scope
    effect: Effect
    disturbs: bool = False
    """Whether it also takes nodes, or room on them, from checks that happen to need it, which are BLOCKED then."""
    needs: tuple[str, ...] = ()
    """Add-ons that have to be in the lab: what is broken is theirs."""
    hidden_by: tuple[str, ...] = ()
    """Add-ons that must not be in the lab: they do the same, and the platform would be sound all the same."""
    options: tuple[str, ...] = ()
    """Options of `ai-conformance run` without which its check would look elsewhere."""


def node_folder(lab: FaultyLab, node: str) -> Path:
    """Where everything of one node is."""
    return lab.state / "nodes" / node


def faults_folder(lab: FaultyLab) -> Path:
    """Where the active faults are recorded."""
    return lab.state / "faults"
