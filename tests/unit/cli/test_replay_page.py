"""The page about replays, done as it stands there, with a recording of the lab."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import documented
import replay_samples
from ai_conformance.cli.main import cli
from ai_conformance.kube.recording import recorder
from ai_conformance.reports import run_folder, writer

PAGE = Path(__file__).resolve().parents[3] / "docs" / "replay.md"


def test_the_commands_of_the_page_do_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = replay_samples.unpacked("gang_scheduling-sound", Path("results/mine"))
    writer.write_all(run_folder.read(folder), folder)
    said = []
    for block in documented.blocks(PAGE):
        for command in block:
            program, *arguments = shlex.split(command)
            assert program == "ai-conformance"
            done = CliRunner().invoke(cli, arguments, standalone_mode=False, catch_exceptions=False)
            assert not done.return_value, done.output
            said.append(done.output)
    assert len(said) == 3
    assert "verdicts are the same." in said[0]
    assert said[0] == said[2]


def test_what_the_page_says_of_limits_holds() -> None:
    assert f"A recording has {recorder.LONGEST_FILE // 2**20} MiB at most" in PAGE.read_text()
