"""An archive becomes a folder: only the files that are wanted, only regular ones, never outside, never too much.

Links are left out even where they would stay inside: nothing that is wanted needs one.
"""

from __future__ import annotations

import dataclasses
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from ai_conformance.submission.errors import Unavailable

MAX_FILES = 50_000
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_TOTAL_BYTES = 1024 * 1024 * 1024
"""Everything that was ever submitted to the program has about 30 MB; this is a limit for bombs."""
_CHUNK_BYTES = 1024 * 1024
_TROUBLE = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    # zipfile on a compression that it does not know, and on encryption.
    *(NotImplementedError, RuntimeError),
    # bz2 on what is damaged; the system on a name that is too long, or is a file's and a folder's, or on a full disk.
    *(OSError, ValueError),
)


@dataclasses.dataclass
class _Member:
    path: PurePosixPath
    open: Callable[[], IO[bytes] | None]


def unpack(data: bytes, *, into: Path, wanted: Callable[[PurePosixPath], bool], source: str) -> int:
    """Unpack a tar (also compressed) or zip archive into an empty folder; gives the number of files.

    Raises Unavailable: it is no archive, it is damaged, or it is beyond the limits.
    """
    files = total = 0
    try:
        for member in _members(data, source=source):
            if not _stays_inside(member.path) or not wanted(member.path):
                continue
            files += 1
            if files > MAX_FILES:
                raise Unavailable(f"{source}: the archive has more than {MAX_FILES} files")
            stream = member.open()
            if stream is None:
                continue
            with stream:
                total += _write(stream, into / member.path, room=MAX_TOTAL_BYTES - total, source=source)
    except _TROUBLE as error:
        raise Unavailable(f"{source}: the archive cannot be unpacked: {error}") from None
    return files


def _members(data: bytes, *, source: str) -> Iterator[_Member]:
    buffer = io.BytesIO(data)
    if zipfile.is_zipfile(buffer):
        with zipfile.ZipFile(buffer) as archive:
            for info in archive.infolist():
                # The upper half of the attributes is the Unix mode; 0o120000 is a symbolic link.
                if not info.is_dir() and (info.external_attr >> 16) & 0o170000 in (0, 0o100000):
                    yield _Member(PurePosixPath(info.filename), lambda one=info: archive.open(one))  # type: ignore[misc]
        return
    buffer.seek(0)
    if not tarfile.is_tarfile(buffer):
        raise Unavailable(f"{source} is neither a tar nor a zip archive")
    buffer.seek(0)
    with tarfile.open(fileobj=buffer, mode="r:*") as tar:
        for entry in tar:
            if entry.isreg():
                yield _Member(PurePosixPath(entry.name), lambda one=entry: tar.extractfile(one))  # type: ignore[misc]


def _stays_inside(path: PurePosixPath) -> bool:
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in str(path)


def _write(stream: IO[bytes], path: Path, *, room: int, source: str) -> int:
    size = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        while chunk := stream.read(_CHUNK_BYTES):
            size += len(chunk)
            if size > min(room, MAX_FILE_BYTES):
                raise Unavailable(f"{source}: {path.name} is too large; an archive of the program has no such file")
            target.write(chunk)
    return size
