"""Writes the archive: whole or not at all, and over nothing that is there unless that was asked for."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final

from ai_conformance.evidence.bundle import layout, limits, names
from ai_conformance.evidence.bundle.errors import Refused, Unreadable

_NO_HARD_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """A file on its way into an archive. It is read again when it is written, and has to be the same then."""

    path: str
    size_bytes: int
    sha256: str
    content: Callable[[], Iterable[bytes]]


def of_bytes(path: str, data: bytes) -> Part:
    """A part whose content is at hand."""
    return Part(path=path, size_bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), content=lambda: (data,))


def write(target: Path, parts: Iterable[Part], *, replace: bool) -> None:
    """Write an archive of parts. Raises Refused where it would overwrite, Unreadable where a part or the disk fails."""
    ordered = sorted(parts, key=lambda one: names.order(one.path))
    size = sum(len(layout.header(one.path, size_bytes=one.size_bytes)) + one.size_bytes + 512 for one in ordered)
    if size > limits.MAX_BYTES:
        raise Refused(f"the bundle would have more than {limits.MAX_BYTES} bytes, and no larger one is read")
    with _explained(target):
        # Before the work, so that nobody waits for a refusal; what appears meanwhile is not overwritten either.
        _must_be_free(target, replace=replace)
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("xb") as file:
                _write(file, ordered)
                file.flush()
                os.fsync(file.fileno())
            _put(temporary, target, replace=replace)
        finally:
            temporary.unlink(missing_ok=True)


def _write(file: IO[bytes], parts: Iterable[Part]) -> None:
    for part in parts:
        file.write(layout.header(part.path, size_bytes=part.size_bytes))
        size, digest = 0, hashlib.sha256()
        for chunk in part.content():
            size += len(chunk)
            if size > part.size_bytes:
                break
            digest.update(chunk)
            file.write(chunk)
        if size != part.size_bytes or digest.hexdigest() != part.sha256:
            raise Unreadable(f"{part.path} changed while it was packed; is the run still going on?")
        file.write(bytes(layout.padding(size)))
    file.write(layout.END)


def _put(temporary: Path, target: Path, *, replace: bool) -> None:
    if not replace:
        try:
            # Unlike a rename, a link never takes the place of something that came in the meantime.
            os.link(temporary, target)
        except FileExistsError:
            _must_be_free(target, replace=False)
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
        else:
            return
        _must_be_free(target, replace=False)
    temporary.replace(target)


def _must_be_free(target: Path, *, replace: bool) -> None:
    if not os.path.lexists(target):
        return
    if not target.is_file():
        raise Refused(f"{target} is no plain file; name another one with -o")
    if not replace:
        raise Refused(f"{target} is there already; replace it with --force, or name another file with -o")


@contextlib.contextmanager
def _explained(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        said = os.strerror(error.errno).lower() if error.errno else str(error)
        raise Unreadable(f"{target} was not written: {said}") from None
