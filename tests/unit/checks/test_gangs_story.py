"""The story of a gang, on a sound scheduler and on broken ones."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ai_conformance import catalog
from ai_conformance.checks import registry
from ai_conformance.checks.context import Context
from ai_conformance.checks.gangs import native, story
from ai_conformance.checks.gangs.capacity import Capacity
from ai_conformance.checks.gangs.stage import Stage
from ai_conformance.checks.options import Options
from ai_conformance.checks.reservations import Reservations
from ai_conformance.checks.waits import Profile
from ai_conformance.kube.discovery import Discovery
from ai_conformance.kube.resources import Resource
from ai_conformance.model.verdicts import Verdict
from fake_scheduler import FakeCluster, Way


class Nowhere:
    """An evidence store that keeps nothing."""

    def write_json(self, name: str, content: Any) -> str:
        return name

    def write_text(self, name: str, content: str) -> str:
        return name


def served() -> Discovery:
    return Discovery(
        resources=tuple(
            Resource(group=native.GROUP, version="v1beta1", plural=kind.lower(), kind=kind, namespaced=True)
            for kind in ("PodGroup", "Workload")
        )
    )


async def told(way: Way, *, units: int = 4, believed: int | None = None) -> dict[str, tuple[Verdict, str]]:
    """The verdicts by case; `believed` is what the inventory took for free."""
    cluster = FakeCluster(units=units, way=way)
    metadata = registry.get("gang_scheduling")
    adapter = native.detect(served())
    assert metadata is not None
    assert adapter is not None
    ctx = Context(
        metadata=metadata,
        session=cast(Any, cluster),
        workspace=cast(Any, cluster),
        catalog=catalog.load(),
        options=Options(profile=Profile.LAB),
        reservations=Reservations(),
        inventory=lambda: None,
        store=lambda _name, _variant: Nowhere(),
    )
    stage = Stage(
        ctx=ctx,
        capacity=Capacity(node="n1", free=believed or units, unit_millis=100),
        adapter=adapter,
        namespace="ns",
        pods=cast(Any, cluster.pods),
        groups=cast(Any, cluster.groups),
        prefix="cpu",
    )
    await stage.prepare(resource_api="")
    for chapter in (story.fits, story.waits_and_starts, story.two_groups):
        await chapter(stage)
        await stage.clear()
    return {case.name: (case.verdict, case.reason) for case in ctx.cases}


@pytest.mark.parametrize("units", [2, 3, 4, 6])
async def test_a_sound_scheduler_passes_every_case(units: int) -> None:
    verdicts = await told(Way.SOUND, units=units)
    assert [verdict for verdict, _ in verdicts.values()] == [Verdict.PASS] * 5


async def test_a_scheduler_that_places_members_one_by_one_fails() -> None:
    verdicts = await told(Way.PLAIN)
    verdict, reason = verdicts["NegativeGangScheduling"]
    assert verdict is Verdict.FAIL
    assert "cpu-waits-0 on n1" in reason
    assert "parts of both gangs" in verdicts["TwoGroupsDoNotDeadlock"][1]


async def test_a_group_that_does_not_say_why_it_waits_fails() -> None:
    verdict, reason = (await told(Way.SILENT))["NegativeGangScheduling"]
    assert verdict is Verdict.FAIL
    assert "does not say why" in reason


async def test_a_gang_that_is_not_tried_again_fails_because_ordinary_pods_get_the_units() -> None:
    verdicts = await told(Way.NEVER_AGAIN)
    assert verdicts["NegativeGangScheduling"][0] is Verdict.PASS
    verdict, reason = verdicts["ReleaseStartsAllMembers"]
    assert verdict is Verdict.FAIL
    assert "ordinary pods got all 4 units" in reason


async def test_units_that_somebody_else_has_taken_block_and_blame_nobody() -> None:
    verdict, reason = (await told(Way.SOUND, units=3, believed=4))["PositiveGangScheduling"]
    assert verdict is Verdict.BLOCKED
    assert "no longer free" in reason
