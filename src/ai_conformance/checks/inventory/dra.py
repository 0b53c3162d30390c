"""What ResourceSlices, DeviceClasses and ResourceClaims say about usable devices (resource.k8s.io, KEP-4381).

Pure functions over objects of the API. Per driver and pool only the slices of the highest generation count, and only
when all of them are there (pool.resourceSliceCount, on which they have to agree); a DeviceClass selects by CEL.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ai_conformance.checks.inventory import selectors
from ai_conformance.checks.inventory.model import Device
from ai_conformance.model import names

if TYPE_CHECKING:
    from ai_conformance.checks.inventory.facts import SliceFacts

Object = Mapping[str, Any]

_EFFECTS = {"NoSchedule", "NoExecute"}


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
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
    value = next(iter(box.values()), None)
    return sys.intern(value) if type(value) is str else value


def device(raw: Mapping[str, Any], *, driver: str, pool: str) -> Device:
    """A device of a slice; v1beta1 wraps its fields in `basic`."""
    fields = {**raw, **raw.get("basic", {})}
    attributes = {_qualified(key, driver): _value(box) for key, box in fields.get("attributes", {}).items()}
    capacity = tuple(
        (_qualified(key, driver), str(box.get("value", "") if isinstance(box, Mapping) else box))
        for key, box in fields.get("capacity", {}).items()
    )
    tainted = any(taint.get("effect") in _EFFECTS for taint in fields.get("taints", ()))
    return Device(
        name=sys.intern(raw["name"]),
        driver=driver,
        pool=pool,
        attributes=attributes,
        capacity=_shared(capacity),
        tainted=tainted,
    )


# Tens of thousands of devices have the same names of attributes, the same products and capacities: each is kept once.


@functools.lru_cache(maxsize=4096)
def _qualified(key: str, driver: str) -> str:
    return key if "/" in key else f"{driver}/{key}"


@functools.lru_cache(maxsize=4096)
def _shared(capacity: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    return dict(capacity)


def placed(slices: Iterable[SliceFacts], *, nodes: Mapping[str, Mapping[str, str]]) -> Placement:
    """The devices of complete pools with their nodes, and what does not count. ``nodes`` are labels by name."""
    pools: dict[tuple[str, str], list[SliceFacts]] = collections.defaultdict(list)
    for item in slices:
        pools[item.driver, item.pool].append(item)
    reach = selectors.Reach(nodes)
    found: list[Placed] = []
    broken: list[str] = []
    unusable: list[str] = []
    for (driver, pool), members in sorted(pools.items()):
        newest = max(item.generation for item in members)
        current = [item for item in members if item.generation == newest]
        counts = {item.count for item in current}
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
            found += _of_slice(item, reach=reach, problems=unusable)
    return Placement(
        found=tuple(found),
        broken_pools=names.first(broken, noun="pools"),
        unusable_devices=names.first(unusable, noun="slices"),
    )


def _of_slice(item: SliceFacts, *, reach: selectors.Reach, problems: list[str]) -> Iterable[Placed]:
    tainted: list[str] = []
    out_of_reach: list[str] = []
    for one, own_place in item.devices:
        nodes = reach.of(item.place if own_place is None else own_place)
        if one.tainted:
            tainted.append(one.name)
        elif not nodes:
            out_of_reach.append(one.name)
        else:
            yield Placed(device=one, nodes=nodes)
    where = f"of pool {item.pool} of driver {item.driver}"
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
