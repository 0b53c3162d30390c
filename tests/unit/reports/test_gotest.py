"""The Go artifacts, read by readers that were written here from the formats' descriptions."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.model.records import RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import gotest, outcomes
from sample_runs import FORGERY, a_case, a_check, a_run, hostile_run, sound_run

# Go's \s is ASCII without the vertical tab; only \n ends a line. The tests below also try it with Python's wider one.
VALIDATOR = re.compile(rb"^[\t\n\f\r ]*--- (PASS|FAIL|SKIP): ([^\t\n\f\r ]+)", re.MULTILINE)
WIDEST = re.compile(r"^\s*--- (PASS|FAIL|SKIP): (\S+)")

HOSTILE_TEXT = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(["\n", "\r", "\v", "\f", "\x85", "\u2028", "\x16", " ", "\t", "    ", "\x1b[2K", "\udc80"]),
        st.sampled_from(
            ["--- PASS: TestX (0.00s)", "--- FAIL: X", "=== RUN   TestX", "=== NAME  TestX", "PASS", "FAIL"]
        ),
    ),
    max_size=12,
).map("".join)


def expected_verdicts(run: RunRecord) -> dict[str, str]:
    return {node.name: node.outcome.upper() for test in outcomes.tests_of(run) for node in test.walk()}


def verdicts_of_events(text: str) -> dict[str, str]:
    events = [json.loads(line) for line in text.split("\n")[:-1]]
    ends = [event for event in events if event["Action"] in {"pass", "fail", "skip"} and "Test" in event]
    assert len({event["Test"] for event in ends}) == len(ends)
    return {event["Test"]: event["Action"].upper() for event in ends}


@pytest.mark.parametrize("make", [sound_run, hostile_run])
def test_log_and_results_hold_the_same_verdicts_and_no_others(make):
    run = make()
    log = gotest.log_text(run)
    found = {match[2].decode(): match[1].decode() for match in VALIDATOR.finditer(log.encode())}
    assert found == expected_verdicts(run)
    assert verdicts_of_events(gotest.results_text(run)) == found


@given(text=HOSTILE_TEXT, name=HOSTILE_TEXT, variant=HOSTILE_TEXT)
def test_no_text_forges_a_verdict(text, name, variant):
    case = a_case(name, variant=variant, reason=text, log=text, verdict=Verdict.FAIL)
    run = a_run(a_check(verdict=Verdict.FAIL, cases=(case, case), reason=text, log=text))
    log = gotest.log_text(run)
    found = [(match[2], match[1]) for match in map(WIDEST.match, log.splitlines()) if match]
    assert sorted(found) == sorted(expected_verdicts(run).items())
    assert log.splitlines() == log.split("\n")[:-1]
    framing = [line for line in log.split("\n") if re.match(r"===|PASS|FAIL|ok|Benchmark", line)]
    started = {line.split()[-1] for line in framing if line.startswith("=== RUN")}
    assert started == expected_verdicts(run).keys()
    assert verdicts_of_events(gotest.results_text(run)) == dict(found)
    assert all(line.isprintable() or "\t" in line for line in log.split("\n"))
    assert max(len(line.encode()) for line in log.split("\n")) < 1024


def test_every_verdict_maps_to_one_outcome():
    assert outcomes.OF_VERDICT.keys() == set(Verdict)
    passing = [verdict for verdict, outcome in outcomes.OF_VERDICT.items() if outcome is outcomes.Outcome.PASS]
    assert passing == [Verdict.PASS]


def test_a_requirement_without_a_check_is_skipped_with_its_reason_and_never_passes():
    log = gotest.log_text(sound_run())
    assert "--- SKIP: TestAIServiceMetrics (0.00s)\n" in log
    assert "    NOT_TESTED     | not yet automated\n" in log
    assert "gpu_sharing" not in log


def test_variants_are_below_a_parent_that_is_as_bad_as_the_worst():
    cases = (a_case(variant="DRA-n1"), a_case(variant="DRA-n2", verdict=Verdict.FAIL, after_s=1, duration_s=3))
    (test,) = outcomes.tests_of(a_run(a_check(cases=cases)))
    (parent,) = test.children
    assert [node.name.removeprefix(parent.name) for node in parent.children] == ["/DRA-n1", "/DRA-n2"]
    assert (parent.outcome, parent.duration_s) == (outcomes.Outcome.FAIL, 4.0)
    assert test.outcome is outcomes.Outcome.FAIL


@pytest.mark.parametrize(
    ("run", "action"),
    [
        (sound_run(), "pass"),
        (hostile_run(), "fail"),
        (a_run(a_check(), interrupted=True), "fail"),
        (a_run(a_check(verdict=Verdict.BLOCKED)), "fail"),
        (a_run(a_check(verdict=Verdict.SKIPPED)), "pass"),
    ],
)
def test_the_package_ends_as_go_would_end_it(run, action):
    *_, last = gotest.results_text(run).split("\n")[:-1]
    event = json.loads(last)
    assert event == {"Time": event["Time"], "Action": action, "Package": "ai-conformance/v1.37", "Elapsed": 9.5}
    closing = gotest.log_text(run).split("\n")[-3:]
    assert closing == (
        ["PASS", "ok  \tai-conformance/v1.37\t9.500s", ""]
        if action == "pass"
        else ["FAIL", "FAIL\tai-conformance/v1.37\t9.500s", ""]
    )


def test_events_bear_true_times_and_the_elapsed_seconds_of_the_log():
    run = a_run(a_check(cases=(a_case(duration_s=1.239),)))
    events = [json.loads(line) for line in gotest.results_text(run).split("\n")[:-1]]
    end = next(
        event for event in events if event.get("Test", "").endswith("/PositiveAccessTest") and "Elapsed" in event
    )
    assert (end["Elapsed"], end["Time"]) == (1.24, "2026-11-24T10:00:01.362456Z")
    assert "/PositiveAccessTest (1.24s)\n" in gotest.log_text(run)


def test_long_lines_are_wrapped_and_nothing_of_them_is_lost():
    log = gotest.log_text(a_run(a_check(log="x" * 5000)))
    assert log.count("x") == 5000 + gotest.log_text(a_run(a_check(log=""))).count("x")


def test_forgery_is_shown_escaped():
    log = gotest.log_text(a_run(a_check(log=FORGERY)))
    assert "| \\x16=== RUN   TestForgedByMarker\n" in log
    assert "\\x1b[32m--- PASS: TestForgedInColour\\x1b[0m\\u0085--- PASS" in log
