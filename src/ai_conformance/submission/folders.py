"""A product's folder ``vX.Y/<product>/``: what its path says, and files read from inside it and from nowhere else.

A submission comes from others. So nothing is opened that its path, after every link is followed, does not show to be a
regular file below the folder: no ``..`` out of it, no link out of it, no device and no pipe that would never end.
"""

from __future__ import annotations

import dataclasses
import errno
import os
import re
import stat
from pathlib import Path

from ai_conformance.model.releases import Release
from ai_conformance.submission.errors import SubmissionError
from ai_conformance.submission.product import FILE_NAME

MAX_ARTIFACT_BYTES = 64 * 1024 * 1024
"""A full log of the official suite has about 1 MB; one that is 60 times as long is a mistake."""

RELEASE_FOLDER = re.compile(r"v(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2})", re.ASCII)
"""The name of a release's folder. The program takes it as it is written: of v01.37 it has no checklist."""

_ANY_RELEASE = re.compile(r"v[0-9]+\.[0-9]+")
"""What the program's validator takes for one, with a checklist or without."""


class FolderError(SubmissionError):
    """A path cannot be used; the message says which and why."""


class Outside(FolderError):  # noqa: N818 - named for what happened
    """The path leads out of the folder."""


class Missing(FolderError):  # noqa: N818 - as above
    """There is nothing at the path."""


class NotAFile(FolderError):  # noqa: N818 - as above
    """There is something at the path, and it is no regular file: a folder, a pipe, a device."""


class TooLarge(FolderError):  # noqa: N818 - as above
    """The file is beyond the limit."""


class Unreadable(FolderError):  # noqa: N818 - as above
    """The system does not let it be read: permissions, a link to itself, a name that is too long."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProductFolder:
    """A folder of one product in one release."""

    path: Path
    release: Release | None
    """From a folder ``vX.Y`` of the path; None where it stands in none."""
    place: str
    """The path in the program's repository: ``vX.Y/<product>`` where it is in order."""

    @property
    def name(self) -> str:
        """The product's name in the path."""
        return self.place.rpartition("/")[2]

    @property
    def root(self) -> Path:
        """The root of the program's repository, which `place` is told from. Links in the path stay as they are."""
        return Path(str(_absolute(self.path)).removesuffix(self.place))

    @property
    def ordinary(self) -> bool:
        """Whether it is where the program wants it: ``vX.Y/<product>/`` in the root of the repository."""
        return self.place == f"v{self.release}/{self.name}"

    @property
    def product_file(self) -> Path:
        """Where PRODUCT.yaml is or will be."""
        return self.path / FILE_NAME

    def read(self, relative: str, *, limit_bytes: int = MAX_ARTIFACT_BYTES) -> bytes:
        """The bytes of a file in the folder. Raises FolderError (see its subclasses)."""
        path = self.locate(relative)
        # O_NONBLOCK: a pipe that takes the file's place after the look at it must not block.
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise _refusal(relative, error) from None
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise NotAFile(f"{relative} is {_kind(status.st_mode)}, not a file")
            data = stream.read(limit_bytes + 1)
        if len(data) > limit_bytes:
            raise TooLarge(f"{relative} has {status.st_size} bytes; more than {limit_bytes} are not read")
        return data

    def locate(self, relative: str) -> Path:
        """The real path of something inside the folder. Raises Outside, Missing, NotAFile and Unreadable."""
        if "\0" in relative:
            raise Unreadable(f"{relative!r} is no path: it holds a NUL")
        wanted = Path(relative)
        if wanted.is_absolute():
            raise Outside(f"{relative} is absolute; name a file in {self.path.name}/")
        try:
            base = self.path.resolve(strict=True)
            if not Path(os.path.normpath(base / wanted)).is_relative_to(base):
                raise Outside(f"{relative} leads out of {self.path.name}/")
            found = (base / wanted).resolve(strict=True)
            mode = found.lstat().st_mode
        except (OSError, RuntimeError) as error:
            # Python 3.11 and 3.12 say RuntimeError where a link leads to itself.
            raise _refusal(relative, error) from None
        if not found.is_relative_to(base):
            raise Outside(f"{relative} leads out of {self.path.name}/")
        if not stat.S_ISREG(mode):
            raise NotAFile(f"{relative} is {_kind(mode)}, not a file")
        return found


def folder(path: Path) -> ProductFolder:
    """The folder at a path (or of the PRODUCT.yaml at it). Raises Missing or NotAFile.

    The release and the product's name come from the last two parts of the absolute path, as in ``v1.37/acme``.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise _refusal(str(path), error) from None
    place = path.parent if stat.S_ISREG(mode) and path.name == FILE_NAME else path
    if not place.is_dir():
        raise NotAFile(f"{path} is neither a product's folder nor a {FILE_NAME}")
    return of(place)


def of(path: Path) -> ProductFolder:
    """A folder by the last two parts of its path alone; it need not exist."""
    whole = _absolute(path)
    return ProductFolder(path=path, release=_release(whole.parent.name), place="/".join(whole.parts[1:][-2:]))


def submitted(path: Path, *, root: Path | None) -> ProductFolder:
    """A folder as the program's validator takes it: of the first ``vX.Y`` of its path in the repository.

    The folder may be deeper in it than ``vX.Y/<product>/``, or be it. Where the `root` of the repository is not known,
    it is taken to be what holds the nearest ``vX.Y`` above the folder, since those further up are likelier to be a
    part of somebody's disk; a folder below none is taken by its own name.
    """
    whole = _absolute(path)
    if root is not None:
        parts = whole.relative_to(_absolute(root)).parts
    else:
        above = [number for number, part in enumerate(whole.parts[:-1]) if _ANY_RELEASE.fullmatch(part)]
        parts = whole.parts[above[-1] if above else -1 :]
    first = next((part for part in parts if _ANY_RELEASE.fullmatch(part)), "")
    return ProductFolder(path=path, release=_release(first), place="/".join(parts))


def _release(name: str) -> Release | None:
    return Release.parse(name) if RELEASE_FOLDER.fullmatch(name) else None


def _absolute(path: Path) -> Path:
    return Path(os.path.normpath(path.absolute()))


def _refusal(relative: str, error: OSError | RuntimeError) -> FolderError:
    code = error.errno if isinstance(error, OSError) else errno.ELOOP
    if code in (errno.ENOENT, errno.ENOTDIR):
        return Missing(f"there is no {relative}")
    return Unreadable(f"{relative} cannot be read: {os.strerror(code or errno.EIO)}")


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")
