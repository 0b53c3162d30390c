"""A run is read from its folder, and what cannot be one is named with what to do."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from ai_conformance.reports import run_folder, run_json
from sample_runs import sound_run
from samples import RUN


def test_a_folder_and_its_record_are_the_same_run() -> None:
    assert run_folder.read(RUN) == run_folder.read(RUN / "run.json")
    assert run_folder.read(RUN).run_id == "81b4dd"


def test_a_folder_may_have_the_name_of_the_record(tmp_path: Path) -> None:
    shutil.copytree(RUN, tmp_path / "run.json")
    assert run_folder.read(tmp_path / "run.json").run_id == "81b4dd"


def refused(place: Path) -> str:
    with pytest.raises(run_folder.NoRun) as caught:
        run_folder.read(place)
    return str(caught.value)


def test_a_folder_without_a_record_says_which_folder_is_meant(tmp_path: Path) -> None:
    assert refused(tmp_path) == (
        f"there is no {tmp_path}/run.json; name the folder that `ai-conformance run --output` wrote"
    )
    assert "not a directory" in refused(Path(__file__))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "run.json")
    assert "no regular file" in refused(tmp_path)


def test_a_record_that_is_a_folder_is_none(tmp_path: Path) -> None:
    (tmp_path / "run.json").mkdir()
    assert "run.json/run.json" in refused(tmp_path / "run.json")
    assert "is a directory" in refused(tmp_path)


def test_what_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_folder, "MAX_BYTES", 10)
    assert "larger than 10 bytes" in refused(RUN)


def changed(**values: Any) -> str:
    return json.dumps(json.loads(run_json.run_text(sound_run())) | values)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (changed(schema_version=2), "schema_version 2; this version of the tool reads 1"),
        (changed(started_at="2026-11-24T10:00:00"), "started_at: a time without its zone"),
        (changed(ended_at="0001-01-01T00:00:00Z"), "ended_at: no run was at that time"),
        (changed().replace('"duration_s": 3.5', '"duration_s": 1e300'), "no run takes so long"),
        (changed().replace('"duration_s": 3.5', '"duration_s": 1e999'), "run.json"),
        (changed().replace('"pod running": 1.25', '"pod running": 1e12'), "no run takes so long"),
        ("[" * 100_000, "nested too deeply"),
        ('{"schema_version": 1, "x": ' + "[" * 900 + "]" * 900 + "}", "run.json"),
        ("\x00", "not JSON"),
    ],
)
def test_a_record_that_no_writer_could_tell_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "run.json").write_text(text)
    said = refused(tmp_path)
    assert said.startswith(f"{tmp_path}/run.json: run.json")
    assert words in said
