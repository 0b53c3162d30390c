"""Finds the members of a tar archive that anybody may have changed, and goes on after what is damaged.

The library's own reader ends without a word at the first damaged header and passes over what it does not know, so it
cannot tell what was altered. Here every byte is part of a `Member` or of a `Gap`; headers are read by the library, one
at a time. Nothing is ever unpacked.
"""

from __future__ import annotations

import dataclasses
import re
import tarfile
from collections.abc import Iterator
from typing import IO, Final

from ai_conformance.evidence.bundle import layout
from ai_conformance.evidence.bundle.layout import BLOCK

_MAGIC: Final = b"ustar\x0000"
_MAGIC_AT: Final = 257
_MAX_LONG_NAME_BYTES: Final = 64 * 1024
_LONG_NAME: Final = re.compile(rb"\d+ path=([^\n\0]+)\n")

_BACK_BYTES: Final = 64 * 1024
"""How much of a file may have been cut out of it for the next one to be found all the same."""

_MAX_CANDIDATES: Final = 100_000
"""So many places are looked at for a header after damage; then the rest counts as damaged."""

_CHUNK_BYTES: Final = 1024 * 1024


@dataclasses.dataclass(frozen=True, kw_only=True)
class Member:
    """A file in the archive, as its header says."""

    path: str
    header: bytes
    """All of it, with what stands before the last block for a long name."""
    info: tarfile.TarInfo
    at: int
    """Where the header begins."""
    content_at: int
    size_bytes: int
    """As far as it is there: less than the header says where the next member begins earlier or the archive ends."""

    @property
    def end(self) -> int:
        """Where the content ends and its padding begins."""
        return self.content_at + self.size_bytes

    @property
    def is_whole(self) -> bool:
        """Whether all that the header says is there."""
        return self.size_bytes == self.info.size


@dataclasses.dataclass(frozen=True, kw_only=True)
class Gap:
    """Bytes that belong to no member."""

    at: int
    end: int


class Walk:
    """One way through an archive."""

    def __init__(self, file: IO[bytes], *, size_bytes: int) -> None:
        self._file = file
        self._size = size_bytes
        self._candidates = 0

    def members(self) -> Iterator[Member | Gap]:
        """Members and gaps in the order of their bytes, up to the end; the right end itself is none of them."""
        at = 0
        while not self._is_end(at):
            header = self._header(at)
            if header is None:
                following = self._search(at)
                yield Gap(at=at, end=following)
                at = following
                continue
            raw, info = header
            content_at = at + len(raw)
            nominal = content_at + info.size + layout.padding(info.size)
            following = nominal
            if not self._is_end(nominal) and self._header(nominal) is None:
                # Bytes may have been cut out of this one, and the next stands earlier than it should.
                following = self._search(max(content_at, nominal - _BACK_BYTES))
            size = max(min(info.size, following - content_at, self._size - content_at), 0)
            yield Member(path=info.name, header=raw, info=info, at=at, content_at=content_at, size_bytes=size)
            if following > nominal and nominal < self._size:
                yield Gap(at=nominal, end=following)
            at = following

    def _is_end(self, at: int) -> bool:
        """Whether the archive ends here as it has to, or nothing is left at all."""
        return at >= self._size or (
            self._size - at == len(layout.END) and self._read(at, len(layout.END)) == layout.END
        )

    def _header(self, at: int) -> tuple[bytes, tarfile.TarInfo] | None:
        block = self._read(at, BLOCK)
        info = _parsed(block)
        if info is None or info.type != tarfile.XHDTYPE:
            return None if info is None else (block, info)
        if info.size > _MAX_LONG_NAME_BYTES:
            return None
        long = self._read(at + BLOCK, info.size + layout.padding(info.size))
        last = self._read(at + BLOCK + len(long), BLOCK)
        named, described = _LONG_NAME.fullmatch(long[: info.size]), _parsed(last)
        if named is None or described is None or described.type == tarfile.XHDTYPE:
            return None
        described.name = named[1].decode("utf-8", "surrogateescape")
        return block + long + last, described

    def _search(self, start: int) -> int:
        """Where the next header begins; the end of the archive, before its blocks of zeros, where there is none."""
        last = max(self._size - len(layout.END), 0)
        before = last if start <= last and self._is_end(last) else self._size
        at = start
        while at < before:
            chunk = self._read(at, _CHUNK_BYTES + _MAGIC_AT + len(_MAGIC))
            place = chunk.find(_MAGIC, _MAGIC_AT)
            while place >= 0:
                self._candidates += 1
                if self._candidates > _MAX_CANDIDATES:
                    return before
                candidate = at + place - _MAGIC_AT
                if self._header(candidate) is not None:
                    return candidate
                place = chunk.find(_MAGIC, place + 1)
            at += _CHUNK_BYTES
        return before

    def _read(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        return self._file.read(size)


def _parsed(block: bytes) -> tarfile.TarInfo | None:
    try:
        info = tarfile.TarInfo.frombuf(block, encoding="utf-8", errors="surrogateescape")
    except (tarfile.HeaderError, ValueError, OverflowError):
        return None
    return info if info.size >= 0 else None
