"""What the API's own record says about the device that a pod was granted."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import identity, outcomes, waits
from ai_conformance.checks.access.sights import container_status
from ai_conformance.checks.access.stage import HOLDER, Site
from ai_conformance.checks.inventory import Mechanism
from ai_conformance.kube import errors
from ai_conformance.kube.mirror import Mirror

if TYPE_CHECKING:
    from ai_conformance.checks.access.scene import Scene
    from ai_conformance.checks.access.stage import Stage
    from ai_conformance.checks.context import Case, Context
    from ai_conformance.checks.device_probe import SeenDevice
    from ai_conformance.checks.identity import Told

Object = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
    """What was allocated, compared with what was seen."""

    names: str
    """The allocated device in the API's words; empty where the API keeps no record."""
    told: tuple[Told, ...]


@contextlib.asynccontextmanager
async def claims_of(ctx: Context, stage: Stage) -> AsyncIterator[Mirror | None]:
    """One view of all claims of the pods with accelerators; None where no pod has one."""
    if not any(site.supply.mechanism is Mechanism.DRA for site in stage.sites):
        yield None
        return
    kind = (await ctx.session.discover()).find("resource.k8s.io", "ResourceClaim")
    if kind is None:
        raise outcomes.Blocked("resource.k8s.io serves devices, but no ResourceClaims")
    async with Mirror.open(ctx.session, kind, namespace=stage.namespace) as view:
        yield view


async def compared(scene: Scene, case: Case, *, site: Site, pod: str, device: SeenDevice) -> Record:
    """Compare a seen device with the API's record of the pod's allocation."""
    observer = scene.own
    if site.supply.mechanism is Mechanism.DRA:
        name = await observer.claim_name(pod)
        claim = await allocated(scene, name)
        case.keep(f"{pod}-claim.json", claim)
        return of_claim(claim, site=site, pod=pod, device=device)
    found = observer.object(pod)
    case.keep(f"{pod}-pod.json", found)
    return of_status(found, site=site, device=device)


async def allocated(scene: Scene, name: str) -> Object:
    """The claim, once the view shows its allocation; as the server has it where the view does not come to show one.

    The pod runs, so its claim is allocated, and a view that does not show that is late, or the platform is wrong: which
    of both, no view can tell.
    """
    view = scene.claims
    assert view is not None, "a site of DRA has pods with claims"

    def shown(view: Mirror) -> Object | None:
        found = view.get(name)
        return found if ((found or {}).get("status") or {}).get("allocation") else None

    timeout_s = scene.ctx.seconds(waits.CLAIM_ALLOCATED)
    try:
        return await view.until(shown, timeout_s=timeout_s, waiting_for=f"the allocation of claim {name}")
    except errors.TimedOut:
        return await scene.ctx.session.get(view.resource, name, scene.own.namespace)


def of_claim(claim: Object, *, site: Site, pod: str, device: SeenDevice) -> Record:
    """By the allocation of a ResourceClaim and the inventory's device of that name."""
    where = f"claim {claim['metadata']['name']} of pod {pod}"
    results = claim.get("status", {}).get("allocation", {}).get("devices", {}).get("results", ())
    if len(results) != 1:
        raise outcomes.Failed(f"{where} asks for one device and was allocated {len(results)}")
    result = results[0]
    key = (result["driver"], result["pool"], result["device"])
    allocated = next((one for one in site.supply.devices if (one.driver, one.pool, one.name) == key), None)
    if allocated is None:
        raise outcomes.Failed(
            f"{where} was allocated device {key[2]} of pool {key[1]}, driver {key[0]}, "
            f"which no ResourceSlice offered on node {site.supply.node}"
        )
    told = identity.compare(device, device=allocated, vendor=site.vendor)
    return Record(names=f"device {key[2]} of pool {key[1]}", told=told)


def of_status(pod: Object, *, site: Site, device: SeenDevice) -> Record:
    """By the pod's allocatedResourcesStatus, which the kubelet keeps since Kubernetes 1.36 (KEP-4680)."""
    status = container_status(pod, HOLDER) or {}
    identifiers = [
        str(entry["resourceID"])
        for resource in status.get("allocatedResourcesStatus") or ()
        if resource.get("name") == site.supply.name
        for entry in resource.get("resources") or ()
    ]
    if not identifiers:
        return Record(names="", told=())
    if len(identifiers) > 1:
        asked = f"one {site.supply.name}"
        raise outcomes.Failed(f"pod {pod['metadata']['name']} asks for {asked} and was allocated {len(identifiers)}")
    told = identity.compare_identifier(device, identifier=identifiers[0], vendor=site.vendor)
    return Record(names=f"device {identifiers[0]} of {site.supply.name}", told=told)
