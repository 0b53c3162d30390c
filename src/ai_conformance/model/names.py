"""Many names or sentences in few words, for people; who needs all of them finds them in the data beside."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

_LISTED = 4
_SENTENCES = 10


def several(names: Collection[str], *, noun: str = "nodes") -> str:
    """``n1, n2``, and for more than four ``n1 … n5000 (5,000 nodes)``."""
    count = len(set(names))
    return span(names) + (f" ({count:,} {noun})" if count > _LISTED else "")


def span(names: Iterable[str]) -> str:
    """As `several`, for where it is told beside it how many there are; numbers are in their order."""
    known = sorted(set(names), key=_natural)
    return ", ".join(known) if len(known) <= _LISTED else f"{known[0]} … {known[-1]}"


def first(sentences: Iterable[str], *, noun: str) -> tuple[str, ...]:
    """The first ten sentences, and how many more there are."""
    known = tuple(sentences)
    if len(known) <= _SENTENCES:
        return known
    return (*known[:_SENTENCES], f"{len(known) - _SENTENCES:,} more {noun} like these")


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", name)]
