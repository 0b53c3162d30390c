"""The pods of the check: who holds an accelerator on a node, and who must not see it.

For each supply a pod `first` (its init container and its container `sibling` have no claim) and a pod `second`. For
each node, whatever the mechanism, a pod `plain` without a request, with containers that try a vendor's by-passes, and a
pod `annotated`, alone because an annotation belongs to a whole pod. Everything is created at once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ai_conformance.catalog import Vendor
    from ai_conformance.checks.inventory import Supply

HOLDER, SIBLING, INIT, PLAIN, ENVIRONMENT, VOLUME, ANNOTATED = (
    "holder",
    "sibling",
    "init",
    "plain",
    "environment",
    "volume",
    "annotated",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Site:
    """One supply and its pods, by name."""

    supply: Supply
    vendor: Vendor
    first: str
    second: str | None
    """None where the node has no second accelerator free."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Neighbour:
    """One node and one vendor: the pods there that request nothing."""

    node: str
    vendor: Vendor
    supply: Supply
    """One of the node's supplies: its taints are tolerated."""
    plain: str
    annotated: str
    label: str
    """For the name of a case's variant."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Stage:
    """All that was made."""

    namespace: str
    elsewhere: str
    """A second namespace: of the pods that request nothing, some of which mount a path of the host."""
    sites: tuple[Site, ...]
    neighbours: tuple[Neighbour, ...]
    refused_mounts: dict[str, str] = dataclasses.field(default_factory=dict)
    """By pod: what admission said to the volume-mount list in its host-path form."""
    refused_nodes: dict[str, str] = dataclasses.field(default_factory=dict)
    """By pod: what admission said to containers that may make device nodes; the pod was then made without."""

    def neighbour(self, site: Site) -> Neighbour:
        """The pods without a request beside a supply's."""
        return next(
            one for one in self.neighbours if (one.node, one.vendor.name) == (site.supply.node, site.vendor.name)
        )


def planned(supplies: Sequence[Supply]) -> tuple[tuple[Site, ...], tuple[Neighbour, ...]]:
    """Names for the pods of all supplies; those without a free accelerator get no site."""
    sites: list[Site] = []
    found: dict[tuple[str, str], Neighbour] = {}
    nodes = sorted({supply.node for supply in supplies})
    for index, supply in enumerate(supplies):
        vendor = supply.vendor
        if vendor is None or supply.free < 1:
            continue
        second = f"second-{index}" if supply.free > 1 else None
        sites.append(Site(supply=supply, vendor=vendor, first=f"first-{index}", second=second))
        if (supply.node, vendor.name) in found:
            continue
        place = f"{nodes.index(supply.node)}-{vendor.name}"
        several = any(node == supply.node for node, _ in found)
        found[supply.node, vendor.name] = Neighbour(
            node=supply.node,
            vendor=vendor,
            supply=supply,
            plain=f"plain-{place}",
            annotated=f"annotated-{place}",
            label=f"{supply.node}-{vendor.name}" if several else supply.node,
        )
    return tuple(sites), tuple(found.values())
