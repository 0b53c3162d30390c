"""What is wrong with a catalog file, or with a name that was looked up in the catalog."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CatalogError(Exception):
    """A file of the catalog cannot be used; the message begins with file:line:column."""


class UnknownName(Exception):  # noqa: N818 - named for what happened
    """A name that the catalog does not have; the message offers the nearest ones."""

    def __init__(self, kind: str, name: str, *, known: Iterable[str]) -> None:
        self.kind, self.name = kind, name
        super().__init__(f"there is no {kind} {name!r}{nearest(name, known=known)}")


def nearest(name: str, *, known: Iterable[str]) -> str:
    """``; did you mean …?`` or the whole list, for the end of a message."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.55)
    return f"; did you mean {' or '.join(close)}?" if close else f"; there are: {', '.join(names)}"
