"""The inventory as data."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from ai_conformance.checks.inventory.taints import Taint
from ai_conformance.model import names

if TYPE_CHECKING:
    from ai_conformance.catalog import Vendor


class Mechanism(enum.StrEnum):
    """How a workload asks for an accelerator."""

    DRA = "DRA"
    DEVICE_PLUGIN = "DevicePlugin"


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """A device of a ResourceSlice that can be allocated."""

    name: str
    driver: str
    pool: str
    attributes: Mapping[str, object]
    """By name, qualified by the driver's domain where the slice leaves it out: ``gpu.example.com/uuid``."""
    capacity: Mapping[str, str]
    tainted: bool = False

    def attribute(self, name: str) -> object | None:
        """An attribute by its unqualified name, of the driver's own domain first."""
        own = self.attributes.get(f"{self.driver}/{name}")
        if own is not None:
            return own
        return next((value for key, value in self.attributes.items() if key.rpartition("/")[2] == name), None)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Supply:
    """Accelerators of one kind on one node that are asked for in one way."""

    mechanism: Mechanism
    node: str
    name: str
    """The DeviceClass or the extended resource that a workload names."""
    driver: str = ""
    vendor: Vendor | None = None
    devices: tuple[Device, ...] = ()
    """Empty for a device plugin: the API does not name its devices."""
    total: int
    free: int
    free_devices: frozenset[str] = frozenset()
    healthy: bool = True
    """False where a device plugin has reported every device as unhealthy, or has not come back to its kubelet yet."""
    taints: tuple[Taint, ...] = ()
    """Of the node, when it was looked at: those that a workload for it tolerates."""

    @property
    def key(self) -> tuple[str, str]:
        """What a check reserves."""
        return (self.node, self.mechanism.value)

    def part(self, units: int) -> tuple[tuple[str, str], Fraction]:
        """What a check reserves that takes so many of the free ones, whichever they are."""
        return self.key, min(Fraction(1), Fraction(units, max(self.free, 1)))

    @property
    def label(self) -> str:
        """For the name of a case's variant."""
        return f"{self.mechanism.value}-{self.node}"

    def __str__(self) -> str:
        return f"{self.free} of {self.total} {self.name} free on node {self.node} ({self.mechanism.value})"


@dataclasses.dataclass(frozen=True, kw_only=True)
class NodeClass:
    """Nodes that are alike as far as accelerators go; a check is tried on some nodes of every class."""

    description: str
    nodes: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Inventory:
    """All that was found."""

    supplies: tuple[Supply, ...]
    node_classes: tuple[NodeClass, ...]
    problems: tuple[str, ...] = ()
    """Accelerators that are announced but cannot be used, each with the reason."""
    broken_pools: tuple[str, ...] = ()
    """Those among the problems that are pools of ResourceSlices of which no device can be used."""
    unusable: tuple[str, ...] = ()
    """Those among the problems that are DRA's: announced by slices or classes, and out of reach of any claim."""
    unrecognised: tuple[str, ...] = ()
    """Those among the problems that may be accelerators of a kind that the catalog does not know."""
    looked_for: tuple[str, ...] = ()
    dra_served: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether all that is announced can be used; what cannot may be so for the time of a driver's restart only.

        A cluster where nothing is announced is settled.
        """
        in_vain = bool(self.unusable) and not self.of(Mechanism.DRA)
        return not (self.broken_pools or in_vain) and all(supply.healthy for supply in self.supplies)

    def of(self, mechanism: Mechanism) -> tuple[Supply, ...]:
        """The supplies of one mechanism."""
        return tuple(supply for supply in self.supplies if supply.mechanism is mechanism)

    def sampled(self, *, nodes_per_class: int) -> tuple[Supply, ...]:
        """The supplies on the first nodes of each class: every class is tried, not every node of a large cluster."""
        chosen = {name for group in self.node_classes for name in group.nodes[:nodes_per_class]}
        return tuple(supply for supply in self.supplies if supply.node in chosen)

    def seen(self) -> str:
        """The supplies in words, the first of them where they are many; else what was looked for."""
        return "; ".join(names.first(map(str, self.supplies), noun="supplies")) or self.nothing_found()

    def nothing_found(self) -> str:
        """A sentence for a cluster on which no accelerator can be used: what was looked for, what was seen instead."""
        looked = "looked for " + "; ".join(self.looked_for)
        return f"no accelerator can be used ({looked})" + "".join(
            f"; {problem}" for problem in names.first(self.problems, noun="problems")
        )
