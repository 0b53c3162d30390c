"""What a run says beside what its replay says: verdicts count, seconds do not, gaps are named."""

from __future__ import annotations

import dataclasses

from ai_conformance.engine import agreement
from ai_conformance.engine.replay import Again
from ai_conformance.model.records import CheckRecord, RunRecord
from ai_conformance.model.verdicts import ExitCode, Verdict
from sample_runs import a_case, a_check, a_run, unautomated


def compared(run: RunRecord, **replayed: CheckRecord | Again) -> agreement.Agreement:
    found = {name: one if isinstance(one, Again) else Again(record=one) for name, one in replayed.items()}
    return agreement.compare(run, found)


CHECK = a_check("dra_support", cases=(a_case("A"), a_case("B", variant="n1")))


def test_what_is_the_same_is_ok() -> None:
    found = compared(a_run(CHECK, unautomated("gpu_sharing", artifact=None)), dra_support=CHECK)
    assert found.code is ExitCode.OK
    (check,) = found.checks
    assert [pair.case for pair in check.cases] == ["A", "B/n1"]


def test_another_verdict_of_a_case_is_a_difference_even_if_the_check_has_the_same() -> None:
    other = dataclasses.replace(CHECK, cases=(a_case("A", verdict=Verdict.FAIL), a_case("B", variant="n1")))
    found = compared(a_run(CHECK), dra_support=other)
    assert found.code is ExitCode.NOT_CONFORMANT
    assert [pair.case for pair in found.checks[0].differences] == ["A"]


def test_a_case_too_many_or_too_few_is_a_difference() -> None:
    for run, again in ((CHECK, a_check("dra_support", cases=(a_case("A"),))), (a_check("dra_support"), CHECK)):
        assert compared(a_run(run), dra_support=again).code is ExitCode.NOT_CONFORMANT


def test_how_many_seconds_something_took_is_no_other_reason() -> None:
    ours = a_check("dra_support", reason="the node went 31 s after its pod, 2.5 seconds late")
    told = {"the node went 30 s after its pod, 2.75 seconds late": False, "the node went 31 s after another": True}
    for reason, otherwise in told.items():
        (check,) = compared(a_run(ours), dra_support=a_check("dra_support", reason=reason)).checks
        assert check.whole.is_told_otherwise is otherwise
        assert not check.differences


def test_marks_of_a_recording_are_no_other_reason() -> None:
    ours = a_check("dra_support", reason="pod on [redacted: host] was lost")
    theirs = a_check("dra_support", reason="pod on [redacted: host 0a1b2c3d] was lost")
    assert not compared(a_run(ours), dra_support=theirs).checks[0].whole.is_told_otherwise


def test_what_cannot_be_replayed_is_neither_the_same_nor_different() -> None:
    gap = Again(record=a_check("dra_support", verdict=Verdict.ERROR), trouble="the recording has no answer to GET /x")
    found = compared(a_run(CHECK), dra_support=gap)
    assert (found.code, found.checks[0].differences) == (ExitCode.NOT_EVALUATED, ())
    both = compared(
        a_run(CHECK, a_check("gang_scheduling")), dra_support=gap, gang_scheduling=a_check(verdict=Verdict.FAIL)
    )
    assert both.code is ExitCode.NOT_CONFORMANT, "what differs outranks what cannot be told"


def test_a_check_without_recording_is_named_unless_it_was_left_out() -> None:
    left_out = a_check("gang_scheduling", verdict=Verdict.SKIPPED)
    (check,) = compared(a_run(CHECK, left_out)).checks
    assert (check.requirement, check.trouble) == ("dra_support", agreement.NO_RECORDING)


def test_a_check_that_the_record_does_not_have_is_a_difference() -> None:
    found = compared(a_run(CHECK), dra_support=CHECK, gang_scheduling=a_check("gang_scheduling"))
    assert found.code is ExitCode.NOT_CONFORMANT
    assert found.checks[1].whole.recorded is None


def test_a_run_of_nothing_proves_nothing() -> None:
    assert compared(a_run()).code is ExitCode.NOT_EVALUATED
