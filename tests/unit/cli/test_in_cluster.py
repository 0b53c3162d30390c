"""The commands that are called in the pod, as the pod calls them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from called import REVIEWS
from fake_api import FakeApi

from ai_conformance.engine.in_cluster import packing
from ai_conformance.engine.in_cluster.layout import Outcome, Results
from ai_conformance.model.verdicts import ExitCode
from samples import RUN


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Results:
    """The results of a finished run, where the commands look for them."""
    made = Results(tmp_path / "results")
    made.root.mkdir()
    monkeypatch.setenv("SONOBUOY_RESULTS_DIR", str(made.root))
    return made


def called(*words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "ai_conformance", "in-cluster", *words]
    return subprocess.run(command, capture_output=True, check=False, timeout=60)


def leave(results: Results) -> None:
    results.run.mkdir()
    for one in RUN.iterdir():
        (results.run / one.name).write_bytes(one.read_bytes())
    packing.leave(results, exit_code=1)


def test_the_outcome_is_not_there_before_the_run_has_ended(results: Results) -> None:
    assert called("outcome").returncode == ExitCode.NOT_EVALUATED
    leave(results)
    answer = called("outcome")
    assert answer.returncode == ExitCode.OK
    assert Outcome.read(answer.stdout.decode()).exit_code == 1


def test_the_bundle_is_sent_as_it_is(results: Results) -> None:
    assert called("send").returncode == ExitCode.NOT_EVALUATED
    leave(results)
    assert called("send").stdout == results.bundle.read_bytes()


def test_nobody_is_released_who_does_not_wait(results: Results) -> None:
    answer = called("release")
    assert (answer.returncode, b"nobody waits" in answer.stderr) == (ExitCode.NOT_EVALUATED, True)


def test_a_folder_that_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONOBUOY_RESULTS_DIR", "/proc/nowhere")
    answer = called("run")
    assert answer.returncode == ExitCode.NOT_EVALUATED
    assert b"the results cannot be kept" in answer.stderr


async def test_a_run_in_a_pod_is_a_run_with_a_log_line_by_line_and_results_to_be_taken(
    api: FakeApi, results: Results
) -> None:
    # As in a pod, but that the API server of a test has no certificate: the kubeconfig takes its place.
    environment = {**os.environ, "KUBECONFIG": str(api.kubeconfig())}
    command = [sys.executable, "-m", "ai_conformance", "in-cluster", "run", "--hold=1h", "--"]
    process = await asyncio.create_subprocess_exec(
        *command, "--requirement=secure_accelerator_access", env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    lines = []
    while not (lines and "Waits 1h for" in lines[-1]):
        lines.append((await process.stdout.readline()).decode())
        assert lines[-1], lines
    assert any("secure_accelerator_access: BLOCKED" in line for line in lines)
    assert process.returncode is None
    assert (await asyncio.to_thread(called, "release")).returncode == ExitCode.OK
    assert await process.wait() == ExitCode.NOT_EVALUATED
    assert json.loads((results.run / "run.json").read_text())["command"]
    assert results.done.read_text() == str(results.compressed)
    assert api.count("POST", REVIEWS) == 0
