"""The cases about pods that were granted an accelerator: they get theirs, and no other's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes
from ai_conformance.checks.access import judgements, records
from ai_conformance.checks.access.scene import numbers
from ai_conformance.checks.inventory import Mechanism

if TYPE_CHECKING:
    from ai_conformance.checks.access.scene import Scene
    from ai_conformance.checks.access.sights import Sight
    from ai_conformance.checks.access.stage import Site
    from ai_conformance.checks.context import Case
    from ai_conformance.checks.device_probe import Attempt


def keep(case: Case, sight: Sight) -> None:
    """Keep what a container printed, whatever comes of it."""
    if sight.seen is not None:
        case.keep(f"{sight.pod}-{sight.container}", sight.seen.raw)


async def positive(scene: Scene, site: Site, case: Case) -> None:
    """Each holder sees exactly one device, can open it, and it is the one that was allocated."""
    for sight in (await scene.first(site), await scene.second(site)):
        if sight is None:
            continue
        keep(case, sight)
        is_root = sight.pod not in scene.stage.refused_nodes
        device = judgements.granted_device(sight.get(), who=str(sight), is_root=is_root)
        case.observe(f"{sight} sees {device}")
        record = await records.compared(scene, case, site=site, pod=sight.pod, device=device)
        must_tell = site.supply.mechanism is Mechanism.DRA
        case.observe(judgements.is_allocated(record.told, who=str(sight), record=record.names, must_tell=must_tell))


async def disjoint(scene: Scene, site: Site, case: Case) -> None:
    """The two holders' devices differ, and from those of the node's other mechanism too."""
    second = await _needs_two(scene, site)
    first = await scene.first(site)
    for sight in (first, second):
        keep(case, sight)
    if not first.get().devices or not second.get().devices:
        raise outcomes.Blocked("a container that was granted an accelerator sees none; there is nothing to compare")
    mine = await scene.granted_at(site)
    everyone = await scene.granted(site.supply.node)
    others = [pair for pair in everyone if pair not in mine]
    case.observe(judgements.are_disjoint(mine, others=others))


async def control(scene: Scene, site: Site, case: Case) -> None:
    """The first holder opens its own device by its numbers."""
    sight = await scene.first(site)
    keep(case, sight)
    refused = scene.stage.refused_nodes.get(site.first)
    if refused is not None:
        raise outcomes.NotApplicable(f"admission admits no container that makes device nodes: {refused}")
    case.observe(judgements.control_opens(_own(sight), who=str(sight)))


async def foreign(scene: Scene, site: Site, case: Case) -> None:
    """The first holder does not open the second's device by its numbers."""
    second = await _needs_two(scene, site)
    first = await scene.first(site)
    keep(case, first)
    own, theirs = _own(first), numbers(second)
    second.get()  # its trouble is this case's
    mine = numbers(first)
    targets = [physical for physical in theirs if physical not in mine]
    if theirs and not targets:
        raise outcomes.Blocked(f"{second} sees no device that {first} was not granted as well")
    attempt = first.get().attempt(targets[0]) if targets else None
    said = judgements.cannot_open(attempt, who=str(first), whose=str(second), control=own)
    if attempt is not None and attempt.made:
        judgements.control_opens(own, who=str(first))
    case.observe(said)


def _own(sight: Sight) -> Attempt | None:
    seen = sight.get()
    mine = numbers(sight)
    return seen.attempt(mine[0]) if mine else None


async def _needs_two(scene: Scene, site: Site) -> Sight:
    second = await scene.second(site)
    if second is not None:
        return second
    supply = site.supply
    if supply.total == 1:
        raise outcomes.NotApplicable(
            f"node {supply.node} has one {supply.name} in all, so no two pods can hold one each"
        )
    raise outcomes.Blocked(f"two free {supply.name} are needed on node {supply.node}: {supply}")
