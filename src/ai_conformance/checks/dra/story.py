"""What happens to claims on a node, case by case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_conformance.checks import device_probe, outcomes
from ai_conformance.checks.dra import records, unique
from ai_conformance.checks.together import together
from ai_conformance.kube import pods

if TYPE_CHECKING:
    from ai_conformance.checks.dra.allocation import Site
    from ai_conformance.checks.inventory import Supply

NOTHING = "device.driver == 'nothing.conformance.invalid'"
"""A selector that no device satisfies: nobody can have a driver of that name."""


async def claimed(site: Site, *, supply: Supply) -> None:
    """On one node, reserved for the time: a claim that is granted, and two pods that want one device."""
    async with site.ctx.reservations.hold([supply.key]):
        name = f"claims-{supply.node}".replace(".", "-")[:50]
        usable = await _allocated(site, supply=supply, name=name)
        await site.remove(name)
        if usable:
            await _exclusive(site, supply=supply)


async def _allocated(site: Site, *, supply: Supply, name: str) -> bool:
    """Whether a pod could be given a device at all: without that nothing more can be learnt on this node."""
    ctx = site.ctx
    usable = False
    expected = f"a device of {supply.name} on node {supply.node} is allocated, reserved and seen by the container alone"
    async with ctx.case("ClaimIsAllocated", expected=expected, variant=supply.label) as case:
        _must_be_free(supply)
        assert supply.vendor is not None
        try:
            await site.pod(name, supply=supply)
            pod = await site.must_run(name, supply=supply, candidates=supply.devices)
            claim = await site.allocated(pod)
            case.keep("claim.json", claim)
            device = records.in_inventory(claim, supply=supply)
            case.observe(f"claim {claim['metadata']['name']} is allocated device {device.name} and reserved for {name}")
            script = device_probe.scan(globs=supply.vendor.device_globs, control=supply.vendor.control_globs)
            answer = await ctx.session.exec(site.namespace, name, "holder", ["sh", "-c", script], timeout_s=60)
            case.keep("seen.txt", answer.stdout)
            seen = device_probe.parse(answer.stdout)
            case.observe(records.must_be(seen, device=device, supply=supply))
            usable = True
        finally:
            case.keep("pod.json", site.pods.get(name) or {})
    return usable


async def refused(site: Site, *, supply: Supply) -> None:
    """A claim that differs from a granted one in nothing but a selector that no device satisfies."""
    ctx = site.ctx
    name = f"refused-{supply.node}".replace(".", "-")[:50]
    expected = "the claim stays unallocated and the scheduler says of its pod that it cannot be placed"
    async with ctx.case("UnsatisfiableClaimIsRefused", expected=expected, variant=supply.label) as case:
        await site.pod(name, supply=supply, selectors=(NOTHING,))
        reason = await site.must_be_unschedulable(name)
        await site.must_stay_unallocated(name)
        case.keep("pod.json", site.pods.get(name) or {})
        case.keep("claim.json", site.claim_of(name) or {})
        case.observe(f"the claim of pod {name} stayed unallocated, and the scheduler says: {reason}")


async def _exclusive(site: Site, *, supply: Supply) -> None:
    """Two claims that name the same device by an attribute that no other device has."""
    ctx = site.ctx
    first, second = (f"{word}-{supply.node}".replace(".", "-")[:50] for word in ("first", "second"))
    expected = "the second pod waits while the first runs, and runs when the first is gone"
    async with ctx.case("ExclusiveDeviceIsNotShared", expected=expected, variant=supply.label) as case:
        _must_be_free(supply)
        free = [one for one in supply.devices if one.name in supply.free_devices]
        device, selector = unique.selector(free, among=supply.devices)
        case.observe(f"both claims select device {device.name} by {selector}")
        await site.pod(first, supply=supply, selectors=(selector,))
        await site.must_run(first, supply=supply, candidates=(device,))
        await site.pod(second, supply=supply, selectors=(selector,))
        try:
            reason = await site.must_be_unschedulable(second)
            await site.must_stay_unallocated(second)
        except outcomes.Failed as failed:
            await _unless_shareable(site, device=device.name, failed=failed)
            raise
        first_pod = site.pods.get(first)
        if first_pod is None or pods.phase(first_pod) is not pods.Phase.RUNNING:
            raise outcomes.Blocked(f"pod {first} did not keep running, so nothing held {device.name}")
        case.observe(f"while {first} ran with {device.name}, {second} waited: {reason}")
        await site.remove(first)
        await site.must_run(second, supply=supply, candidates=(device,))
        case.observe(f"{second} waited while {first} ran with device {device.name} ({reason}) and ran when it was gone")
    # However it ended: the node's next user finds it as it was.
    await together(site.remove(name) for name in (first, second))


async def _unless_shareable(site: Site, *, device: str, failed: outcomes.Failed) -> None:
    """A device that says that it can be allocated several times is not exclusive."""
    discovery = await site.ctx.session.discover()
    kind = discovery.find("resource.k8s.io", "ResourceSlice")
    assert kind is not None
    for item in (await site.ctx.session.list(kind)).items:
        for raw in item["spec"].get("devices", ()):
            if raw["name"] == device and raw.get("allowMultipleAllocations"):
                raise outcomes.NotApplicable(f"device {device} allows several allocations at once") from failed


def _must_be_free(supply: Supply) -> None:
    if supply.free < 1:
        raise outcomes.Blocked(f"no device is free: {supply}")
