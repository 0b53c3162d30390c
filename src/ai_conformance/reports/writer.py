"""Puts all reports of a run into its folder, or one of them into a file: whole or not at all, and never over a file
that is not this run's own."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ai_conformance.model.records import RunRecord
from ai_conformance.reports import artifacts, html, markdown, run_json
from ai_conformance.reports.html.evidence import Folder

RUN_JSON: Final = "run.json"

# The first is written first: it says whose the others are when a later run finds them.
FILES: Final = (RUN_JSON, "e2e.log", "results.json", "junit.xml", "report.md", "report.html")

_ADVICE: Final = {
    errno.ENOSPC: "free some space there or choose another folder with --output",
    errno.EDQUOT: "the quota is used up: free some space or choose another folder with --output",
    errno.EACCES: "choose a folder that you may write to with --output",
    errno.EPERM: "choose a folder that you may write to with --output",
    errno.EROFS: "choose a folder on a file system that can be written to with --output",
}


class CannotWrite(Exception):  # noqa: N818 - it says what could not be done
    """A file of the run could not be written; the reason ends with what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write {path}: {reason}")
        self.path = path
        self.reason = reason


class AlreadyThere(Exception):  # noqa: N818 - it says what is
    """Writing would destroy what is there; the message ends with what to do."""


def write_all(run: RunRecord, folder: Path) -> tuple[Path, ...]:
    """Write every report into ``folder`` (made if it is not there) and return their paths.

    Files of an earlier write of the same run are replaced. Each appears by a rename, so that a reader never sees half
    of one, and none appears unless all could be written. Raises `CannotWrite`.
    """
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    _refuse_what_is_not_ours(run, folder)
    written: list[tuple[Path, Path]] = []
    try:
        for name, content in _contents(run, folder=folder).items():
            path = folder / name
            temporary = folder / f".{name}.{os.getpid()}.tmp"
            written.append((temporary, path))
            with _explained(path):
                _write_through(temporary, content)
        for temporary, path in written:
            with _explained(path):
                temporary.replace(path)
        with _explained(folder):
            _sync(folder)
    finally:
        for temporary, _path in written:
            # An error here would hide the one that brought us here, and a hidden file harms nobody.
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
    return tuple(path for _temporary, path in written)


def write_one(content: bytes, path: Path, *, replace: bool = False) -> None:
    """Write a single file, whole or not at all. Raises `AlreadyThere` without `replace`, and `CannotWrite`.

    Only a plain file is replaced: a folder, a link or a device of that name is somebody's mistake or trap.
    """
    if os.path.lexists(path):
        if path.is_symlink() or not path.is_file():
            raise AlreadyThere(f"{path} is there already and is no plain file; choose another one with -o")
        if not replace:
            raise AlreadyThere(f"{path} is there already; choose another one with -o, or replace it with --force")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with _explained(path):
        try:
            _write_through(temporary, content)
            if replace:
                temporary.replace(path)
            else:
                _give_name(temporary, path)
        except FileExistsError:
            raise AlreadyThere(f"{path} was made by somebody else meanwhile; choose another one with -o") from None
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def _give_name(temporary: Path, path: Path) -> None:
    """Unlike a rename, a link fails where somebody has made the file meanwhile; not every file system has links."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        temporary.rename(path)


def _contents(run: RunRecord, *, folder: Path) -> dict[str, bytes]:
    run = run_json.as_stored(run)
    contents = {
        RUN_JSON: run_json.run_text(run).encode(),
        **artifacts.of(run),
        "report.md": markdown.report_text(run).encode(),
        "report.html": html.html_text(run, evidence=Folder(folder)).encode(),
    }
    return {name: contents[name] for name in FILES}


def _refuse_what_is_not_ours(run: RunRecord, folder: Path) -> None:
    present = [folder / name for name in FILES if os.path.lexists(folder / name)]
    for path in present:
        if path.is_symlink() or not path.is_file():
            raise CannotWrite(
                path, "something that is no plain file has this name; choose another folder with --output"
            )
    if not present:
        return
    owner = None
    with contextlib.suppress(run_json.UnreadableRun, OSError):
        owner = run_json.read_run((folder / RUN_JSON).read_bytes()).run_id
    if owner != run.run_id:
        raise CannotWrite(
            present[0], "it is there already and is not of this run; choose an empty folder with --output"
        )


def _write_through(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        said = os.strerror(error.errno) if error.errno else str(error)
        advice = _ADVICE.get(error.errno or 0, "choose another folder with --output")
        raise CannotWrite(path, f"{said.lower()}; {advice}") from error
