"""What a comparison finds, from two records; nothing is read or printed here."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest
from hypothesis import given, settings

from ai_conformance import catalog
from ai_conformance.model.records import CaseRecord, CheckRecord, RunRecord
from ai_conformance.model.verdicts import ExitCode, Verdict
from ai_conformance.reports.comparison import comparing
from ai_conformance.reports.comparison.findings import Comparison, Tendency
from generated_runs import RUNS
from sample_runs import a_case, a_check, a_run, hostile_run, sound_run

FACTS = catalog.load()
V = Verdict
JUDGED = {V.PASS, V.FAIL, V.NOT_APPLICABLE}


def compared(before: RunRecord, after: RunRecord) -> Comparison:
    return comparing.compare(before, after, facts=FACTS)


def of_verdicts(before: Verdict, after: Verdict) -> Comparison:
    return compared(a_run(a_check(verdict=before)), a_run(a_check(verdict=after)))


def told(comparison: Comparison) -> list[tuple[str, str, str, str]]:
    return [
        (one.tendency.value, one.subject.requirement, one.subject.case, one.subject.variant)
        for one in comparison.changes
    ]


@pytest.mark.parametrize("run", [sound_run(), hostile_run()])
def test_a_run_is_no_worse_than_itself(run: RunRecord) -> None:
    found = compared(run, run)
    assert (found.changes, found.timings, found.circumstances, found.exit_code) == ((), (), (), ExitCode.OK)
    assert found.same == len(run.checks)


@pytest.mark.parametrize(("before", "after"), [*itertools.product(Verdict, Verdict)])
def test_every_change_of_a_verdict_is_worth_one_thing(before: Verdict, after: Verdict) -> None:
    found = of_verdicts(before, after)
    if before is after:
        assert not found.changes
        return
    (change,) = found.changes
    if after is V.FAIL or (before, after) == (V.PASS, V.NOT_APPLICABLE):
        assert (change.tendency, found.exit_code) == (Tendency.WORSE, ExitCode.NOT_CONFORMANT)
    elif after in JUDGED:
        assert (change.tendency, found.exit_code) == (Tendency.BETTER, ExitCode.OK)
    elif before in JUDGED:
        assert (change.tendency, found.exit_code) == (Tendency.UNKNOWN, ExitCode.NOT_EVALUATED)
    else:
        assert (change.tendency, found.exit_code) == (Tendency.CHANGED, ExitCode.OK)


def check(name: str, level: str, verdict: Verdict, *cases: CaseRecord, **more: Any) -> CheckRecord:
    made = a_check(name, artifact=None, verdict=verdict, cases=cases)
    return dataclasses.replace(made, **{"level": level, **more})


def test_a_must_that_fell_from_pass_comes_first() -> None:
    fates = [
        ("should_fell", "SHOULD", V.PASS, V.FAIL),
        ("must_was_blocked", "MUST", V.BLOCKED, V.FAIL),
        ("binds_nobody", "-", V.PASS, V.FAIL),
        ("must_not_there", "MUST", V.PASS, V.NOT_APPLICABLE),
        ("must_fell", "MUST", V.PASS, V.FAIL),
    ]
    found = compared(
        a_run(*(check(name, level, before) for name, level, before, _ in fates)),
        a_run(*(check(name, level, after) for name, level, _, after in fates)),
    )
    assert [one.subject.requirement for one in found.of(Tendency.WORSE)] == [
        "must_fell",
        "must_not_there",
        "must_was_blocked",
        "should_fell",
        "binds_nobody",
    ]


def test_a_case_that_fell_is_told_below_its_requirement_with_what_was_seen() -> None:
    sound = a_run(a_check(cases=(a_case(), a_case("Negative", variant="n1"))))
    broken = a_case("Negative", variant="n1", verdict=V.FAIL, reason="it was let in")
    found = compared(sound, a_run(a_check(verdict=V.FAIL, reason="Negative failed", cases=(a_case(), broken))))
    assert told(found) == [
        ("worse", "secure_accelerator_access", "", ""),
        ("worse", "secure_accelerator_access", "Negative", "n1"),
    ]
    assert [one.reason for one in found.changes] == ["Negative failed", "it was let in"]


def test_what_is_of_one_requirement_is_told_together() -> None:
    bad, sound = a_case("Bad", verdict=V.FAIL), a_case("Bad")
    gone, there = a_case("Gone", verdict=V.NOT_APPLICABLE), a_case("Gone")
    before = a_run(check("second", "SHOULD", V.PASS, sound), check("first", "MUST", V.PASS, there, sound))
    after = a_run(check("second", "SHOULD", V.FAIL, bad), check("first", "MUST", V.FAIL, gone, bad))
    assert [one[1:3] for one in told(compared(before, after))] == [
        ("first", ""),
        ("first", "Bad"),
        ("first", "Gone"),
        ("second", ""),
        ("second", "Bad"),
    ]


def test_a_case_that_fell_is_told_even_if_its_requirement_had_failed_before() -> None:
    bad = a_case(verdict=V.FAIL)
    before = a_run(a_check(verdict=V.FAIL, cases=(bad, a_case("Other"))))
    after = a_run(a_check(verdict=V.FAIL, cases=(bad, a_case("Other", verdict=V.FAIL))))
    assert told(compared(before, after)) == [("worse", "secure_accelerator_access", "Other", "")]


def test_cases_of_one_name_are_compared_in_their_order() -> None:
    twice = (a_case(), a_case(verdict=V.FAIL))
    assert compared(a_run(a_check(cases=twice)), a_run(a_check(cases=twice))).changes == ()
    assert len(compared(a_run(a_check(cases=twice)), a_run(a_check(cases=twice[::-1]))).changes) == 2


def test_cases_on_nodes_of_other_names_are_compared_as_a_whole() -> None:
    before = a_run(a_check(cases=(a_case(variant="DRA-n1"), a_case(variant="DRA-n2"))))
    same = a_run(a_check(cases=(a_case(variant="DRA-worker-7"),)))
    worse = a_run(a_check(cases=(a_case(variant="DRA-a"), a_case(variant="DRA-b", verdict=V.FAIL, reason="two"))))
    assert compared(before, same).changes == ()
    (change,) = compared(before, worse).changes
    assert (change.subject.case, change.subject.variant, change.reason) == ("PositiveAccessTest", "", "two")
    assert change.tendency is Tendency.WORSE


def test_new_and_gone_cases_are_told_and_do_not_count() -> None:
    before = a_run(a_check(cases=(a_case(), a_case("Old"))))
    after = a_run(a_check(cases=(a_case(), a_case("New"))))
    found = compared(before, after)
    assert sorted(told(found)) == [
        ("gone", "secure_accelerator_access", "Old", ""),
        ("new", "secure_accelerator_access", "New", ""),
    ]
    assert found.exit_code is ExitCode.OK


def test_a_new_case_that_fails_is_worse() -> None:
    after = a_run(a_check(cases=(a_case(), a_case("New", verdict=V.FAIL))))
    assert compared(a_run(a_check(cases=(a_case(),))), after).exit_code is ExitCode.NOT_CONFORMANT


def test_cases_of_a_check_that_was_left_out_are_not_told_one_by_one() -> None:
    after = a_run(a_check(verdict=V.SKIPPED))
    assert told(compared(a_run(a_check(cases=(a_case(), a_case("Other")))), after)) == [
        ("unknown", "secure_accelerator_access", "", "")
    ]


def of_release(run: RunRecord, release: str) -> RunRecord:
    return dataclasses.replace(run, release=release)


def test_a_requirement_that_another_release_has_not_is_gone_and_no_worse() -> None:
    both = a_run(check("kept", "MUST", V.PASS), check("old", "MUST", V.PASS))
    found = compared(both, of_release(a_run(check("kept", "MUST", V.PASS)), "1.38"))
    assert told(found) == [("gone", "old", "", "")]
    assert found.changes[0].reason == "the checklist of 1.38 does not have it"
    assert found.exit_code is ExitCode.OK


def test_a_requirement_that_the_other_releases_checklist_has_cannot_be_judged_where_it_is_missing() -> None:
    both = a_run(check("kept", "MUST", V.PASS), check("gang_scheduling", "MUST", V.PASS))
    found = compared(of_release(both, "1.36"), a_run(check("kept", "MUST", V.PASS)))
    assert told(found) == [("unknown", "gang_scheduling", "", "")]
    assert "though it is of the checklist of 1.37" in found.changes[0].reason
    assert compared(both, of_release(a_run(check("kept", "MUST", V.PASS)), "of mine")).exit_code is ExitCode.OK


def test_a_requirement_that_is_missing_from_the_same_release_cannot_be_judged() -> None:
    both = a_run(check("kept", "MUST", V.PASS), check("old", "MUST", V.PASS))
    assert compared(both, a_run(check("kept", "MUST", V.PASS))).exit_code is ExitCode.NOT_EVALUATED


@pytest.mark.parametrize(
    ("verdict", "tendency"), [(V.FAIL, Tendency.WORSE), (V.PASS, Tendency.NEW), (V.NOT_TESTED, Tendency.NEW)]
)
def test_a_new_requirement_is_worse_only_where_it_fails(verdict: Verdict, tendency: Tendency) -> None:
    after = of_release(a_run(check("kept", "MUST", V.PASS), check("new", "MUST", verdict)), "1.38")
    (change,) = compared(a_run(check("kept", "MUST", V.PASS)), after).changes
    assert (change.subject.requirement, change.before, change.tendency) == ("new", None, tendency)


def test_a_failure_that_has_come_to_be_a_must_is_worse() -> None:
    before, after = a_run(check("raised", "SHOULD", V.FAIL)), a_run(check("raised", "MUST", V.FAIL))
    assert compared(before, after).exit_code is ExitCode.NOT_CONFORMANT
    assert compared(after, before).exit_code is ExitCode.OK


def test_another_level_is_told_with_the_verdict_of_now() -> None:
    found = compared(a_run(check("raised", "SHOULD", V.PASS)), a_run(check("raised", "MUST", V.PASS)))
    (one,) = found.levels
    assert (one.requirement, one.before, one.after, one.verdict) == ("raised", "SHOULD", "MUST", V.PASS)
    assert found.changes == ()


def test_a_requirement_of_another_name_is_known_by_the_programs_test() -> None:
    before = a_run(check("old_name", "MUST", V.PASS, artifact="TestX"), check("same", "MUST", V.PASS))
    after = a_run(check("same", "MUST", V.PASS), check("new_name", "MUST", V.FAIL, artifact="TestX"))
    found = compared(before, of_release(after, "1.38"))
    (one,) = found.renamings
    assert (one.before, one.after, one.known_by) == ("old_name", "new_name", "the program's test TestX")
    assert told(found) == [("worse", "new_name", "", "")]
    assert found.changes[0].before is V.PASS


def test_a_requirement_of_another_name_is_known_by_its_proposal() -> None:
    known = FACTS.requirement("gang_scheduling")
    facts = dataclasses.replace(
        FACTS, all_requirements=(*FACTS.all_requirements, dataclasses.replace(known, id="group_scheduling"))
    )
    before, after = a_run(check("gang_scheduling", "MUST", V.PASS)), a_run(check("group_scheduling", "MUST", V.PASS))
    found = comparing.compare(before, of_release(after, "1.38"), facts=facts)
    assert [(one.before, one.known_by) for one in found.renamings] == [("gang_scheduling", "KAR-0053")]
    assert (found.changes, found.exit_code) == ((), ExitCode.OK)


def test_requirements_that_have_nothing_in_common_are_not_taken_for_each_other() -> None:
    before, after = a_run(check("one", "MUST", V.PASS)), a_run(check("other", "MUST", V.PASS))
    found = compared(before, of_release(after, "1.38"))
    assert found.renamings == ()
    assert found.obstacles == ("the two runs have no requirement in common",)
    assert found.exit_code is ExitCode.NOT_EVALUATED


@pytest.mark.parametrize("which", [0, 1])
def test_an_interrupted_run_cannot_be_judged(which: int) -> None:
    runs = [a_run(a_check()), a_run(a_check())]
    runs[which] = dataclasses.replace(runs[which], interrupted=True)
    found = compared(*runs)
    assert ("first", "second")[which] in found.obstacles[0]
    assert found.exit_code is ExitCode.NOT_EVALUATED


def test_what_is_not_the_same_is_told_the_weightiest_first() -> None:
    before = a_run(a_check())
    cluster = dataclasses.replace(before.cluster, uid="other", server_version="v1.38.0", nodes=3, accelerators=())
    after = dataclasses.replace(
        before, cluster=cluster, tool_version="0.2.0", release="1.38", profile="lab", command=()
    )
    assert [one.name for one in compared(before, after).circumstances] == [
        "cluster",
        "release",
        "server",
        "tool",
        "profile",
        "nodes",
        "accelerators",
        "options",
    ]


@given(before=RUNS, after=RUNS)
@settings(max_examples=50, deadline=None)
def test_any_two_runs_can_be_compared_and_the_exit_code_is_what_was_found(before: RunRecord, after: RunRecord) -> None:
    found = compared(before, after)
    worse, unknown = found.of(Tendency.WORSE), found.of(Tendency.UNKNOWN)
    assert (found.exit_code is ExitCode.NOT_CONFORMANT) == bool(worse)
    assert (found.exit_code is ExitCode.OK) == (not worse and not unknown and not found.obstacles)
    assert all(one.after is V.FAIL or one.before is V.PASS for one in worse)
    assert found.same <= min(len(before.checks), len(after.checks))


@given(run=RUNS)
@settings(max_examples=25, deadline=None)
def test_no_run_differs_from_itself(run: RunRecord) -> None:
    found = compared(run, run)
    assert (found.changes, found.timings, found.renamings, found.levels) == ((), (), (), ())
