"""SARIF of runs: what is an alert and how heavy, where it points, and what stays the same from run to run."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings

from ai_conformance.model.records import RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import run_json, sarif
from generated_runs import RUNS
from sample_runs import a_case, a_check, a_run, hostile_run, sound_run, unautomated

ALERTS = {Verdict.FAIL, Verdict.ERROR, Verdict.BLOCKED}


def log_of(run: RunRecord) -> Any:
    (one,) = json.loads(sarif.sarif_text(run))["runs"]
    return one


def failed(**changes: Any) -> RunRecord:
    case = a_case(variant="DRA-n1", verdict=Verdict.FAIL, reason="the pod saw two")
    return a_run(dataclasses.replace(a_check(verdict=Verdict.FAIL, cases=(a_case("Control"), case)), **changes))


def test_a_run_without_a_failure_has_rules_and_no_results() -> None:
    log = log_of(sound_run())
    assert log["results"] == []
    assert sorted(rule["id"] for rule in log["tool"]["driver"]["rules"]) == sorted(
        check.requirement for check in sound_run().checks
    )


def test_what_nobody_tested_is_told_though_it_is_no_alert() -> None:
    notes = log_of(sound_run())["invocations"][0]["toolExecutionNotifications"]
    assert [(one["level"], one["message"]["text"].split(":")[0]) for one in notes] == [
        ("warning", "ai_service_metrics (MUST)"),
        ("warning", "gpu_sharing (MUST)"),
    ]


@pytest.mark.parametrize(
    ("level", "verdict", "heavy"),
    [
        ("MUST", Verdict.FAIL, "error"),
        ("MUST", Verdict.BLOCKED, "warning"),
        ("MUST", Verdict.ERROR, "warning"),
        ("SHOULD", Verdict.FAIL, "warning"),
        ("SHOULD", Verdict.BLOCKED, "note"),
        ("-", Verdict.FAIL, "note"),
    ],
)
def test_level_and_verdict_make_the_weight(level: str, verdict: Verdict, heavy: str) -> None:
    run = a_run(dataclasses.replace(a_check(verdict=verdict), level=level))
    assert [one["level"] for one in log_of(run)["results"]] == [heavy]


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - ALERTS))
def test_no_other_verdict_is_an_alert(verdict: Verdict) -> None:
    assert log_of(a_run(a_check(verdict=verdict, cases=(a_case(verdict=verdict),))))["results"] == []


def test_a_check_and_its_case_are_an_alert_each_and_say_what_was_seen() -> None:
    whole, part = log_of(failed(reason="PositiveAccessTest: the pod saw two"))["results"]
    assert whole["message"]["text"] == (
        "secure_accelerator_access: FAIL: PositiveAccessTest: the pod saw two. Next step: look at the evidence."
    )
    assert part["message"]["text"].startswith("secure_accelerator_access, PositiveAccessTest (DRA-n1): FAIL: the pod")
    assert part["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == (
        "secure_accelerator_access/PositiveAccessTest/DRA-n1"
    )


@pytest.mark.parametrize("make", [failed, hostile_run])
def test_an_alert_points_to_the_line_of_its_record(make: Any) -> None:
    run = make()
    lines = run_json.run_text(run).split("\n")
    parts = [part for check in run.checks for part in (check, *check.cases) if part.verdict in ALERTS]
    for part, alert in zip(parts, log_of(run)["results"], strict=True):
        place = alert["locations"][0]["physicalLocation"]
        assert place["artifactLocation"] == {"uri": "run.json", "uriBaseId": "RUN"}
        start = place["region"]["startLine"] - 1
        assert lines[start].strip() == "{"
        record = json.JSONDecoder().raw_decode("\n".join(lines[start:]).lstrip())[0]
        assert (record["verdict"], record["duration_s"]) == (part.verdict, part.duration_s)
        assert "name" in record or "requirement" in record


def test_evidence_is_named_as_files_of_the_runs_folder() -> None:
    related = log_of(failed())["results"][1]["relatedLocations"]
    assert [one["physicalLocation"]["artifactLocation"] for one in related] == [
        {"uri": "evidence/secure_accelerator_access/PositiveAccessTest/pod.json", "uriBaseId": "RUN"}
    ]


def fingerprints(run: RunRecord) -> list[str]:
    return [one["partialFingerprints"]["primaryLocationLineHash"] for one in log_of(run)["results"]]


def test_an_alert_is_known_again_when_its_verdict_reason_and_line_have_changed() -> None:
    later = failed(verdict=Verdict.BLOCKED, reason="something else")
    later = dataclasses.replace(later, run_id="later", checks=(a_check("dra_support"), *later.checks))
    assert fingerprints(failed()) == fingerprints(later)
    assert log_of(failed())["automationDetails"]["id"].rpartition("/")[0] == "run/1.37"
    assert log_of(later)["automationDetails"]["id"] == "run/1.37/later"


@given(run=RUNS)
@settings(max_examples=20, deadline=None)
def test_a_code_host_finds_all_that_it_asks_for(run: RunRecord) -> None:
    """What GitHub's page on SARIF marks as required, never empty, within its limits of length."""
    log = log_of(run)
    rules = log["tool"]["driver"]["rules"]
    for rule in rules:
        for text in (rule["id"], rule["shortDescription"]["text"], rule["fullDescription"]["text"]):
            assert 0 < len(text) <= 1024
        assert rule["help"]["text"]
    prints = [one["partialFingerprints"]["primaryLocationLineHash"] for one in log["results"]]
    assert len(set(prints)) == len(prints)
    for result in log["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["level"] in {"error", "warning", "note"}
        assert {"startLine", "startColumn", "endLine", "endColumn"} <= result["locations"][0]["physicalLocation"][
            "region"
        ].keys()


def test_what_a_record_leaves_empty_is_not_empty_where_a_code_host_asks_for_it() -> None:
    case = dataclasses.replace(a_case("", verdict=Verdict.FAIL, reason=""), expected="")
    check = dataclasses.replace(a_check("", verdict=Verdict.FAIL, cases=(case,), reason=""), title="", next_step="")
    log = log_of(dataclasses.replace(a_run(check), tool_version="", run_id="", release=""))
    (rule,) = log["tool"]["driver"]["rules"]
    assert {rule["id"], rule["shortDescription"]["text"], rule["fullDescription"]["text"]} == {"unnamed requirement"}
    assert [one["message"]["text"] for one in log["results"]] == [
        "unnamed requirement: FAIL: no reason was recorded.",
        "unnamed requirement, unnamed case: FAIL: no reason was recorded.",
    ]
    assert log["tool"]["driver"]["version"] == "unknown"
    assert log["automationDetails"]["id"] == "run/-/-"


def test_what_is_longer_than_a_code_host_takes_is_cut_and_says_where_the_rest_is() -> None:
    check = dataclasses.replace(a_check("of_tomorrow", verdict=Verdict.FAIL, reason="y" * 5000), title="x" * 5000)
    log = log_of(a_run(check))
    (rule,) = log["tool"]["driver"]["rules"]
    for text in (rule["shortDescription"]["text"], rule["fullDescription"]["text"]):
        assert len(text) == 1000
        assert text.endswith("x ... (all of it is in run.json)")
    assert len(log["results"][0]["message"]["text"]) < 1200


def test_a_rule_has_the_help_of_explain() -> None:
    (rule,) = log_of(a_run(a_check("gang_scheduling")))["tool"]["driver"]["rules"]
    assert "On FAIL: " in rule["help"]["text"]
    assert rule["help"]["text"].endswith("All of it: ai-conformance explain gang_scheduling")
    assert rule["properties"]["tags"] == ["MUST", "schedulingOrchestration"]
    assert rule["defaultConfiguration"]["level"] == "error"


def test_a_requirement_that_this_version_does_not_know_is_a_rule_by_its_own_title() -> None:
    (rule,) = log_of(a_run(unautomated("of_tomorrow", artifact=None)))["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "Access to accelerators is isolated"


@pytest.mark.parametrize(
    ("run", "sound"),
    [
        (sound_run(), True),
        (failed(), True),
        (a_run(a_check(verdict=Verdict.ERROR)), False),
        (a_run(a_check(), interrupted=True), False),
    ],
)
def test_a_run_that_could_not_observe_or_end_is_no_success_of_the_tool(run: RunRecord, sound: bool) -> None:
    assert log_of(run)["invocations"][0]["executionSuccessful"] is sound


def test_the_versions_are_those_of_the_run_not_of_the_teller() -> None:
    run = dataclasses.replace(sound_run(), tool_version="0.9.1-rc.2")
    assert log_of(run)["tool"]["driver"]["semanticVersion"] == "0.9.1-rc.2"
    odd = dataclasses.replace(run, tool_version="of\ntoday")
    assert log_of(odd)["tool"]["driver"]["version"] == "of today"
    assert "semanticVersion" not in log_of(odd)["tool"]["driver"]
