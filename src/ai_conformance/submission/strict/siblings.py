"""What stands beside a product: other files in its folder, and the same product's folders of other releases."""

from __future__ import annotations

import difflib
import hashlib
import os
import posixpath

from ai_conformance.submission import folders
from ai_conformance.submission.folders import ProductFolder
from ai_conformance.submission.product import FILE_NAME

_MOST_FILES = 2000
"""A folder with more files is no product's folder; the search for a near name then stops."""


def nearest_file(folder: ProductFolder, wanted: str) -> str:
    """The file in the folder whose name is nearest to one that is not there; empty if none is near."""
    names: list[str] = []
    for current, _, files in os.walk(folder.path):
        below = os.path.relpath(current, folder.path)
        names += [posixpath.normpath(posixpath.join(below, name)) for name in files if name != FILE_NAME]
        if len(names) > _MOST_FILES:
            break
    plain = posixpath.normpath(wanted)
    same = [name for name in names if name.lower() == plain.lower()]
    close = same or difflib.get_close_matches(plain, names, n=1, cutoff=0.6)
    return close[0] if close else ""


def other_releases(folder: ProductFolder) -> tuple[ProductFolder, ...]:
    """The folders of the same name (in any case) beside this one's release, the oldest first."""
    if folder.release is None or not folder.root.is_dir():
        return ()
    found = [
        folders.of(product)
        for release in folder.root.iterdir()
        if folders.RELEASE_FOLDER.fullmatch(release.name) and release.name != f"v{folder.release}" and release.is_dir()
        for product in release.iterdir()
        if product.name.lower() == folder.name.lower() and (product / FILE_NAME).is_file()
    ]
    return tuple(sorted(found, key=lambda one: str(one.path)))


def has_file(folder: ProductFolder, digest: str, *, like: str) -> bool:
    """Whether a folder has a file of the same path, or the same name anywhere, with a SHA-256."""
    name = like.rpartition("/")[2]
    for path in dict.fromkeys([like, name]):
        try:
            if hashlib.sha256(folder.read(path)).hexdigest() == digest:
                return True
        except folders.FolderError:
            continue
    return False
