"""What ResourceSlices, DeviceClasses and ResourceClaims say about usable devices (resource.k8s.io, KEP-4381).

Pure functions over objects of the API. Per driver and pool only the slices of the highest generation count, and only
when all of them are there (pool.resourceSliceCount, on which they have to agree); a DeviceClass selects by CEL.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ai_conformance.checks.inventory import selectors
from ai_conformance.checks.inventory.model import Device

Object = Mapping[str, Any]

_EFFECTS = {"NoSchedule", "NoExecute"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Placed:
    """A device and the nodes it can be reached from."""

    device: Device
    nodes: frozenset[str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Placement:
    """What the slices come to."""

    found: tuple[Placed, ...]
    broken_pools: tuple[str, ...]
    """A sentence for each pool that does not count."""
    unusable_devices: tuple[str, ...]
    """A sentence for each device of a pool that counts, which itself does not."""


def _value(box: Mapping[str, Any]) -> object:
    # An attribute is a box with one of: bool, int, string, version, and lists of these.
    return next(iter(box.values()), None)


def device(raw: Mapping[str, Any], *, driver: str, pool: str) -> Device:
    """A device of a slice; v1beta1 wraps its fields in `basic`."""
    fields = {**raw, **raw.get("basic", {})}
    attributes = {
        key if "/" in key else f"{driver}/{key}": _value(box) for key, box in fields.get("attributes", {}).items()
    }
    capacity = {
        key if "/" in key else f"{driver}/{key}": str(box.get("value", "") if isinstance(box, Mapping) else box)
        for key, box in fields.get("capacity", {}).items()
    }
    tainted = any(taint.get("effect") in _EFFECTS for taint in fields.get("taints", ()))
    return Device(name=raw["name"], driver=driver, pool=pool, attributes=attributes, capacity=capacity, tainted=tainted)


def placed(slices: Sequence[Object], *, nodes: Mapping[str, Object]) -> Placement:
    """The devices of complete pools with their nodes, and what does not count."""
    pools: dict[tuple[str, str], list[Object]] = collections.defaultdict(list)
    for item in slices:
        pools[item["spec"]["driver"], item["spec"]["pool"]["name"]].append(item)
    found: list[Placed] = []
    broken: list[str] = []
    unusable: list[str] = []
    for (driver, pool), members in sorted(pools.items()):
        newest = max(item["spec"]["pool"]["generation"] for item in members)
        current = [item for item in members if item["spec"]["pool"]["generation"] == newest]
        counts = {item["spec"]["pool"]["resourceSliceCount"] for item in current}
        where = f"pool {pool} of driver {driver}"
        if len(counts) > 1:
            broken.append(f"{where}: the slices of generation {newest} disagree on their number ({sorted(counts)})")
            continue
        if len(current) != next(iter(counts)):
            stale = len(members) - len(current)
            older = f"; {stale} of an older generation do not count" if stale else ""
            broken.append(
                f"{where}: generation {newest} is incomplete ({len(current)} of {next(iter(counts))} slices){older}"
            )
            continue
        for item in current:
            found += _of_slice(item, driver=driver, pool=pool, nodes=nodes, problems=unusable)
    return Placement(found=tuple(found), broken_pools=tuple(broken), unusable_devices=tuple(unusable))


def _of_slice(
    item: Object, *, driver: str, pool: str, nodes: Mapping[str, Object], problems: list[str]
) -> Iterable[Placed]:
    spec = item["spec"]
    tainted: list[str] = []
    out_of_reach: list[str] = []
    for raw in spec.get("devices", ()):
        one = device(raw, driver=driver, pool=pool)
        place = {**raw, **raw.get("basic", {})} if spec.get("perDeviceNodeSelection") else spec
        names = selectors.nodes_of(place, nodes=nodes)
        if one.tainted:
            tainted.append(one.name)
        elif not names:
            out_of_reach.append(one.name)
        else:
            yield Placed(device=one, nodes=names)
    where = f"of pool {pool} of driver {driver}"
    if tainted:
        problems.append(f"devices {where} have a taint that keeps workloads away: {', '.join(tainted)}")
    if out_of_reach:
        problems.append(
            f"devices {where} cannot be reached from any Ready, schedulable node: {', '.join(out_of_reach)}"
        )


def allocated(claims: Iterable[Object]) -> set[tuple[str, str, str]]:
    """(driver, pool, device) of everything that is allocated to a claim, admin access left out."""
    return {
        (result["driver"], result["pool"], result["device"])
        for claim in claims
        for result in claim.get("status", {}).get("allocation", {}).get("devices", {}).get("results", ())
        if not result.get("adminAccess")
    }
