"""Which files are opened, what a name stands for in them, and that our own run's files are read as they were meant."""

from __future__ import annotations

import pytest

from ai_conformance.model.records import RunRecord
from ai_conformance.reports import gotest, junit, outcomes
from ai_conformance.submission.artifacts import ArtifactKind, ArtifactReport, TestOutcome, kind_of, read
from sample_runs import hostile_run, sound_run

PASSED, FAILED, SKIPPED = TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.SKIPPED


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("e2e.log", ArtifactKind.E2E_LOG),
        ("a/b/JUnit.XML", ArtifactKind.JUNIT),
        ("jun\u0130t.xml", ArtifactKind.JUNIT),
        ("results.json", ArtifactKind.RESULTS_JSON),
        ("results.json/x", None),
        ("junit_01.xml", None),
        ("install.log", None),
        ("e2e.log.txt", None),
        ("", None),
    ],
)
def test_only_the_reserved_names_are_opened(path: str, kind: ArtifactKind | None) -> None:
    assert kind_of(path) is kind


@pytest.mark.parametrize(
    ("tests", "outcome"),
    [
        ({"T": PASSED, "T/a": FAILED}, PASSED),
        ({"T/a": PASSED, "T/b": FAILED}, FAILED),
        ({"T/a": SKIPPED, "T/b/c": SKIPPED}, SKIPPED),
        ({"T/a": SKIPPED, "T/b": PASSED}, PASSED),
        ({"Tx": PASSED, "t": PASSED, "x/T/a": PASSED}, None),
        ({}, None),
    ],
)
def test_a_test_that_is_not_there_stands_for_its_sub_tests(
    tests: dict[str, TestOutcome], outcome: TestOutcome | None
) -> None:
    assert ArtifactReport(tests=tests, failures=()).outcome_of("T") is outcome


@pytest.mark.parametrize("run", [sound_run(), hostile_run()], ids=["sound", "hostile"])
def test_the_three_artifacts_of_a_run_of_ours_say_the_same_of_every_test(run: RunRecord) -> None:
    named = {"pass": PASSED, "fail": FAILED, "skip": SKIPPED}
    expected = {node.name: named[node.outcome] for test in outcomes.tests_of(run) for node in test.walk()}
    log = read(gotest.log_text(run).encode("utf-8"), kind=ArtifactKind.E2E_LOG)
    events = read(gotest.results_text(run).encode("utf-8"), kind=ArtifactKind.RESULTS_JSON)
    cases = read(junit.junit_bytes(run), kind=ArtifactKind.JUNIT)
    assert log.tests == events.tests == expected
    assert {name: outcome for name, outcome in expected.items() if name in cases.tests} == cases.tests
    assert set(log.failures) == set(events.failures)
