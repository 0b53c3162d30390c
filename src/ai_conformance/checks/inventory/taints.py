"""Taints of nodes with accelerators: those that a workload for such a node tolerates, and those that keep all off.

Owners taint these nodes as they like (``nvidia.com/gpu``, ``dedicated=ml``, a team's name), so that nobody is placed
there by chance. Our pods are there on purpose, for a moment, so they tolerate what their node had when it was looked
at, exactly that and on no other node. What Kubernetes, a cloud or an autoscaler says of a node that is not fit, or is
about to go, is not tolerated, and neither is a control plane: such a node counts as one that takes no pods.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ai_conformance.checks.inventory.model import Supply

Object = Mapping[str, Any]
REPELLENT = frozenset({"NoSchedule", "NoExecute"})
_KEEP_OFF = (
    "node.kubernetes.io/",
    "node.cloudprovider.kubernetes.io/",
    "node-role.kubernetes.io/",
    "node.cluster.x-k8s.io/",
    "karpenter.sh/",
    "ToBeDeletedByClusterAutoscaler",
    "DeletionCandidateOfClusterAutoscaler",
)
"""Beginnings of keys. Source: documentation of Kubernetes (well-known taints), Karpenter, Cluster API, autoscaler."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Taint:
    """One taint of a node."""

    key: str
    value: str = ""
    effect: str

    @property
    def toleration(self) -> dict[str, str]:
        """Of this taint and of no other."""
        return {"key": self.key, "operator": "Equal", "value": self.value, "effect": self.effect}

    def __str__(self) -> str:
        return f"{self.key}{f'={self.value}' if self.value else ''}:{self.effect}"


def of(node: Object) -> tuple[Taint, ...]:
    """A node's taints that keep pods away."""
    found: Sequence[Object] = (node.get("spec") or {}).get("taints") or ()
    return tuple(
        Taint(key=str(one["key"]), value=str(one.get("value") or ""), effect=str(one["effect"]))
        for one in found
        if one.get("effect") in REPELLENT
    )


def tolerable(node: Object) -> tuple[Taint, ...]:
    """Those of a node's taints that a workload for it tolerates."""
    return tuple(one for one in of(node) if not one.key.startswith(_KEEP_OFF))


def closing(node: Object) -> list[str]:
    """Those that keep every workload off."""
    return [str(one) for one in of(node) if one.key.startswith(_KEEP_OFF)]


def tolerations(supply: Supply) -> list[dict[str, str]]:
    """For the taints of the supply's vendor, whatever their value and effect, and for those of its node."""
    by_vendor = supply.vendor.taints if supply.vendor is not None else ()
    return [
        *({"key": key, "operator": "Exists"} for key in by_vendor),
        *(one.toleration for one in supply.taints if one.key not in by_vendor),
    ]


def untolerated(node: Object, *, supply: Supply) -> list[str]:
    """Taints of a node, as it is now, that pods of a supply do not tolerate."""
    by_vendor = supply.vendor.taints if supply.vendor is not None else ()
    return [str(one) for one in of(node) if one.key not in by_vendor and one not in supply.taints]
