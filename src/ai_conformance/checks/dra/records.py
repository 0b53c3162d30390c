"""What a claim says it was allocated, and whether that is what a container was given; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import device_probe, identity, outcomes

if TYPE_CHECKING:
    from ai_conformance.checks.inventory import Device, Supply

Object = Mapping[str, Any]


def devices(claim: Object) -> list[tuple[str, str, str]]:
    """(driver, pool, device) of what a claim is allocated."""
    results = claim.get("status", {}).get("allocation", {}).get("devices", {}).get("results", ())
    return [(one["driver"], one["pool"], one["device"]) for one in results]


def reserved_for(claim: Object) -> set[str]:
    """UIDs of those that may use a claim now."""
    return {one["uid"] for one in claim.get("status", {}).get("reservedFor", ())}


def in_inventory(claim: Object, *, supply: Supply) -> Device:
    """The device of the supply that a claim is allocated. Raises Failed if it is not exactly one of them."""
    name, found = claim["metadata"]["name"], devices(claim)
    known = {(one.driver, one.pool, one.name): one for one in supply.devices}
    if len(found) != 1:
        raise outcomes.Failed(f"claim {name} asks for one device and is allocated {len(found)}: {found}")
    if found[0] not in known:
        raise outcomes.Failed(
            f"claim {name} is allocated device {'/'.join(found[0])}, which no complete pool offers on node "
            f"{supply.node} (offered: {', '.join(sorted(one.name for one in supply.devices))})"
        )
    return known[found[0]]


def must_be(seen: device_probe.Seen, *, device: Device, supply: Supply) -> str:
    """The container sees exactly the device; how that was told. Raises Failed, NotTested where nothing tells."""
    if len(seen.devices) != 1:
        raise outcomes.Failed(f"the container was allocated device {device.name} alone and sees: {seen}")
    one = seen.devices[0]
    if not one.is_device_node or one.opened is not device_probe.Opened.OK:
        raise outcomes.Failed(f"the container was allocated device {device.name} and cannot use what it sees: {one}")
    assert supply.vendor is not None
    agreement, words = identity.summary(identity.compare(one, device=device, vendor=supply.vendor))
    match agreement:
        case identity.Agreement.DIFFERS:
            raise outcomes.Failed(
                f"the claim is allocated device {device.name} of node {supply.node}, but the container was given "
                f"another: {words}"
            )
        case identity.Agreement.UNKNOWN:
            raise outcomes.NotTested(
                f"the container sees one usable device ({one}), but nothing tells whether it is the allocated "
                f"{device.name}: {words}"
            )
        case identity.Agreement.AGREES:
            return f"{one.path} in the container is the allocated device {device.name} ({words})"
