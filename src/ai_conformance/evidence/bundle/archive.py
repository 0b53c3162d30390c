"""A bundle as it was packed: an archive, of which every byte has to be the one that `layout` demands."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import IO, Final

from ai_conformance.evidence.bundle import layout, limits, names
from ai_conformance.evidence.bundle.contents import Contents
from ai_conformance.evidence.bundle.errors import BundleError, Unreadable
from ai_conformance.evidence.bundle.findings import Finding, Kind
from ai_conformance.evidence.bundle.walking import Gap, Member, Walk

_CHUNK_BYTES: Final = 1024 * 1024

_OTHER_FORMS: Final = (
    (b"\x1f\x8b", "it is compressed with gzip, and a bundle is not; unpack it with gunzip"),
    (b"BZh", "it is compressed with bzip2, and a bundle is not; unpack it with bunzip2"),
    (b"\xfd7zXZ\x00", "it is compressed with xz, and a bundle is not; unpack it with unxz"),
    (b"\x28\xb5\x2f\xfd", "it is compressed with zstd, and a bundle is not; unpack it with unzstd"),
    (b"PK\x03\x04", "it is a zip archive, and a bundle is a tar archive"),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Archive:
    """An open bundle."""

    file: IO[bytes]
    size_bytes: int
    members: tuple[Member | Gap, ...]

    def contents(self) -> Contents:
        """What it holds. Of several members of one name the first counts, and `form` tells of the others."""
        first: dict[str, Member] = {}
        for one in self.members:
            if isinstance(one, Member) and _fault(one) is None:
                first.setdefault(one.path, one)
        return Contents(
            digests={path: self._digest(one) for path, one in first.items()},
            sizes={path: one.size_bytes for path, one in first.items()},
            read=lambda path: self._whole(first[path]),
            chunks=lambda path: self._chunks(first[path]),
            form=lambda expected: tuple(self._form(expected)),
        )

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content of a file, piece by piece."""
        yield from self._chunks(next(one for one in self.members if isinstance(one, Member) and one.path == path))

    def _form(self, expected: Collection[str]) -> Iterator[Finding]:
        seen: set[str] = set()
        before: Member | None = None
        # Where the end has to begin: after what was looked at last.
        due = 0
        for number, one in enumerate(self.members):
            if isinstance(one, Gap):
                yield self._gap(one, before=before, after=self.members[number + 1 :], expected=expected)
                due = one.end
                continue
            fault = _fault(one)
            if fault is not None:
                yield Finding(kind=Kind.ADDED, path=one.path, sentence=f"it cannot be in a bundle: {fault}")
            elif one.path in seen:
                yield Finding(kind=Kind.ADDED, path=one.path, sentence=f"it is there again at byte {one.at}")
            else:
                yield from self._member(one, before=before)
            due = one.end + layout.padding(one.size_bytes)
            seen.add(one.path)
            before = one
        if self._read(due, len(layout.END) + 1) != layout.END:
            sentence = f"after byte {due} there are not two blocks of zeros and nothing more"
            yield Finding(kind=Kind.ALTERED, path="the end of the archive", sentence=sentence)

    def _member(self, one: Member, *, before: Member | None) -> Iterator[Finding]:
        wanted = layout.header(one.path, size_bytes=one.info.size)
        if one.header != wanted:
            yield Finding(kind=Kind.ALTERED, path=one.path, sentence=f"its header: {_otherwise(one, wanted)}")
        if not one.is_whole:
            missing = one.info.size - one.size_bytes
            yield Finding(kind=Kind.ALTERED, path=one.path, sentence=f"{missing} bytes of it are missing")
        elif any(self._read(one.end, layout.padding(one.size_bytes))):
            yield Finding(kind=Kind.ALTERED, path=one.path, sentence=f"the padding after it, at byte {one.end}")
        elif one.end + layout.padding(one.size_bytes) > self.size_bytes:
            yield Finding(kind=Kind.ALTERED, path=one.path, sentence="the padding after it is cut off")
        if before is not None and names.order(before.path) > names.order(one.path):
            yield Finding(kind=Kind.ALTERED, path=one.path, sentence=f"it stands after {before.path}, out of its order")

    def _gap(
        self, gap: Gap, *, before: Member | None, after: Sequence[Member | Gap], expected: Collection[str]
    ) -> Finding:
        """Whose header it was, if only one file is missing between those before and after."""
        there = {one.path for one in self.members if isinstance(one, Member)}
        following = next((one.path for one in after if isinstance(one, Member)), None)
        candidates = [
            path
            for path in expected
            if path not in there
            and (before is None or names.order(before.path) < names.order(path))
            and (following is None or names.order(path) < names.order(following))
        ]
        if len(candidates) == 1 and gap.end - gap.at >= layout.BLOCK:
            return Finding(kind=Kind.ALTERED, path=candidates[0], sentence=f"its header, at byte {gap.at}, is damaged")
        where = f"after {before.path}" if before else "at the beginning"
        sentence = f"{gap.end - gap.at} bytes {where}, from byte {gap.at} on, belong to no file"
        return Finding(kind=Kind.ALTERED, path="the archive", sentence=sentence)

    def _digest(self, one: Member) -> str:
        hashed = hashlib.sha256()
        for chunk in self._chunks(one):
            hashed.update(chunk)
        return hashed.hexdigest()

    def _whole(self, one: Member) -> bytes:
        if one.size_bytes > limits.MAX_RECORD_BYTES:
            raise Unreadable(f"{one.path} has more than {limits.MAX_RECORD_BYTES} bytes; none of a run has so many")
        return self._read(one.content_at, one.size_bytes)

    def _chunks(self, one: Member) -> Iterator[bytes]:
        for at in range(one.content_at, one.end, _CHUNK_BYTES):
            yield self._read(at, min(_CHUNK_BYTES, one.end - at))

    def _read(self, at: int, size: int) -> bytes:
        self.file.seek(at)
        return self.file.read(size)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """An archive in a file. Raises BundleError where there is no file, Unreadable where it cannot be a bundle."""
    try:
        # O_NONBLOCK: of a pipe that is named here nobody need wait for the other end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}") from None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise BundleError(f"{path} is no file")
        if status.st_size > limits.MAX_BYTES:
            raise Unreadable(f"{path} has {status.st_size} bytes; no bundle has more than {limits.MAX_BYTES}")
        try:
            begin = file.read(8)
            for magic, sentence in _OTHER_FORMS:
                if begin.startswith(magic):
                    raise Unreadable(f"{path}: {sentence}")
            members: list[Member | Gap] = []
            for one in Walk(file, size_bytes=status.st_size).members():
                members.append(one)
                # A gap for each file, at most.
                if len(members) > 2 * (limits.MAX_FILES + 3 * limits.MAX_SIGNATURES + 3):
                    raise Unreadable(f"{path} holds more than {limits.MAX_FILES} files, and no bundle does")
            yield Archive(file=file, size_bytes=status.st_size, members=tuple(members))
        except OSError as error:
            raise Unreadable(f"{path} cannot be read: {error.strerror}") from None


def _fault(one: Member) -> str | None:
    if not one.info.isreg():
        kinds = {"5": "a folder", "1": "a link", "2": "a link", "3": "a device", "4": "a device", "6": "a pipe"}
        return f"it is {kinds.get(one.info.type.decode('latin-1'), 'nothing that a bundle has')}, not a file"
    return names.fault(one.path)


def _otherwise(one: Member, wanted: bytes) -> str:
    """In which field a header is not what it has to be."""
    info = one.info
    fields = (
        ("the mode", f"{info.mode:04o}", f"{layout.MODE:04o}"),
        ("the time", str(info.mtime), str(layout.TIME)),
        ("the owner", f"{info.uid} {info.uname}".strip(), "0"),
        ("the group", f"{info.gid} {info.gname}".strip(), "0"),
    )
    said = [f"{name} is {found}, not {due}" for name, found, due in fields if found != due]
    if said:
        return ", ".join(said)
    pairs = enumerate(zip(one.header, wanted, strict=False))
    place = next((number for number, (left, right) in pairs if left != right), min(len(one.header), len(wanted)))
    return f"byte {one.at + place} is not as it has to be"
