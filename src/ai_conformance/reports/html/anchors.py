"""Fragment ids: ``gang_scheduling``, ``gang_scheduling/NegativeGangScheduling``, and the variant as a third part.

They are made of the names alone and not of their place, so a link into one run's report fits that of the next.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST: Final = 100


def part(name: str) -> str:
    """A name as it stands where it is safe in an id and an address; else shortened, with a hash that tells it apart."""
    safe = _UNSAFE.sub("_", name)[:_LONGEST]
    if safe == name and name:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{safe}-{digest}"


class Anchors:
    """The ids of one page. What is asked for again gets a number, for an id has to be there once."""

    def __init__(self, taken: Iterable[str]) -> None:
        """``taken`` are the page's own."""
        self._taken = set(taken)

    def claim(self, *names: str) -> str:
        """The id for a requirement, for its case, or for a variant of that, given by all the names that lead there."""
        wanted = found = "/".join(part(name) for name in names)
        number = 1
        while found in self._taken:
            number += 1
            found = f"{wanted}~{number}"
        self._taken.add(found)
        return found
