"""The pool that is tried: a label of its nodes, and the kind of accelerator that it is asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes
from ai_conformance.checks.inventory import Mechanism, Supply
from ai_conformance.checks.options import AllocationMode

if TYPE_CHECKING:
    from ai_conformance.catalog import Autoscaler, Vendor
    from ai_conformance.checks.inventory import Inventory
    from ai_conformance.checks.options import Options

Object = Mapping[str, Any]
_SHOWN = 5
"""Labels in a message."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pool:
    """Nodes that bear one label with one value."""

    key: str
    value: str
    autoscaler: Autoscaler | None
    """Whose pool it is, where the label tells."""
    declared: Object | None = None
    """The object that declares it, where there is one."""

    @property
    def selector(self) -> dict[str, str]:
        """The node selector that nothing but the pool satisfies."""
        return {self.key: self.value}

    def has(self, node: Object) -> bool:
        """Whether a node is of the pool."""
        return (node["metadata"].get("labels") or {}).get(self.key) == self.value

    def __str__(self) -> str:
        return f"pool {self.key}={self.value}"


def named(label: str, *, known: Sequence[Autoscaler], declared: Sequence[tuple[Autoscaler, Object]]) -> Pool:
    """The pool that the user names as ``KEY=VALUE``."""
    key, _, value = label.partition("=")
    owner = next((one for one in known if one.pool_label == key), None)
    obj = next((obj for one, obj in declared if one is owner and obj["metadata"]["name"] == value), None)
    return Pool(key=key, value=value, autoscaler=owner, declared=obj)


def found(
    declared: Sequence[tuple[Autoscaler, Object]],
    *,
    nodes: Sequence[Object],
    vendors: Sequence[Vendor],
    pool_labels: Sequence[str] = (),
) -> Pool:
    """The one declared pool of accelerator nodes. Raises Blocked where the user has to choose."""
    pools = [
        Pool(key=one.pool_label, value=obj["metadata"]["name"], autoscaler=one, declared=obj) for one, obj in declared
    ]
    accelerated = [pool for pool in pools if _vendors_of(pool, nodes=nodes, vendors=vendors)]
    candidates = accelerated or pools
    if len(candidates) == 1:
        return candidates[0]
    seen = ", ".join(f"{pool.key}={pool.value}" for pool in candidates)
    if not candidates:
        labels = [node["metadata"].get("labels") or {} for node in nodes]
        there = {f"{key}={each[key]}" for each in labels for key in pool_labels if key in each}
        seen = ", ".join(sorted(there)[:_SHOWN])
    what = "several pools could have accelerators" if candidates else "no pool of nodes is declared in the API"
    raise outcomes.Blocked(
        f"{what}{f' (seen: {seen})' if seen else ''}: name the one to try with --autoscaler-node-pool-label KEY=VALUE, "
        "a label that all of its nodes have and no other"
    )


def kinds(
    pool: Pool,
    *,
    inventory: Inventory,
    nodes: Sequence[Object],
    vendors: Sequence[Vendor],
    classes: Sequence[Object],
    options: Options,
) -> tuple[Supply, ...]:
    """One supply for each kind of accelerator and mechanism that the pool can be asked for.

    What its nodes have counts, else what the pool's declaration tells of, else what the cluster has elsewhere. Raises
    Blocked where nothing tells.
    """
    members = {node["metadata"]["name"] for node in nodes if pool.has(node)}
    usable = [one for one in inventory.supplies if one.vendor is not None]
    own = [one for one in usable if one.node in members]
    declared = _vendors_of(pool, nodes=(), vendors=vendors)
    elsewhere = [one for one in usable if not declared or one.vendor in declared]
    for choice in (own, elsewhere):
        if choice:
            return tuple({(one.mechanism, one.name): _of_pool(one) for one in choice}.values())
    made = [supply for vendor in declared for supply in _announced(vendor, classes=classes, options=options)]
    if not made:
        raise outcomes.Blocked(
            f"nothing tells which accelerator {pool} offers: it has no node, its declaration names none of a known "
            f"vendor, and {inventory.nothing_found()}"
        )
    return tuple(made)


def _of_pool(supply: Supply) -> Supply:
    return Supply(
        mechanism=supply.mechanism,
        node="",
        name=supply.name,
        driver=supply.driver,
        vendor=supply.vendor,
        total=0,
        free=0,
    )


def _announced(vendor: Vendor, *, classes: Sequence[Object], options: Options) -> list[Supply]:
    """What a vendor's accelerators are asked for by, where the cluster has none yet."""
    there = {one["metadata"]["name"] for one in classes}
    made = []
    if options.allocation_mode is not AllocationMode.DEVICE_PLUGIN:
        made += [
            Supply(
                mechanism=Mechanism.DRA,
                node="",
                name=name,
                driver=vendor.dra_drivers[0],
                vendor=vendor,
                total=0,
                free=0,
            )
            for name in vendor.device_classes[:1]
            if name in there and vendor.dra_drivers
        ]
    if options.allocation_mode is not AllocationMode.DRA and not made:
        made += [
            Supply(mechanism=Mechanism.DEVICE_PLUGIN, node="", name=name, vendor=vendor, total=0, free=0)
            for name in vendor.extended_resources[:1]
        ]
    return made


def _vendors_of(pool: Pool, *, nodes: Sequence[Object], vendors: Sequence[Vendor]) -> list[Vendor]:
    """Those whose taints or labels the pool's declaration has, or whose extended resources its nodes have."""
    template = ((pool.declared or {}).get("spec") or {}).get("template") or {}
    taints = {taint["key"] for taint in (template.get("spec") or {}).get("taints") or ()}
    labels = set((template.get("metadata") or {}).get("labels") or {})
    offered = {name for node in nodes if pool.has(node) for name in (node.get("status") or {}).get("allocatable") or {}}
    return [
        vendor
        for vendor in vendors
        if taints.intersection(vendor.taints)
        or vendor.node_labels.presence in labels
        or offered.intersection(vendor.extended_resources)
    ]


def foreign_taints(pool: Pool, *, vendor: Vendor) -> list[str]:
    """Taints of the declared pool that its nodes keep and that no workload with this accelerator tolerates."""
    template = ((pool.declared or {}).get("spec") or {}).get("template") or {}
    return [
        f"{taint['key']}:{taint['effect']}"
        for taint in (template.get("spec") or {}).get("taints") or ()
        if taint["key"] not in vendor.taints and taint["effect"] != "PreferNoSchedule"
    ]
