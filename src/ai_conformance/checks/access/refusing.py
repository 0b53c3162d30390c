"""The cases about containers that were granted nothing: they see nothing and open nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.access import judgements, manifests, stage
from ai_conformance.checks.access.granting import keep
from ai_conformance.checks.access.scene import numbers
from ai_conformance.kube import pods, resources
from ai_conformance.kube.session import PatchType

if TYPE_CHECKING:
    from ai_conformance.checks.access.scene import Numbers, Scene
    from ai_conformance.checks.access.sights import Sight
    from ai_conformance.checks.access.stage import Neighbour, Site
    from ai_conformance.checks.context import Case

_EPHEMERAL = "ephemeral"


async def _shown(scene: Scene, site: Site) -> Sight:
    """The first holder, once it is certain that the probe shows a device where there is one."""
    sight = await scene.first(site)
    if not sight.get().devices:
        raise outcomes.Blocked(f"{sight} was granted an accelerator and sees none, so seeing none proves nothing")
    return sight


async def _opens_nothing(scene: Scene, site: Site, case: Case, *, sight: Sight, without: str, tried: Numbers) -> None:
    """A container sees no device and opens none by the first holder's numbers."""
    keep(case, sight)
    first = await scene.first(site)
    case.observe(judgements.sees_none(sight, granted=await scene.granted_at(site), without=without))
    if tried:
        attempt = sight.get().attempt(tried[0])
        own = first.get().attempt(tried[0])
        said = judgements.cannot_open(attempt, who=str(sight), whose=str(first), control=own)
        if own is not None and own.made:
            judgements.control_opens(own, who=str(first))
        case.observe(said)


async def negative(scene: Scene, site: Site, case: Case) -> None:
    """A pod without a request, on the same node."""
    tried = numbers(await _shown(scene, site))
    sight = await scene.plain(site)
    await _opens_nothing(scene, site, case, sight=sight, without="whose pod requests nothing", tried=tried)


async def sibling(scene: Scene, site: Site, case: Case) -> None:
    """The container beside the holder."""
    tried = numbers(await _shown(scene, site))
    sight = await scene.own.read(site.first, stage.SIBLING)
    await _opens_nothing(scene, site, case, sight=sight, without="which requests nothing itself", tried=tried)


async def init(scene: Scene, site: Site, case: Case) -> None:
    """The init container before the holder."""
    sight = await scene.own.read(site.first, stage.INIT)
    keep(case, sight)
    await _shown(scene, site)
    without = "an init container that requests nothing itself"
    case.observe(judgements.sees_none(sight, granted=await scene.granted_at(site), without=without))


async def ephemeral(scene: Scene, site: Site, case: Case) -> None:
    """An ephemeral container that is added to the holder's pod."""
    await scene.own.running(site.first, stage.HOLDER)
    makes_nodes = site.first not in scene.stage.refused_nodes
    image = scene.ctx.image("probe")
    container = manifests.ephemeral(_EPHEMERAL, vendor=site.vendor, image=image, makes_nodes=makes_nodes)
    await scene.ctx.session.patch(
        resources.POD,
        site.first,
        {"spec": {"ephemeralContainers": [container]}},
        scene.stage.namespace,
        kind=PatchType.STRATEGIC,
        subresource="ephemeralcontainers",
    )
    tried = numbers(await _shown(scene, site))
    sight = await scene.own.read(site.first, _EPHEMERAL, wait=waits.EPHEMERAL_CONTAINER)
    await _opens_nothing(scene, site, case, sight=sight, without="an ephemeral container", tried=tried)


async def environment_bypass(scene: Scene, neighbour: Neighbour, case: Case) -> None:
    """A container with the variable that lists devices."""
    listed = [f"{name}={value}" for name, value in neighbour.vendor.bypass.environment.items()]
    await _bypass(
        scene, neighbour, case, pod=neighbour.plain, container=stage.ENVIRONMENT, form="variable", listed=listed
    )


async def volume_bypass(scene: Scene, neighbour: Neighbour, case: Case) -> None:
    """A container with the mounts that list devices."""
    refused = scene.stage.refused_mounts.get(neighbour.plain)
    if refused:
        case.observe(f"admission refuses such mounts of the host's /dev/null ({refused}); tried with an empty volume")
    listed = neighbour.vendor.bypass.volume_mounts
    await _bypass(scene, neighbour, case, pod=neighbour.plain, container=stage.VOLUME, form="mount", listed=listed)


async def annotation_bypass(scene: Scene, neighbour: Neighbour, case: Case) -> None:
    """A pod with the annotation that lists devices."""
    listed = [f"{name}={value}" for name, value in neighbour.vendor.bypass.annotations.items()]
    await _bypass(
        scene, neighbour, case, pod=neighbour.annotated, container=stage.ANNOTATED, form="annotation", listed=listed
    )


async def _bypass(
    scene: Scene,
    neighbour: Neighbour,
    case: Case,
    *,
    pod: str,
    container: str,
    form: str,
    listed: Sequence[str],
) -> None:
    """A container that asks for devices in a way that a legacy runtime would heed."""
    if not listed:
        kind = neighbour.vendor.title
        raise outcomes.NotApplicable(f"no {form} is known by which a runtime would hand out devices of {kind}")
    sight = await scene.elsewhere.read(pod, container)
    keep(case, sight)
    granted = await scene.granted(neighbour.node)
    if not granted:
        where = f"node {neighbour.node}"
        raise outcomes.Blocked(f"no granted container on {where} sees a device, so seeing none proves nothing")
    without = f"which requests nothing but has the {form} {', '.join(listed)}"
    case.observe(judgements.sees_none(sight, granted=granted, without=without))


async def foreign_namespace(scene: Scene, site: Site, case: Case) -> None:
    """A pod of another namespace that names the first holder's claim is not run."""
    one = await scene.intruder(site)
    if one.trouble is not None:
        raise one.trouble
    pod = scene.elsewhere.object(one.pod)
    case.keep(f"{one.pod}.json", pod)
    if one.node is not None:
        raise outcomes.Failed(
            f"pod {one.pod} of namespace {scene.stage.elsewhere} names claim {one.claim} of namespace "
            f"{scene.stage.namespace} and was placed on node {one.node}"
        )
    reason = pods.unschedulable_reason(pod) or "the scheduler has said nothing about it"
    case.observe(f"pod {one.pod}, which names claim {one.claim} of another namespace, is not placed: {reason}")
