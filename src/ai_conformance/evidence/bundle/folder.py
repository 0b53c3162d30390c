"""The files of a folder: plain ones only, each opened without following a link."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from ai_conformance.evidence.bundle import limits, names
from ai_conformance.evidence.bundle.errors import BundleError, Unreadable

Chunks = Iterator[bytes]

CHUNK_BYTES: Final = 1024 * 1024

_KINDS: Final = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Found:
    """Something in the folder that is no folder."""

    path: str
    """From the folder, with ``/``."""
    fault: str = ""
    """What keeps it out of a bundle."""


def walk(root: Path) -> tuple[Found, ...]:
    """What is in a folder, in the order of a bundle; folders count only for what they hold.

    Raises Unreadable where a folder cannot be listed or there are too many files.
    """
    found: list[Found] = []
    for found_here in _entries(root, prefix=""):
        found.append(found_here)
        if len(found) > limits.MAX_FILES:
            raise Unreadable(f"{root} has more than {limits.MAX_FILES} files; is it a run's folder?")
    return tuple(sorted(found, key=lambda one: names.order(one.path)))


def opened(root: Path, path: str) -> IO[bytes]:
    """A file of the folder, to read. Raises Unreadable."""
    try:
        # O_NONBLOCK: a pipe that takes the file's place after the look at it must not block.
        descriptor = os.open(root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Unreadable(f"{root / path} cannot be read: {error.strerror}") from None
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise Unreadable(f"{root / path} is no plain file any more")
    return file


def digest(root: Path, path: str) -> tuple[int, str]:
    """Size in bytes and SHA-256 of a file of the folder. Raises Unreadable."""
    size, hashed = 0, hashlib.sha256()
    with opened(root, path) as file:
        for chunk in chunks(file):
            size += len(chunk)
            if size > limits.MAX_BYTES:
                raise Unreadable(f"{root / path} has more than {limits.MAX_BYTES} bytes, which no bundle may hold")
            hashed.update(chunk)
    return size, hashed.hexdigest()


def read(root: Path, path: str) -> bytes:
    """The content of a file that is read as a whole. Raises Unreadable."""
    with opened(root, path) as file:
        try:
            data = file.read(limits.MAX_RECORD_BYTES + 1)
        except OSError as error:
            raise Unreadable(f"{root / path} cannot be read: {error.strerror}") from None
    if len(data) > limits.MAX_RECORD_BYTES:
        raise Unreadable(f"{root / path} has more than {limits.MAX_RECORD_BYTES} bytes; none of a run has so many")
    return data


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The content of a file, piece by piece. Raises Unreadable."""
    try:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
    except OSError as error:
        raise Unreadable(f"{file.name} cannot be read: {error.strerror}") from None


def pieces(root: Path, path: str) -> Chunks:
    """The content of a file of the folder, piece by piece. Raises Unreadable."""
    with opened(root, path) as file:
        yield from chunks(file)


def must_be_folder(root: Path) -> None:
    """Raise BundleError where there is no folder."""
    if not root.is_dir():
        raise BundleError(f"{root} is no folder" if root.exists() else f"there is no {root}")


def _entries(folder: Path, *, prefix: str) -> Iterator[Found]:
    try:
        with os.scandir(folder) as listed:
            entries = list(listed)
    except OSError as error:
        raise Unreadable(f"{folder} cannot be listed: {error.strerror}") from None
    for entry in entries:
        path = prefix + entry.name
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode) and len(path) <= limits.MAX_NAME_BYTES:
            yield from _entries(folder / entry.name, prefix=f"{path}/")
        elif stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            # A folder whose own name is too long is not descended into: what is in it could not be packed either.
            fault = names.fault(path)
            yield Found(path=path, fault=f"its name cannot be packed: {fault}" if fault else "")
        else:
            yield Found(path=path, fault=f"it is {_KINDS.get(stat.S_IFMT(mode), 'no file')}, not a file")
