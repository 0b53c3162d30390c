"""Go's own tools read the artifacts, and see the tests and outcomes that the run had; no more and no other."""

from __future__ import annotations

import json
import subprocess
from collections import Counter

import pytest
from hypothesis import given, settings

import generated_runs
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import gotest, outcomes
from sample_runs import a_check, a_run, hostile_run, sound_run

RUNS = [
    pytest.param(sound_run(), id="sound"),
    pytest.param(hostile_run(), id="hostile"),
    pytest.param(a_run(a_check(), interrupted=True), id="interrupted"),
    pytest.param(a_run(a_check(verdict=Verdict.SKIPPED)), id="all-skipped"),
    pytest.param(a_run(), id="empty"),
]


def events_of(text):
    return [json.loads(line) for line in text.split("\n") if line]


@pytest.mark.parametrize("run", RUNS)
def test_test2json_makes_our_results_of_our_log(run, go):
    must_be_made_of_the_log(run, go=go)


@given(run=generated_runs.RUNS)
@settings(max_examples=8, deadline=None)
def test_test2json_makes_our_results_of_the_log_of_any_run(run, go):
    must_be_made_of_the_log(run, go=go)


def must_be_made_of_the_log(run, *, go):
    read = subprocess.run(
        [go, "tool", "test2json", "-t", "-p", gotest.package_of(run)],
        input=gotest.log_text(run).encode(),
        capture_output=True,
        timeout=120,
        check=True,
    )
    keys = ("Action", "Package", "Test", "Output")
    theirs = [tuple(event.get(key) for key in keys) for event in events_of(read.stdout.decode())]
    ours = [tuple(event.get(key) for key in keys) for event in events_of(gotest.results_text(run))]
    assert theirs == ours
    elapsed = [
        {event["Test"]: event["Elapsed"] for event in events if "Elapsed" in event and "Test" in event}
        for events in (events_of(read.stdout.decode()), events_of(gotest.results_text(run)))
    ]
    assert elapsed[0] == elapsed[1]


@pytest.mark.parametrize(("run", "exit_code"), [(sound_run(), 0), (hostile_run(), 1)])
def test_gotestsum_counts_what_we_count(run, exit_code, gotestsum, tmp_path):
    results, report = tmp_path / "results.json", tmp_path / "junit.xml"
    results.write_text(gotest.results_text(run))
    nodes = [node for test in outcomes.tests_of(run) for node in test.walk()]
    counts = Counter(node.outcome for node in nodes)
    # gotestsum ends as the command does whose output it reads; it has nothing to add where the events explain that.
    replay = ["sh", "-c", 'cat "$1"; exit "$2"', "sh", str(results), str(exit_code)]
    read = subprocess.run(
        [gotestsum, "--no-color", "--format=testname", f"--junitfile={report}", "--raw-command", "--", *replay],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    failed, skipped = counts[outcomes.Outcome.FAIL], counts[outcomes.Outcome.SKIP]
    expected = f"DONE {len(nodes)} tests"
    expected += f", {skipped} skipped" if skipped else ""
    expected += f", {failed} failure{'s' if failed > 1 else ''}" if failed else ""
    assert f"{expected} in " in read.stdout, read.stdout[-2000:] + read.stderr[-2000:]
    assert ("error" in read.stdout.rpartition("DONE")[2], read.stderr) == (False, "")
    assert (read.returncode, bool(failed)) == (exit_code, bool(exit_code))
    assert report.read_text().count("<testcase ") == len(nodes)
