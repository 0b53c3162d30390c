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


def test_one_file_is_written_whole_and_never_over_another(tmp_path):
    path = tmp_path / "report.xml"
    writer.write_one(b"first", path)
    with pytest.raises(writer.AlreadyThere, match="replace it with --force"):
        writer.write_one(b"second", path)
    assert path.read_bytes() == b"first"
    writer.write_one(b"second", path, replace=True)
    assert path.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("kind", ["folder", "link", "pipe", "broken link"])
def test_one_file_takes_the_place_of_a_plain_file_alone(tmp_path, kind, replace):
    path, other = tmp_path / "it", tmp_path / "other"
    if kind == "link":
        other.write_bytes(b"mine")
    make = {"folder": path.mkdir, "pipe": lambda: os.mkfifo(path)}
    make.get(kind, lambda: path.symlink_to(other))()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(writer.AlreadyThere, match="no plain file"):
        writer.write_one(b"new", path, replace=replace)
    assert sorted(tmp_path.iterdir()) == before
    assert not other.exists() or other.read_bytes() == b"mine"


def test_a_file_that_somebody_makes_meanwhile_is_left_alone(tmp_path, monkeypatch):
    path = tmp_path / "it"
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (path.write_bytes(b"theirs"), real(descriptor)))
    with pytest.raises(writer.AlreadyThere, match="meanwhile"):
        writer.write_one(b"ours", path)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"it": b"theirs"}


def test_a_file_system_without_hard_links_is_written_to_as_well(tmp_path, monkeypatch):
    def no_links(self, target):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(type(tmp_path), "hardlink_to", no_links)
    writer.write_one(b"ours", tmp_path / "it")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"it": b"ours"}


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "it"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(writer.CannotWrite, match="no space left on device"):
        writer.write_one(b"new", path, replace=True)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"it": b"old"}
