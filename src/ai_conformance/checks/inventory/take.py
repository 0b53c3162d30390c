"""Take the inventory: read nodes, pods, slices, classes and claims once, and put them together.

Any answer but "not found" on a read is an error and goes up as one: it never means that something is absent.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks.inventory import device_plugin, dra, selectors, taints
from ai_conformance.checks.inventory.model import Inventory, Mechanism, NodeClass, Supply
from ai_conformance.checks.options import AllocationMode
from ai_conformance.kube import resources

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog, Vendor
    from ai_conformance.checks.options import Options
    from ai_conformance.kube.session import Session

Object = Mapping[str, Any]
GROUP = "resource.k8s.io"


async def take(session: Session, *, catalog: Catalog, options: Options) -> Inventory:
    """The accelerators of the cluster behind a session."""
    discovery = await session.discover()
    kinds = [discovery.find(GROUP, kind) for kind in ("ResourceSlice", "DeviceClass", "ResourceClaim")]
    slice_kind, class_kind, claim_kind = kinds

    async def everything(kind: Any) -> Sequence[Object]:
        return () if kind is None else (await session.list(kind)).items

    nodes, pods, slices, classes, claims = await asyncio.gather(
        everything(resources.NODE),
        everything(resources.POD),
        everything(slice_kind),
        everything(class_kind),
        everything(claim_kind),
    )
    return build(
        nodes=nodes,
        pods=pods,
        slices=slices,
        classes=classes,
        claims=claims,
        catalog=catalog,
        options=options,
        dra_served=None not in kinds,
    )


def build(
    *,
    nodes: Sequence[Object],
    pods: Sequence[Object],
    slices: Sequence[Object],
    classes: Sequence[Object],
    claims: Sequence[Object],
    catalog: Catalog,
    options: Options,
    dra_served: bool,
) -> Inventory:
    """The inventory from the objects of the API; pure."""
    usable = {node["metadata"]["name"]: node for node in nodes if is_usable(node)}
    closed = {name: closing for name, node in usable.items() if (closing := taints.closing(node))}
    problems = [
        f"node {node['metadata']['name']} is not Ready or not schedulable" for node in nodes if not is_usable(node)
    ]
    problems += [
        f"node {name} has the taint {', '.join(closing)}, which keeps workloads away"
        for name, closing in closed.items()
    ]
    supplies: list[Supply] = []
    unusable: list[str] = []
    unknown: list[str] = []
    broken_pools: tuple[str, ...] = ()
    looked_for: list[str] = []
    if options.allocation_mode is not AllocationMode.DEVICE_PLUGIN:
        looked_for.append(
            f"devices of ResourceSlices that a DeviceClass selects ({len(slices)} slices, {len(classes)} classes)"
        )
        if not dra_served:
            problems.append(f"the API group {GROUP} is not served in full")
        placement = dra.placed(slices, nodes=usable)
        broken_pools = placement.broken_pools
        unusable += (*broken_pools, *placement.unusable_devices)
        supplies += _dra_supplies(
            placement.found, classes=classes, claims=claims, catalog=catalog, unusable=unusable, unknown=unknown
        )
        problems += unusable
    if options.allocation_mode is not AllocationMode.DRA:
        served_by_dra = {
            item["spec"]["extendedResourceName"] for item in classes if item["spec"].get("extendedResourceName")
        }
        known = {name: vendor for vendor in catalog.vendors for name in vendor.extended_resources}
        looked_for.append("allocatable extended resources " + ", ".join(sorted(known)))
        supplies += device_plugin.supplies(usable, pods=pods, known=known, served_by_dra=served_by_dra)
        unknown += device_plugin.unknown(usable, known=known, served_by_dra=served_by_dra)
    wanted = options.accelerator_type
    if wanted:
        looked_for.append(f"only {wanted}, as asked for")
        supplies = [one for one in supplies if wanted in (one.name, one.driver, one.vendor.name if one.vendor else "")]
    # What is there and cannot be tried is no fault of its driver.
    supplies = [
        dataclasses.replace(one, taints=taints.tolerable(usable[one.node]))
        for one in supplies
        if one.node not in closed
    ]
    supplies.sort(key=lambda one: (one.node, one.mechanism, one.name))
    return Inventory(
        supplies=tuple(supplies),
        node_classes=node_classes(supplies, nodes=usable),
        problems=(*problems, *unknown),
        broken_pools=broken_pools,
        unusable=tuple(unusable),
        unrecognised=tuple(unknown),
        looked_for=tuple(looked_for),
        dra_served=dra_served,
    )


def is_usable(node: Object) -> bool:
    """Whether a node is Ready and takes pods; what of its taints is tolerated is `taints`' business."""
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in node.get("status", {}).get("conditions", ()))
    return ready and not node.get("spec", {}).get("unschedulable", False)


def _vendor(driver: str, *, catalog: Catalog) -> Vendor | None:
    return next((vendor for vendor in catalog.vendors if driver in vendor.dra_drivers), None)


def _dra_supplies(
    found: Sequence[dra.Placed],
    *,
    classes: Sequence[Object],
    claims: Sequence[Object],
    catalog: Catalog,
    unusable: list[str],
    unknown: list[str],
) -> list[Supply]:
    taken = dra.allocated(claims)
    by_driver: dict[str, list[dra.Placed]] = collections.defaultdict(list)
    for one in found:
        by_driver[one.device.driver].append(one)
    supplies: list[Supply] = []
    for driver, placed in sorted(by_driver.items()):
        vendor = _vendor(driver, catalog=catalog)
        if vendor is None:
            unknown.append(
                f"driver {driver} publishes {len(placed)} devices but is not known as an accelerator's driver"
            )
            continue
        best, chosen = _class_for(placed, classes=classes)
        if best is None:
            unusable.append(f"driver {driver} publishes {len(placed)} devices but no DeviceClass selects any of them")
            continue
        by_node: dict[str, list[dra.Placed]] = collections.defaultdict(list)
        for one in chosen:
            for node in one.nodes:
                by_node[node].append(one)
        for node, members in sorted(by_node.items()):
            free = {m.device.name for m in members if (driver, m.device.pool, m.device.name) not in taken}
            supplies.append(
                Supply(
                    mechanism=Mechanism.DRA,
                    node=node,
                    name=best,
                    driver=driver,
                    vendor=vendor,
                    devices=tuple(m.device for m in members),
                    total=len(members),
                    free=len(free),
                    free_devices=frozenset(free),
                )
            )
    for item in classes:
        name = item["metadata"]["name"]
        known = next((v for v in catalog.vendors if name in v.device_classes), None)
        selects = (selectors.selected(one.device, device_class=item) is not False for one in found)
        if known is not None and not any(supply.name == name for supply in supplies) and not any(selects):
            unusable.append(f"DeviceClass {name} is there, but no device of a complete pool is selected by it")
    return supplies


def _class_for(placed: Sequence[dra.Placed], *, classes: Sequence[Object]) -> tuple[str | None, list[dra.Placed]]:
    """The DeviceClass that selects most of a driver's devices, the plainest name first among equals."""
    best: tuple[int, str, list[dra.Placed]] | None = None
    for item in sorted(classes, key=lambda one: (len(one["metadata"]["name"]), one["metadata"]["name"])):
        chosen = [one for one in placed if selectors.selected(one.device, device_class=item) is not False]
        if chosen and (best is None or len(chosen) > best[0]):
            best = (len(chosen), item["metadata"]["name"], chosen)
    return (best[1], best[2]) if best else (None, [])


def node_classes(supplies: Sequence[Supply], *, nodes: Mapping[str, Object]) -> tuple[NodeClass, ...]:
    """Nodes grouped by what may make them behave differently: machine, system, runtime, accelerators and driver."""
    groups: dict[str, list[str]] = collections.defaultdict(list)
    for name in sorted({supply.node for supply in supplies}):
        node = nodes[name]
        info = node.get("status", {}).get("nodeInfo", {})
        mine = [supply for supply in supplies if supply.node == name]
        kinds = sorted({f"{supply.total} {supply.name}" for supply in mine})
        products = sorted(
            {
                str(value)
                for supply in mine
                for one in supply.devices
                for value in (one.attribute("productName"), one.attribute("model"), one.attribute("driverVersion"))
                if value is not None
            }
        )
        machine = node["metadata"].get("labels", {}).get("node.kubernetes.io/instance-type", "")
        system = [info.get(key, "") for key in ("architecture", "osImage", "kernelVersion", "containerRuntimeVersion")]
        parts = [machine, *products, *kinds, *system]
        groups[", ".join(part for part in parts if part)].append(name)
    return tuple(NodeClass(description=text, nodes=tuple(names)) for text, names in sorted(groups.items()))
