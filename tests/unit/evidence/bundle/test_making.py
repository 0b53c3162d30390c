"""What is packed is all of a run and the same bytes every time; what could not be believed later is refused now."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import socket
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

import sample_runs
from ai_conformance.evidence.bundle import (
    folder,
    layout,
    limits,
    making,
    manifest,
    names,
    statement,
    verifying,
    writing,
)
from ai_conformance.evidence.bundle.errors import BundleError, Refused, Unreadable
from samples import RUN

from .conftest import a_record, leave, members


def refusal(run: Path, tmp_path: Path, kind: type[BundleError] = Refused) -> str:
    target = tmp_path / "made" / "x.tar"
    target.parent.mkdir(exist_ok=True)
    with pytest.raises(kind) as caught:
        making.create(run, target, replace=False)
    assert type(caught.value) is kind
    assert list(target.parent.iterdir()) == []
    return str(caught.value)


def test_all_files_of_the_run_are_in_it_unchanged(run: Path, bundle: Path) -> None:
    held = dict(members(bundle.read_bytes()))
    on_disk = {path.relative_to(run).as_posix(): path.read_bytes() for path in run.rglob("*") if path.is_file()}
    assert {path.removeprefix("run/"): data for path, data in held.items() if path.startswith("run/")} == on_disk
    assert sorted(path for path in held if not path.startswith("run/")) == [names.MANIFEST, names.STATEMENT]


def test_the_manifest_has_the_digest_of_every_file(run: Path, bundle: Path) -> None:
    held = dict(members(bundle.read_bytes()))
    assert manifest.read(held[names.MANIFEST]) == {
        path: hashlib.sha256(data).hexdigest() for path, data in held.items() if path.startswith("run/")
    }


def test_the_same_run_gives_the_same_bytes_wherever_and_however_its_files_lie(run: Path, bundle: Path) -> None:
    copied = run.with_name("another place")
    for path in sorted((one for one in run.rglob("*") if one.is_file()), reverse=True):
        target = copied / path.relative_to(run)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o600)
        os.utime(target, (1, 1))
    (copied / "an empty folder").mkdir()
    again = run.with_name("again.tar")
    making.create(copied, again, replace=False)
    assert again.read_bytes() == bundle.read_bytes()


def test_the_bytes_are_those_that_every_version_makes(tmp_path: Path) -> None:
    # If this fails, bundles that were made before are no longer what `verify` asks for.
    files = {"a": b"", "b/c.json": b"{}\n", "ü" * 60: b"x" * 512, f"{'d' * 120}/{'e' * 120}.log": b"y" * 513}
    parts = [writing.of_bytes(names.RUN + path, data) for path, data in files.items()]
    writing.write(tmp_path / "x.tar", parts, replace=False)
    data = (tmp_path / "x.tar").read_bytes()
    assert dict(members(data)) == {names.RUN + path: content for path, content in files.items()}
    assert hashlib.sha256(data).hexdigest() == "9d1dfc35317e0927523a9498554948356ffc85c229facd5868b3b07f08b1750c"


def test_a_real_run_can_be_packed_and_what_is_left_out_of_it_is_told(tmp_path: Path) -> None:
    package = making.create(RUN, tmp_path / "x.tar", replace=False)
    assert package.files == len(list(RUN.iterdir()))
    assert len(package.missing) == 85
    assert verifying.verify(tmp_path / "x.tar").findings == ()


def test_an_interrupted_run_can_be_packed_and_says_so(tmp_path: Path) -> None:
    record = a_record(sample_runs.a_run(sample_runs.a_check(), interrupted=True))
    package = making.create(leave(tmp_path / "run", record), tmp_path / "x.tar", replace=False)
    assert package.record.interrupted
    said = statement.read(dict(members((tmp_path / "x.tar").read_bytes()))[names.STATEMENT])
    assert said.predicate.run.interrupted


def test_what_a_hostile_container_printed_can_be_packed(tmp_path: Path) -> None:
    run = leave(tmp_path / "run", a_record(sample_runs.hostile_run()))
    making.create(run, tmp_path / "x.tar", replace=False)
    assert verifying.verify(tmp_path / "x.tar").findings == ()


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "run.json", "nowhere", "."])
def test_a_link_is_refused_wherever_it_leads(run: Path, tmp_path: Path, target: str) -> None:
    (run / "evidence" / "link").symlink_to(target)
    assert "mine/evidence/link cannot be packed: it is a link, not a file" in refusal(run, tmp_path)


def test_a_run_may_be_named_by_a_link_to_its_folder(run: Path, bundle: Path) -> None:
    link = run.with_name("latest")
    link.symlink_to(run)
    making.create(link, names.beside(link), replace=False)
    assert run.with_name("latest.bundle.tar").read_bytes() == bundle.read_bytes()


def test_a_pipe_and_a_socket_are_refused_without_waiting_for_them(run: Path, tmp_path: Path) -> None:
    os.mkfifo(run / "evidence" / "pipe")
    assert "evidence/pipe cannot be packed: it is a pipe, not a file" in refusal(run, tmp_path)
    (run / "evidence" / "pipe").unlink()
    # Bound by a short name, as that of a socket may not be long.
    with socket.socket(socket.AF_UNIX) as bound, contextlib.chdir(run):
        bound.bind("socket")
        assert "mine/socket cannot be packed: it is a socket, not a file" in refusal(run, tmp_path)


@pytest.mark.parametrize(("kind", "word"), [(stat.S_IFCHR, "a device"), (stat.S_IFBLK, "a device"), (0, "no file")])
def test_a_device_is_refused(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: int, word: str) -> None:
    # To make a device takes root, so the system's answer is made up.
    entry = SimpleNamespace(name="null", stat=lambda *, follow_symlinks: SimpleNamespace(st_mode=kind | 0o644))
    plain = [one for one in os.scandir(run) if one.is_file()]
    monkeypatch.setattr(os, "scandir", lambda _: contextlib.nullcontext([*plain, entry]))
    assert f"mine/null cannot be packed: it is {word}, not a file" in refusal(run, tmp_path)


@pytest.mark.parametrize("name", ["a\nb", "a\\b", "a\x1b[31mb", "a\u202eb", "a\udcffb"])
def test_a_name_that_reads_differently_than_it_is_is_refused(run: Path, tmp_path: Path, name: str) -> None:
    (run / name).write_text("x")
    assert "its name cannot be packed" in refusal(run, tmp_path)


def test_a_path_that_is_too_long_is_refused(run: Path, tmp_path: Path) -> None:
    deep = run.joinpath(*["d" * 200] * 6)
    deep.mkdir(parents=True)
    (deep / "x").write_text("x")
    assert f"more than {limits.MAX_NAME_BYTES} bytes" in refusal(run, tmp_path)


@pytest.mark.parametrize("name", ["e2e.log", "junit.xml", "results.json", "report.md"])
def test_an_artifact_that_does_not_say_what_the_record_says_is_refused(run: Path, tmp_path: Path, name: str) -> None:
    path = run / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert f"mine/{name} does not say what run.json says: it was changed" in refusal(run, tmp_path)


def test_a_folder_without_an_artifact_is_refused_and_one_without_the_report_is_not(run: Path, tmp_path: Path) -> None:
    (run / "report.md").unlink()
    making.pack(run)
    (run / "e2e.log").unlink()
    assert "mine/e2e.log is missing" in refusal(run, tmp_path)


def test_what_is_no_runs_folder_is_a_mistake_of_the_user(run: Path, tmp_path: Path) -> None:
    assert "there is no" in refusal(tmp_path / "nowhere", tmp_path, BundleError)
    assert "is no folder" in refusal(run / "run.json", tmp_path, BundleError)
    (run / "run.json").unlink()
    assert "A run that was killed leaves none" in refusal(run, tmp_path, BundleError)


@pytest.mark.parametrize("record", ["", "{", "[]", '{"schema_version": 2}', "[" * 100_000])
def test_a_record_that_cannot_be_read_is_named(run: Path, tmp_path: Path, record: str) -> None:
    (run / "run.json").write_text(record)
    assert "mine/run.json: " in refusal(run, tmp_path, Unreadable)


def test_a_bundle_that_is_there_is_replaced_only_if_that_was_asked_for(run: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.tar"
    target.write_text("a user's")
    with pytest.raises(Refused, match="replace it with --force"):
        making.create(run, target, replace=False)
    assert target.read_text() == "a user's"
    making.create(run, target, replace=True)
    assert members(target.read_bytes())
    assert not list(tmp_path.glob(".*"))


def test_a_bundle_that_appears_meanwhile_is_not_overwritten(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "x.tar"
    fsync = os.fsync

    def slow_disk(descriptor: int) -> None:
        fsync(descriptor)
        target.write_text("another's")

    monkeypatch.setattr(os, "fsync", slow_disk)
    with pytest.raises(Refused, match="is there already"):
        making.create(run, target, replace=False)
    assert target.read_text() == "another's"


def test_a_folder_or_a_device_is_never_replaced(run: Path, tmp_path: Path) -> None:
    for target in (tmp_path, Path("/dev/null")):
        with pytest.raises(Refused, match="is no plain file"):
            making.create(run, target, replace=True)


def test_a_bundle_does_not_become_part_of_its_own_run(run: Path) -> None:
    with pytest.raises(Refused, match="is in the run's folder"):
        making.create(run, run / "evidence" / "x.tar", replace=False)


def test_a_disk_that_does_not_take_it_leaves_nothing(run: Path, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="was not written: no such file or directory"):
        making.create(run, tmp_path / "no" / "folder" / "x.tar", replace=False)


@pytest.mark.parametrize(
    "change", [b'{"event": "RunStarted"}\nmore\n', b'{"event": "RunStarted"}', b'{"event": "RunStopped"}\n']
)
def test_a_file_that_changes_while_it_is_packed_is_told(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: bytes
) -> None:
    real = folder.digest

    def still_written(root: Path, path: str) -> tuple[int, str]:
        found = real(root, path)
        if path == "journal.jsonl":
            (root / path).write_bytes(change)
        return found

    monkeypatch.setattr(folder, "digest", still_written)
    assert "run/journal.jsonl changed while it was packed" in refusal(run, tmp_path, Unreadable)


def test_what_takes_the_place_of_a_file_meanwhile_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(Unreadable):
            folder.opened(tmp_path, name)


def test_what_is_too_much_for_a_bundle_is_refused(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_FILES", 3)
    assert "more than 3 files" in refusal(run, tmp_path, Unreadable)
    monkeypatch.setattr(limits, "MAX_FILES", 100)
    limit = sum(path.stat().st_size for path in run.rglob("*") if path.is_file()) - 1
    monkeypatch.setattr(limits, "MAX_BYTES", limit)
    assert f"more than {limit} bytes" in refusal(run, tmp_path)


def test_times_owners_and_modes_are_always_the_same() -> None:
    assert layout.header("run/x", size_bytes=1) == layout.header("run/x", size_bytes=1)
    assert len(layout.header("run/" + "x" * 90, size_bytes=1)) == layout.BLOCK
