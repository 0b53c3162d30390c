"""Writing files so that a process killed half-way leaves either the old file or the new one, and file locks."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from ai_conformance.lab.errors import LabError


def write_atomically(path: Path, content: str | bytes, *, mode: int = 0o644) -> None:
    """Write a whole file or nothing, with these permissions from the first moment on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    data = content.encode() if isinstance(content, str) else content
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        temporary.rename(path)
    except BaseException:  # whatever ended the writing, also an interrupt, must not leave half a file; it is raised on
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any, *, mode: int = 0o644) -> None:
    """Write ``value`` as indented JSON, atomically."""
    write_atomically(path, json.dumps(value, indent=2) + "\n", mode=mode)


def read_json(path: Path) -> Any:
    """Read JSON; a file that is not JSON is reported by name.

    Raises:
        LabError: the file is damaged.
    """
    try:
        return json.loads(path.read_text())
    except json.JSONDecodeError as error:
        raise LabError(f"{path} is damaged: {error}", remedy="Delete the file and run the command again.") from error


@contextlib.contextmanager
def building(target: Path) -> Iterator[Path]:
    """Give a temporary sibling of the folder ``target`` that takes its place when the block ends without an error.

    A process killed in the block leaves only the temporary folder, which the next build of the same target removes;
    call this under a lock of that target.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".building-{target.name}-"
    for leftover in target.parent.glob(f"{prefix}*"):
        shutil.rmtree(leftover)
    temporary = target.parent / f"{prefix}{secrets.token_hex(4)}"
    temporary.mkdir()
    try:
        yield temporary
        if target.exists():
            shutil.rmtree(target)
        temporary.rename(target)
    finally:
        if temporary.exists():
            shutil.rmtree(temporary)


@contextlib.contextmanager
def locked(path: Path, *, busy: str | None = None) -> Iterator[None]:
    """Hold an exclusive lock while the block runs; the kernel gives it back however the process ends.

    Waits for another holder, or raises at once where ``busy`` says what to tell the user.

    Raises:
        LabError: ``busy`` was given and another process holds the lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy is not None else 0))
        except BlockingIOError as error:
            if _holder_runs(file):
                raise LabError(
                    busy or f"{path} is locked.", remedy="Wait until it has ended, then try again."
                ) from error
            # A killed holder's child has the lock for the moment between its birth and its own program.
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _holder_runs(file: IO[str]) -> bool:
    """Whether the process that wrote its number into the lock's file last is there, and no zombie."""
    file.seek(0)
    try:
        stat = Path(f"/proc/{int(file.read())}/stat").read_text()
    except ValueError:  # it has the lock and did not come to writing yet
        return True
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
