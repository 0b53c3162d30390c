"""Reports appear whole or not at all, and never over what is not the run's own."""

from __future__ import annotations

import dataclasses
import errno
import os

import pytest

from ai_conformance.reports import artifacts, run_json, writer
from sample_runs import hostile_run, sound_run


def test_all_reports_are_written_and_can_be_written_again(tmp_path):
    folder = tmp_path / "new" / "run"
    first = writer.write_all(sound_run(), folder)
    before = {path.name: path.read_bytes() for path in first}
    assert writer.write_all(sound_run(), folder) == first
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert set(before) == set(writer.FILES)


def test_the_artifacts_say_what_the_record_says_even_of_what_json_cannot_hold(tmp_path):
    writer.write_all(hostile_run(), tmp_path)
    read = run_json.read_run((tmp_path / writer.RUN_JSON).read_bytes())
    assert {name: (tmp_path / name).read_bytes() for name in artifacts.NAMES} == artifacts.of(read)


@pytest.mark.parametrize("name", writer.FILES)
def test_a_file_that_is_not_ours_is_left_alone(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(writer.CannotWrite, match="choose an empty folder"):
        writer.write_all(sound_run(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_another_run_is_not_overwritten(tmp_path):
    writer.write_all(sound_run(), tmp_path)
    with pytest.raises(writer.CannotWrite):
        writer.write_all(dataclasses.replace(sound_run(), run_id="other"), tmp_path)


def test_a_link_is_not_followed(tmp_path):
    target = tmp_path / "target"
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "e2e.log").symlink_to(target)
    with pytest.raises(writer.CannotWrite, match="no plain file"):
        writer.write_all(sound_run(), folder)
    assert not target.exists()


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path, monkeypatch):
    real, calls = os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(writer.CannotWrite, match="no space left on device; free some space") as raised:
        writer.write_all(hostile_run(), tmp_path)
    assert raised.value.path == tmp_path / "results.json"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(writer.CannotWrite, match="not a directory"):
        writer.write_all(sound_run(), tmp_path / "file" / "run")
