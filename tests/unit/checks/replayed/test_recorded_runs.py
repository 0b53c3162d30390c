"""Checks against what a real cluster said once: sound ones pass again, and under a fault the same cases fail again."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import replay_samples
from ai_conformance.cli.main import cli


@pytest.mark.parametrize("name", replay_samples.names())
def test_every_verdict_is_the_same_again(name: str, tmp_path: Path) -> None:
    begun = time.process_time()
    folder = replay_samples.unpacked(name, tmp_path / "run")
    arguments = ["replay", str(folder), "--output-format", "json"]
    done = CliRunner().invoke(cli, arguments, standalone_mode=False, catch_exceptions=False)
    told = json.loads(done.output)
    verdicts = {one["requirement"]: one["recomputed"] for one in told["checks"]}
    requirement, _, way = name.partition("-")
    assert verdicts == {requirement: "PASS" if way == "sound" else "FAIL"}
    assert told["same"], done.output
    for check in told["checks"]:
        for pair in (check, *check["cases"]):
            assert pair["recomputed"] == pair["recorded"]
    assert time.process_time() - begun < 3
