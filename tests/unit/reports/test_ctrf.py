"""CTRF of runs: states that never flatter, names and suites, and identifiers that stay."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings

from ai_conformance.model.records import RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import ctrf
from generated_runs import RUNS
from sample_runs import START, a_case, a_check, a_run, hostile_run, sound_run


def results_of(run: RunRecord) -> Any:
    return json.loads(ctrf.ctrf_text(run))["results"]


def test_every_verdict_has_a_state_and_pass_alone_is_passed() -> None:
    assert ctrf.STATUS.keys() == set(Verdict)
    assert [verdict for verdict, state in ctrf.STATUS.items() if state == "passed"] == [Verdict.PASS]


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.ERROR, Verdict.BLOCKED])
def test_what_failed_or_could_not_be_observed_fails_a_pipeline(verdict: Verdict) -> None:
    results = results_of(a_run(a_check(verdict=verdict, reason="no room")))
    (test,) = results["tests"]
    assert (test["status"], test["rawStatus"], test["message"]) == ("failed", verdict, f"{verdict}: no room")
    assert results["summary"]["failed"] == 1


def test_a_requirement_is_not_greener_than_its_cases() -> None:
    cases = (a_case(), a_case("Negative", verdict=Verdict.ERROR))
    whole, sound, wrong = results_of(a_run(a_check(verdict=Verdict.PASS, cases=cases)))["tests"]
    assert [one["status"] for one in (whole, sound, wrong)] == ["failed", "passed", "failed"]
    assert (whole["rawStatus"], whole["message"]) == ("PASS", "PASS: every case passed")


def test_requirements_that_no_check_covers_are_there_and_wait_for_a_person() -> None:
    tests = {test["name"]: test for test in results_of(sound_run())["tests"]}
    for name in ("ai_service_metrics", "gpu_sharing"):
        assert (tests[name]["status"], tests[name]["tags"]) == ("pending", ["MUST", "by hand"])


def test_a_case_is_in_the_suite_of_its_requirement() -> None:
    case = results_of(a_run(a_check(cases=(a_case(variant="DRA-n1"),))))["tests"][1]
    assert case["suite"] == ["Kubernetes AI Conformance 1.37", "secure_accelerator_access"]
    assert (case["name"], case["tags"]) == ("PositiveAccessTest (DRA-n1)", ["MUST", "positive"])
    assert case["attachments"] == [
        {
            "name": "pod.json",
            "contentType": "application/json",
            "path": "evidence/secure_accelerator_access/PositiveAccessTest/pod.json",
        }
    ]


def test_times_are_whole_milliseconds_of_the_record() -> None:
    results = results_of(a_run(a_check()))
    began = 1_795_514_400_123
    assert int(START.timestamp() * 1000) == began
    assert (results["summary"]["start"], results["summary"]["duration"]) == (began, 9500)
    (test,) = results["tests"]
    assert (test["start"], test["duration"], test["stop"]) == (began, 3500, began + 3500)


def identifiers(run: RunRecord) -> list[str]:
    return [test["testId"] for test in results_of(run)["tests"]]


def test_a_test_is_known_again_in_another_run() -> None:
    check = a_check(cases=(a_case(), a_case(variant="n2")))
    later = dataclasses.replace(a_run(a_check("dra_support"), check), run_id="later")
    assert identifiers(later)[1:] == identifiers(a_run(check))
    assert len(set(identifiers(later))) == 4


@given(run=RUNS)
@settings(max_examples=20, deadline=None)
def test_the_summary_counts_the_tests(run: RunRecord) -> None:
    results = results_of(run)
    states = [test["status"] for test in results["tests"]]
    counted = {state: results["summary"][state] for state in ("passed", "failed", "skipped", "pending", "other")}
    assert counted == {state: states.count(state) for state in counted}
    assert results["summary"]["tests"] == sum(counted.values()) == len(states)


def test_what_a_record_leaves_empty_has_a_name_all_the_same() -> None:
    run = dataclasses.replace(a_run(a_check("", cases=(a_case(""),))), run_id="")
    report = json.loads(ctrf.ctrf_text(run))
    assert report["runId"] == "-"
    assert [test["name"] for test in report["results"]["tests"]] == ["-", "-"]


def test_a_log_cannot_begin_a_line_of_its_own() -> None:
    lines = [line for test in results_of(hostile_run())["tests"] for line in test["stdout"]]
    assert lines
    assert all(line.isprintable() for line in lines)
