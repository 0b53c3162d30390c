"""Whether a pod holds the accelerator that it was granted: for checks that are about something else.

Where a container gets another device than it was granted, or more than one, the cluster is broken in a way that
dra_support and secure_accelerator_access judge. What other checks see there says nothing about what they are for, so
they are BLOCKED by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import device_probe, identity

if TYPE_CHECKING:
    from ai_conformance.catalog import Vendor
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.device_probe import Seen
    from ai_conformance.checks.inventory import Device

_EXEC_S = 60.0
JUDGED_BY = "dra_support and secure_accelerator_access judge that"


async def look(ctx: Context, *, namespace: str, pod: str, container: str, vendor: Vendor) -> Seen:
    """What a running container sees of a vendor's devices.

    Raises:
        ExecFailed: its image has no shell.
    """
    script = device_probe.scan(globs=vendor.device_globs, control=vendor.control_globs)
    done = await ctx.session.exec(namespace, pod, container, ["sh", "-c", script], timeout_s=_EXEC_S)
    return device_probe.parse(done.stdout)


def trouble(seen: Seen) -> str:
    """What is wrong with what a container sees that was granted one accelerator; empty where nothing is."""
    if len(seen.devices) != 1:
        return f"was granted one accelerator and sees {seen}"
    (one,) = seen.devices
    if not one.is_device_node or one.opened is not device_probe.Opened.OK:
        return f"was granted one accelerator and cannot use what it sees: {one}"
    return ""


def contradiction(seen: Seen, *, device: Device | None, identifiers: Sequence[str], vendor: Vendor) -> str:
    """`trouble`, or in which way the one device is another than the allocated one; empty where nothing tells.

    ``device`` is what the pod's claim is allocated; ``identifiers`` are those of a device plugin's devices.
    """
    wrong = trouble(seen)
    if wrong:
        return wrong
    (one,) = seen.devices
    told = list(identity.compare(one, device=device, vendor=vendor)) if device is not None else []
    for identifier in identifiers:
        told += identity.compare_identifier(one, identifier=identifier, vendor=vendor)
    agreement, words = identity.summary(told)
    return f"was given another accelerator: {words}" if agreement is identity.Agreement.DIFFERS else ""


def identifiers(pod: Mapping[str, Any], *, resource: str) -> list[str]:
    """What the kubelet says it gave the pod's containers of an extended resource (KEP-4680), shares left out."""
    return [
        str(entry["resourceID"]).partition("::")[0]
        for status in pod.get("status", {}).get("containerStatuses") or ()
        for given in status.get("allocatedResourcesStatus") or ()
        if given.get("name") == resource
        for entry in given.get("resources") or ()
    ]
