"""The story of a gang, on a sound scheduler and on broken ones."""

from __future__ import annotations

import pytest

import gang_trial
from ai_conformance.checks.gangs import native
from ai_conformance.kube.discovery import Discovery
from ai_conformance.kube.resources import Resource
from ai_conformance.model.verdicts import Verdict
from fake_scheduler import Way


async def told(way: Way, *, units: int = 4, believed: int | None = None) -> dict[str, tuple[Verdict, str]]:
    """The verdicts by case; `believed` is what the inventory took for free."""
    served = tuple(
        Resource(group=native.GROUP, version="v1beta1", plural=kind.lower(), kind=kind, namespaced=True)
        for kind in ("PodGroup", "Workload")
    )
    adapter = native.detect(Discovery(resources=served))
    assert adapter is not None
    return await gang_trial.told(adapter, way, units=units, believed=believed)


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


async def test_members_that_their_node_turns_away_block_and_are_no_deadlock() -> None:
    verdicts = await told(Way.TURNED_AWAY)
    assert {verdict for verdict, _ in verdicts.values()} == {Verdict.BLOCKED}
    assert "UnexpectedAdmissionError: no such device" in verdicts["TwoGroupsDoNotDeadlock"][1]


async def test_members_whose_image_does_not_come_in_time_block_and_blame_nobody() -> None:
    verdicts = await told(Way.NOT_PULLED)
    assert {verdict for verdict, _ in verdicts.values()} == {Verdict.BLOCKED}
    for case in ("PositiveGangScheduling", "TwoGroupsDoNotDeadlock"):
        assert "ErrImagePull: no such host" in verdicts[case][1]


@pytest.mark.parametrize("way", [Way.SOUND, Way.PLAIN])
async def test_a_gang_that_runs_wholly_beside_what_it_should_lack_had_room_and_blames_nobody(way: Way) -> None:
    verdict, reason = (await told(way, units=5, believed=4))["NegativeGangScheduling"]
    assert verdict is Verdict.BLOCKED
    assert "all 4 members run although there should be no room for them: more was free on node n1" in reason


async def test_two_gangs_that_both_run_wholly_are_no_deadlock() -> None:
    verdict, reason = (await told(Way.SOUND, units=6, believed=4))["TwoGroupsDoNotDeadlock"]
    assert verdict is Verdict.BLOCKED
    assert "more was free on node n1 than was counted" in reason


async def test_members_that_are_all_bound_and_turned_away_show_that_there_was_no_room() -> None:
    verdict, reason = (await told(Way.HEEDLESS))["NegativeGangScheduling"]
    assert verdict is Verdict.FAIL
    assert "were bound although there was no room for all of them" in reason
