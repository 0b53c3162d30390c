"""What is wrong with a bundle: each finding with its path, so that nobody has to search."""

from __future__ import annotations

import dataclasses
import enum


class Kind(enum.StrEnum):
    """What happened to a path."""

    ALTERED = "altered"
    ADDED = "added"
    REMOVED = "removed"
    UNSIGNED = "unsigned"
    """A key or an identity that was asked for has not signed."""
    UNJUDGED = "unjudged"
    """It could not be told whether it is right."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as it was packed."""

    kind: Kind
    path: str
    """In the bundle; that of the bundle itself where no file is to blame."""
    sentence: str = ""
    """What is wrong, where the kind alone does not say it."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.path}{': ' if self.sentence else ''}{self.sentence}"
