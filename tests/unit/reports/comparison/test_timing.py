"""Which durations are told as slower or faster, and which are noise or say nothing."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ai_conformance import catalog
from ai_conformance.model.records import CaseRecord, CheckRecord, RunRecord
from ai_conformance.model.verdicts import ExitCode, Verdict
from ai_conformance.reports.comparison import comparing
from ai_conformance.reports.comparison.findings import Comparison
from sample_runs import a_case, a_check, a_run

V = Verdict


def compared(before: RunRecord, after: RunRecord) -> Comparison:
    return comparing.compare(before, after, facts=catalog.load())


def check(name: str, level: str, verdict: Verdict, *cases: CaseRecord, **more: Any) -> CheckRecord:
    made = a_check(name, artifact=None, verdict=verdict, cases=cases)
    return dataclasses.replace(made, **{"level": level, **more})


def timed(seconds: float, *, case_s: float = 1.0, verdict: Verdict = V.PASS, **more: Any) -> RunRecord:
    case = a_case(duration_s=case_s)
    return a_run(check("x", "MUST", verdict, case, **{"duration_s": seconds, **more}))


@pytest.mark.parametrize(
    ("before_s", "after_s", "count"),
    [(10, 15, 1), (10, 14.9, 0), (15, 10, 1), (40, 59, 0), (40, 60, 1), (1, 5.9, 0), (1, 6, 1), (0, 5, 1), (0, 0, 0)],
)
def test_a_duration_counts_beyond_half_as_long_again_and_five_seconds(
    before_s: float, after_s: float, count: int
) -> None:
    found = compared(timed(before_s), timed(after_s))
    assert len(found.timings) == count
    assert found.exit_code is ExitCode.OK
    assert all(one.slower is (after_s > before_s) for one in found.timings)


def test_a_case_has_a_duration_of_its_own() -> None:
    (one,) = compared(timed(10, case_s=2), timed(10, case_s=8)).timings
    assert (one.subject.case, one.before_s, one.after_s, one.ratio) == ("PositiveAccessTest", 2, 8, 4)


def test_what_a_check_waited_for_another_check_is_not_its_own_time() -> None:
    waited = timed(60, waits_s={"accelerators of another check": 48.0})
    assert compared(timed(12), waited).timings == ()


def test_durations_of_what_did_not_pass_say_nothing() -> None:
    assert compared(timed(10), timed(60, verdict=V.FAIL)).timings == ()
    assert compared(timed(10, verdict=V.FAIL), timed(60, verdict=V.FAIL)).timings == ()


def test_slower_comes_before_faster_and_more_before_less() -> None:
    names = {"faster": (30, 10), "slow": (10, 20), "slowest": (10, 90)}
    before = a_run(*(check(name, "MUST", V.PASS, duration_s=float(one)) for name, (one, _) in names.items()))
    after = a_run(*(check(name, "MUST", V.PASS, duration_s=float(two)) for name, (_, two) in names.items()))
    assert [one.subject.requirement for one in compared(before, after).timings] == ["slowest", "slow", "faster"]


def test_durations_of_another_profile_are_not_compared() -> None:
    found = compared(timed(10), dataclasses.replace(timed(60), profile="lab"))
    assert found.timings == ()
    assert found.untimed == "one run had the profile default, the other lab"
