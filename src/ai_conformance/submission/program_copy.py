"""A copy of the program's repository: its checklists and the products that were submitted to it.

It may be a checkout (any folder laid out like it), an archive on disk or an archive's URL. The official wording is read
from here whenever it is needed; none of it is kept in this project.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from ai_conformance import catalog
from ai_conformance.catalog import official
from ai_conformance.model.releases import Release
from ai_conformance.submission import folders
from ai_conformance.submission.downloads import archives, fetching
from ai_conformance.submission.errors import SubmissionError, Unavailable
from ai_conformance.submission.folders import ProductFolder
from ai_conformance.submission.product import FILE_NAME

_URL = re.compile(r"https?://", re.IGNORECASE)
_GITHUB = re.compile(r"https://github\.com/[^/]+/[^/]+?(\.git)?/?")
_PLACES = (".", "submissions")
"""Where folders of releases are: the first as in the program's repository."""

Tell = Callable[[str], None]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProgramCopy:
    """A folder with checklists and submissions."""

    root: Path
    origin: str
    """What was asked for: a folder or a URL."""

    @property
    def releases(self) -> tuple[Release, ...]:
        """Releases with a checklist, the oldest first."""
        return official.releases(self.root)

    def checklist(self, release: Release) -> official.OfficialChecklist:
        """The official checklist of a release. Raises SubmissionError, and CatalogError where it cannot be read."""
        if release not in self.releases:
            names = ", ".join(str(one) for one in self.releases) or "none"
            raise SubmissionError(f"{self.origin} has no checklist of release {release}; it has: {names}")
        return official.read(official.find(self.root, release=release), release=release)

    def checklist_file(self, release: Release) -> Path:
        """The file of a release's checklist. Raises CatalogError."""
        return official.find(self.root, release=release)

    def root_of(self, path: Path) -> Path:
        """What the place of a product is told from, for one that is in the copy."""
        places = [self.root / one for one in reversed(_PLACES)]
        return next(one for one in places if path.absolute().is_relative_to(one.absolute()))

    def products(self, *, release: Release | None = None) -> tuple[ProductFolder, ...]:
        """The product folders (those with a PRODUCT.yaml), by release and name; of one release if asked for."""
        found = [
            folders.of(product)
            for place in _PLACES
            for of_release in (self.root / place).glob("v*")
            if folders.RELEASE_FOLDER.fullmatch(of_release.name) and of_release.is_dir()
            for product in of_release.iterdir()
            if product.is_dir() and os.path.lexists(product / FILE_NAME)
        ]
        kept = [one for one in found if release in (None, one.release)]
        return tuple(sorted(kept, key=lambda one: (one.release or Release(0, 0), one.name)))


def around(path: Path) -> ProgramCopy | None:
    """The nearest copy of the program that a path is in or is; None if it is in none."""
    whole = Path(os.path.normpath(path.absolute()))
    root = next((one for one in (whole, *whole.parents) if official.releases(one)), None)
    return ProgramCopy(root=root, origin=str(root)) if root else None


def differences(checklist: official.OfficialChecklist) -> tuple[str, ...]:
    """Where a checklist differs from what this version knows of it, as sentences with their places.

    None means that the text is the one whose hashes we have. A newer text is used all the same.
    """
    known = catalog.load()
    if checklist.release not in known.releases:
        return (f"{checklist.path}:1:1: this version does not know the checklist of {checklist.release} yet",)
    return tuple(f"{one.place}: {one.sentence}" for one in official.compare(checklist, known))


def open_copy(where: str, *, tell: Tell, cache: Path | None = None) -> ProgramCopy:
    """The copy at a folder, in an archive file, or behind a URL (kept in the cache, fetched again if it has changed).

    `tell` hears what takes time or is worth knowing. Raises SubmissionError where it is no copy of the program, and
    Unavailable where it cannot be had.
    """
    kept = (cache or cache_root()) / "program"
    if not _URL.match(where) and not (os.path.isfile(where) or os.path.isdir(where)):  # noqa: PTH112, PTH113 - NUL
        raise SubmissionError(f"--program {where}: there is no such folder, and it is no URL")
    try:
        root = _opened(where, kept=kept, tell=tell)
    except OSError as error:
        raise Unavailable(
            f"{where} cannot be kept in {kept}: {error.strerror or error}; name another folder in $AI_CONFORMANCE_CACHE"
        ) from None
    if not official.releases(root):
        raise SubmissionError(
            f"{where} is no copy of the program: there is no docs/AIConformance-<release>.yaml in it; "
            "name a checkout of its repository or the URL of an archive of it"
        )
    return ProgramCopy(root=root, origin=where)


def _opened(where: str, *, kept: Path, tell: Tell) -> Path:
    if _URL.match(where):
        return _from_url(where, kept=kept, tell=tell)
    return Path(where) if Path(where).is_dir() else _unpacked(_read(Path(where)), kept=kept, source=where)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SubmissionError(f"--program {file} cannot be read: {error.strerror}") from None


def cache_root() -> Path:
    """``$AI_CONFORMANCE_CACHE``, else the user's cache folder. Whatever is in it may be deleted."""
    own = os.environ.get("AI_CONFORMANCE_CACHE")
    base = os.environ.get("XDG_CACHE_HOME")
    return Path(own) if own else (Path(base) if base else Path.home() / ".cache") / "ai-conformance"


def _from_url(where: str, *, kept: Path, tell: Tell) -> Path:
    url = f"{where.removesuffix('/').removesuffix('.git')}/archive/HEAD.tar.gz" if _GITHUB.fullmatch(where) else where
    note = kept / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"
    etag, folder = _noted(note, kept=kept)
    tell(f"Asking {url} for the program's repository ...")
    try:
        fetched = fetching.fetch(url, etag=etag if folder else "")
    except Unavailable as error:
        if folder is None:
            raise
        tell(f"{error}. The copy that was fetched before is used: {folder}")
        return folder
    if fetched.data is None and folder is not None:
        return folder
    root = _unpacked(fetched.data or b"", kept=kept, source=url)
    _replace(note, json.dumps({"url": url, "etag": fetched.etag, "folder": root.relative_to(kept).as_posix()}))
    return root


def _noted(note: Path, *, kept: Path) -> tuple[str, Path | None]:
    """The tag and the folder of an earlier download; a note that is damaged counts as none."""
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
        folder = kept / content["folder"]
        return (str(content["etag"]), folder) if folder.is_dir() else ("", None)
    except (OSError, ValueError, KeyError, TypeError):
        return "", None


def _unpacked(data: bytes, *, kept: Path, source: str) -> Path:
    """The folder of an archive's content, unpacked once; its name is the content's hash."""
    target = kept / hashlib.sha256(data).hexdigest()[:32]
    if not target.is_dir():
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept, prefix=".unpacking-") as temporary:
            content = Path(temporary) / "content"
            content.mkdir()
            if not archives.unpack(data, into=content, wanted=_is_wanted, source=source):
                raise SubmissionError(f"{source}: the archive holds no checklists and no products")
            try:
                content.rename(target)
            except OSError:
                # Another process was faster; what it unpacked is the same.
                if not target.is_dir():
                    raise
    inner = list(target.iterdir())
    # An archive made by a forge has one folder at its top.
    return inner[0] if len(inner) == 1 and inner[0].is_dir() and not official.releases(target) else target


def _is_wanted(path: PurePosixPath) -> bool:
    return any(
        part in ("docs", "checklists") or folders.RELEASE_FOLDER.fullmatch(part) for part in path.parts[:-1]
    ) or (path.name.startswith("AIConformance-"))


def _replace(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".note-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    shutil.move(temporary, path)
