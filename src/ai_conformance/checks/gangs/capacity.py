"""Where a gang is tried: one node on which some equal units are free, of accelerators where there are, else of CPU.

A unit is what one member asks for. A gang of all `members` units fits on the node, one unit less and it does not.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ai_conformance.checks.inventory import Mechanism, Supply
from ai_conformance.checks.inventory.facts import is_usable
from ai_conformance.kube import quantities
from ai_conformance.model import names

if TYPE_CHECKING:
    from ai_conformance.checks.inventory import Inventory

Object = Mapping[str, Any]

MOST_MEMBERS = 4
"""More members would prove no more and would hold more of the cluster."""
LEAST_UNIT_MILLIS = 100
"""A smaller share of a core would be lost among what other pods of the cluster take and give back meanwhile."""
SPARE_MILLIS = 100
"""Left to those other pods, and less than a unit: it never makes room for one member more."""
_ENDED = {"Succeeded", "Failed"}
_REPELLENT = {"NoSchedule", "NoExecute"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Capacity:
    """Equal free units on one node."""

    node: str
    supply: Supply | None = None
    """None where the units are CPU."""
    free: int
    unit_millis: int = 1
    """CPU that a member asks for, in thousandths of a core."""
    most: int = MOST_MEMBERS

    @property
    def members(self) -> int:
        """The size of the gang that fits once the surplus is held."""
        return min(self.free, self.most)

    def at_most(self, members: int) -> Capacity:
        """The same place for smaller gangs, where more would not be taken in."""
        return dataclasses.replace(self, most=min(self.most, members))

    @property
    def surplus(self) -> int:
        """Units that are held from the beginning, so that exactly `members` are left."""
        return self.free - self.members

    @property
    def key(self) -> tuple[str, str]:
        """What is reserved."""
        return self.supply.key if self.supply else (self.node, "CPU")

    @property
    def label(self) -> str:
        """For the name of a case's variant."""
        return self.supply.label if self.supply else f"CPU-{self.node}"

    def __str__(self) -> str:
        unit = self.supply.name if self.supply else f"{self.unit_millis}m CPU"
        return f"{self.free} free units of {unit} on node {self.node}"


def of_accelerators(inventory: Inventory) -> list[Capacity]:
    """For each mechanism the node with most free accelerators of one kind, if there are two or more."""
    best: list[Capacity] = []
    for mechanism in Mechanism:
        supplies = sorted(inventory.of(mechanism), key=lambda one: (-one.free, one.node, one.name))
        if supplies and supplies[0].free >= 2:
            first = supplies[0]
            best.append(Capacity(node=first.node, supply=first, free=first.free))
    return best


def of_cpu(nodes: Sequence[Object], *, pods: Sequence[Object]) -> tuple[Capacity | None, list[str]]:
    """The node with most free CPU cut into three units; and what is free on each node, in words."""
    held = _held(pods)
    free = {node["metadata"]["name"]: _free_millis(node, held=held) for node in nodes if _takes_pods(node)}
    most = sorted(free.items(), key=lambda item: (-item[1], item[0]))
    seen = list(names.first((f"{name}: {millis}m" for name, millis in most), noun="nodes"))
    if not free:
        return None, ["no node is Ready, schedulable and free of taints"]
    name = min(free, key=lambda one: (-free[one], one))
    unit = (free[name] - SPARE_MILLIS) // 3
    if unit < LEAST_UNIT_MILLIS:
        return None, seen
    return Capacity(node=name, free=3, unit_millis=unit), seen


def _takes_pods(node: Object) -> bool:
    taints = node.get("spec", {}).get("taints", ())
    return is_usable(node) and not any(taint.get("effect") in _REPELLENT for taint in taints)


def _held(pods: Sequence[Object]) -> Mapping[str, Decimal]:
    """Cores by node that pods which have not ended hold."""
    held: dict[str, Decimal] = collections.defaultdict(Decimal)
    for pod in pods:
        if pod.get("status", {}).get("phase") not in _ENDED:
            held[pod["spec"].get("nodeName", "")] += cpu(pod)
    return held


def _free_millis(node: Object, *, held: Mapping[str, Decimal]) -> int:
    allocatable = quantities.parse(str(node.get("status", {}).get("allocatable", {}).get("cpu", "0")))
    return int((allocatable - held.get(node["metadata"]["name"], Decimal(0))) * 1000)


def cpu(pod: Object) -> Decimal:
    """At most the CPU that a pod holds, in cores: its containers and its init containers, all together.

    Counting too much is harmless here: it leaves the gang smaller units.
    """
    spec = pod["spec"]
    together = sum((_request(one) for one in spec.get("containers", ())), start=Decimal(0))
    before = sum((_request(one) for one in spec.get("initContainers", ())), start=Decimal(0))
    overhead = quantities.parse(str(spec.get("overhead", {}).get("cpu", "0")))
    return together + before + overhead


def _request(container: Object) -> Decimal:
    return quantities.parse(str(container.get("resources", {}).get("requests", {}).get("cpu", "0")))
