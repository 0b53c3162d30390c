"""A run comes back out of its bundle as it was, or not at all, and over nothing that is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ai_conformance.evidence.bundle import unpacking
from ai_conformance.evidence.bundle.errors import Altered, BundleError, Refused, Unreadable


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("before", ["nothing", "an empty folder"])
def test_the_run_is_there_again_and_nothing_beside_it(run: Path, signed: Path, tmp_path: Path, before: str) -> None:
    target = tmp_path / "back" / "mine"
    if before != "nothing":
        target.mkdir(parents=True)
    assert unpacking.unpack(signed, target) == len(content(run))
    assert content(target) == content(run)
    assert [path.name for path in target.parent.iterdir()] == ["mine"]
    assert target.stat().st_mode & 0o777 == 0o777 & ~_umask()


def test_what_was_altered_is_not_unpacked(bundle: Path, tmp_path: Path) -> None:
    data = bytearray(bundle.read_bytes())
    data[data.index(b"RESULT: seen=1")] ^= 1
    bundle.write_bytes(data)
    with pytest.raises(Altered, match=r"probe\.log"):
        unpacking.unpack(bundle, tmp_path / "back")
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("cut", [0, 1, 512, 5000])
def test_what_is_no_whole_bundle_is_not_unpacked(bundle: Path, tmp_path: Path, cut: int) -> None:
    bundle.write_bytes(bundle.read_bytes()[:cut])
    with pytest.raises(BundleError):
        unpacking.unpack(bundle, tmp_path / "back")
    assert not (tmp_path / "back").exists()


@pytest.mark.parametrize("kind", ["full folder", "file", "link", "broken link"])
def test_nothing_that_is_there_is_touched(bundle: Path, tmp_path: Path, kind: str) -> None:
    target, elsewhere = tmp_path / "back", tmp_path / "elsewhere"
    elsewhere.mkdir()
    if kind == "full folder":
        target.mkdir()
        (target / "mine.txt").write_text("kept")
    elif kind == "file":
        target.write_text("kept")
    else:
        target.symlink_to(elsewhere if kind == "link" else tmp_path / "nowhere")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(Refused, match="is there already"):
        unpacking.unpack(bundle, target)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert list(elsewhere.iterdir()) == []


def test_what_comes_meanwhile_is_not_touched_and_nothing_is_left(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "back"
    write = unpacking._write

    def slow(source: Path, folder: Path) -> int:
        target.mkdir()
        (target / "mine.txt").write_text("kept")
        return write(source, folder)

    monkeypatch.setattr(unpacking, "_write", slow)
    with pytest.raises(Refused):
        unpacking.unpack(bundle, target)
    assert content(target) == {"mine.txt": b"kept"}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".back")] == []


def test_a_folder_that_cannot_be_made_is_said(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unreadable, match="cannot be made"):
        unpacking.unpack(bundle, tmp_path / "file" / "back")


def _umask() -> int:
    current = os.umask(0o022)
    os.umask(current)
    return current
