"""Take the inventory: read nodes, slices, classes, claims and, where it matters, pods once, and put them together.

Any answer but "not found" on a read is an error and goes up as one: it never means that something is absent.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from ai_conformance.checks.inventory import device_plugin, dra, facts, selectors
from ai_conformance.checks.inventory.model import Device, Inventory, Mechanism, NodeClass, Supply
from ai_conformance.checks.options import AllocationMode
from ai_conformance.kube import listing, resources
from ai_conformance.model import names

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog, Vendor
    from ai_conformance.checks.options import Options
    from ai_conformance.kube.resources import Resource
    from ai_conformance.kube.session import Session

_Kept = TypeVar("_Kept")
Object = Mapping[str, Any]
GROUP = "resource.k8s.io"


# Objects in a page: of nodes and slices, which are large, as many as one can hold beside each other.
_PAGE_OF_LARGE = 250
_PAGE = 500
_LIVE_PODS = "spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed"


async def take(session: Session, *, catalog: Catalog, options: Options) -> Inventory:
    """The accelerators of the cluster behind a session."""
    discovery = await session.discover()
    kinds = [discovery.find(GROUP, kind) for kind in ("ResourceSlice", "DeviceClass", "ResourceClaim")]
    slice_kind, class_kind, claim_kind = kinds
    of_dra = options.allocation_mode is not AllocationMode.DEVICE_PLUGIN
    of_plugins = options.allocation_mode is not AllocationMode.DRA

    async def everything(
        kind: Resource | None, keep: Callable[[Any], _Kept | None], *, limit: int = _PAGE, fields: str | None = None
    ) -> Sequence[_Kept]:
        if kind is None:
            return ()
        return (await listing.collect(session, kind, keep=keep, limit=limit, field_selector=fields)).items

    nodes, slices, classes, claims = await asyncio.gather(
        everything(resources.NODE, facts.of_node, limit=_PAGE_OF_LARGE),
        everything(slice_kind if of_dra else None, facts.of_slice, limit=_PAGE_OF_LARGE),
        everything(class_kind, lambda item: item),
        everything(claim_kind if of_dra else None, facts.of_claim),
    )
    known = _known_resources(catalog)
    held: Sequence[facts.Held] = ()
    # There are far more pods than anything else, and nothing else is read of them.
    if of_plugins and any(name in known for node in nodes for name in (*node.allocatable, *node.capacity)):
        held = await everything(resources.POD, facts.of_pod, fields=_LIVE_PODS)
    return build(
        nodes=nodes,
        held=held,
        slices=slices,
        classes=classes,
        taken={one for claim in claims for one in claim},
        catalog=catalog,
        options=options,
        dra_served=None not in kinds,
    )


def build(
    *,
    nodes: Sequence[facts.NodeFacts],
    held: Sequence[facts.Held],
    slices: Sequence[facts.SliceFacts],
    classes: Sequence[Object],
    taken: set[tuple[str, str, str]],
    catalog: Catalog,
    options: Options,
    dra_served: bool,
) -> Inventory:
    """The inventory from what was read; pure.

    ``held`` are the extended resources of pods, ``taken`` the devices of claims.
    """
    usable = {node.name: node for node in nodes if node.usable}
    problems: list[str] = []
    others = [node.name for node in nodes if not node.usable]
    if others:
        one = len(others) == 1
        problems.append(
            f"node{'' if one else 's'} {names.several(others)} {'is' if one else 'are'} not Ready or not schedulable"
        )
    closed: dict[str, list[str]] = collections.defaultdict(list)
    for node in nodes:
        if node.usable and node.closing:
            closed[", ".join(node.closing)].append(node.name)
    for taint, on in closed.items():
        one = len(on) == 1
        problems.append(
            f"node{'' if one else 's'} {names.several(on)} {'has' if one else 'have'} the taint {taint}, "
            "which keeps workloads away"
        )
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
        placement = dra.placed(slices, nodes={name: node.labels for name, node in usable.items()})
        broken_pools = placement.broken_pools
        unusable += (*broken_pools, *placement.unusable_devices)
        supplies += _dra_supplies(
            placement.found, classes=classes, taken=taken, catalog=catalog, unusable=unusable, unknown=unknown
        )
        problems += unusable
    if options.allocation_mode is not AllocationMode.DRA:
        served_by_dra = {
            item["spec"]["extendedResourceName"] for item in classes if item["spec"].get("extendedResourceName")
        }
        known = _known_resources(catalog)
        looked_for.append("allocatable extended resources " + ", ".join(sorted(known)))
        supplies += device_plugin.supplies(usable, held=held, known=known, served_by_dra=served_by_dra)
        unknown += device_plugin.unknown(usable, known=known, served_by_dra=served_by_dra)
    wanted = options.accelerator_type
    if wanted:
        looked_for.append(f"only {wanted}, as asked for")
        supplies = [one for one in supplies if wanted in (one.name, one.driver, one.vendor.name if one.vendor else "")]
    # What is there and cannot be tried is no fault of its driver.
    supplies = [
        dataclasses.replace(one, taints=usable[one.node].taints) for one in supplies if not usable[one.node].closing
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


def _known_resources(catalog: Catalog) -> Mapping[str, Vendor]:
    return {name: vendor for vendor in catalog.vendors for name in vendor.extended_resources}


def _vendor(driver: str, *, catalog: Catalog) -> Vendor | None:
    return next((vendor for vendor in catalog.vendors if driver in vendor.dra_drivers), None)


def _dra_supplies(
    found: Sequence[dra.Placed],
    *,
    classes: Sequence[Object],
    taken: set[tuple[str, str, str]],
    catalog: Catalog,
    unusable: list[str],
    unknown: list[str],
) -> list[Supply]:
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
        supplies += _of_driver(chosen, driver=driver, name=best, vendor=vendor, taken=taken)
    for item in classes:
        name = item["metadata"]["name"]
        known = next((v for v in catalog.vendors if name in v.device_classes), None)
        selects = (selectors.selected(one.device, device_class=item) is not False for one in found)
        if known is not None and not any(supply.name == name for supply in supplies) and not any(selects):
            unusable.append(f"DeviceClass {name} is there, but no device of a complete pool is selected by it")
    return supplies


def _of_driver(
    chosen: Sequence[dra.Placed], *, driver: str, name: str, vendor: Vendor, taken: set[tuple[str, str, str]]
) -> Iterator[Supply]:
    """The supply of each node; nodes that reach the same devices (of a fabric, perhaps) share one record of them."""
    by_place: dict[frozenset[str], list[Device]] = collections.defaultdict(list)
    for one in chosen:
        by_place[one.nodes].append(one.device)
    places_of: dict[str, list[frozenset[str]]] = collections.defaultdict(list)
    for place in by_place:
        for node in place:
            places_of[node].append(place)
    known: dict[tuple[frozenset[str], ...], tuple[tuple[Device, ...], frozenset[str]]] = {}
    for node, places in sorted(places_of.items()):
        key = tuple(places)
        if key not in known:
            devices = tuple(device for place in places for device in by_place[place])
            free = frozenset(one.name for one in devices if (driver, one.pool, one.name) not in taken)
            known[key] = (devices, free)
        devices, free = known[key]
        yield Supply(
            mechanism=Mechanism.DRA,
            node=node,
            name=name,
            driver=driver,
            vendor=vendor,
            devices=devices,
            total=len(devices),
            free=len(free),
            free_devices=free,
        )


def _class_for(placed: Sequence[dra.Placed], *, classes: Sequence[Object]) -> tuple[str | None, list[dra.Placed]]:
    """The DeviceClass that selects most of a driver's devices, the plainest name first among equals."""
    best: tuple[int, str, list[dra.Placed]] | None = None
    for item in sorted(classes, key=lambda one: (len(one["metadata"]["name"]), one["metadata"]["name"])):
        chosen = [one for one in placed if selectors.selected(one.device, device_class=item) is not False]
        if chosen and (best is None or len(chosen) > best[0]):
            best = (len(chosen), item["metadata"]["name"], chosen)
    return (best[1], best[2]) if best else (None, [])


def node_classes(supplies: Sequence[Supply], *, nodes: Mapping[str, facts.NodeFacts]) -> tuple[NodeClass, ...]:
    """Nodes grouped by what may make them behave differently: machine, system, runtime, accelerators and driver."""
    of_node: dict[str, list[Supply]] = collections.defaultdict(list)
    for supply in supplies:
        of_node[supply.node].append(supply)
    groups: dict[str, list[str]] = collections.defaultdict(list)
    for name, mine in sorted(of_node.items()):
        node = nodes[name]
        kinds = sorted({f"{supply.total} {supply.name}" for supply in mine})
        products = sorted({value for supply in mine for value in _products(supply.devices)})
        parts = [node.machine, *products, *kinds, *node.system]
        groups[", ".join(part for part in parts if part)].append(name)
    return tuple(NodeClass(description=text, nodes=tuple(members)) for text, members in sorted(groups.items()))


def _products(devices: Sequence[Device]) -> Iterator[str]:
    for one in devices:
        for name in ("productName", "model", "driverVersion"):
            value = one.attribute(name)
            if value is not None:
                yield str(value)
