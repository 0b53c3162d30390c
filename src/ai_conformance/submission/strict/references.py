"""What a piece of evidence refers to: an address, a file of the folder, or nothing that anyone could open.

Files are named as the program's validator takes them: with or without ``file://``, a fragment behind ``#``, and the
folder's own ``vX.Y/<product>/`` in front if the author likes. Stricter than it: a sentence is no file name.
"""

from __future__ import annotations

import dataclasses
import enum
import re

from ai_conformance.submission.folders import ProductFolder

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# A last part with an extension, or a path of several parts without a blank: people name files so.
_FILE_LIKE = re.compile(r"(?:\S+/)*\S[^/]*\.[A-Za-z0-9]{1,8}|\S+(?:/\S+)+")


class ReferenceKind(enum.Enum):
    """Kinds of evidence."""

    URL = enum.auto()
    FILE = enum.auto()
    NOTHING = enum.auto()
    """Words; where they name one file, it is the path all the same."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reference:
    """What a text refers to."""

    kind: ReferenceKind
    url: str = ""
    path: str = ""
    """Relative to the product's folder, as it is opened."""
    fragment: str = ""


def parse(text: str, *, folder: ProductFolder) -> Reference:
    """What a piece of evidence refers to; nothing is opened."""
    bare = text.strip()
    if bare.lower().startswith(("http://", "https://")):
        address, _, fragment = bare.partition("#")
        return Reference(kind=ReferenceKind.URL, url=address, fragment=fragment)
    named = bare.startswith("file://")
    path, _, fragment = bare.removeprefix("file://").partition("#")
    path = path.removeprefix("/").removeprefix(f"{folder.place}/")
    if not path or (_SCHEME.match(path) and not named):
        return Reference(kind=ReferenceKind.NOTHING)
    if named or (_FILE_LIKE.fullmatch(path) and not _sentence(path)):
        return Reference(kind=ReferenceKind.FILE, path=path, fragment=fragment)
    return Reference(kind=ReferenceKind.NOTHING, path=words_with_file(bare))


def words_with_file(text: str) -> str:
    """The one file name among several words, as in ``see notes.md``; empty where there is none or more."""
    words = [one.strip("`'\"()") for one in text.split()]
    found = [one for one in words if re.fullmatch(r"[\w./-]+\.[A-Za-z0-9]{1,5}", one)]
    return found[0] if len(found) == 1 else ""


def _sentence(path: str) -> bool:
    """Whether it reads as words about a file, not as its name."""
    first = path.split(maxsplit=1)[0].lower()
    return first in {"see", "refer", "cf.", "please", "n/a", "tbd"} or path.lower() in {"n/a", "n.a."}
