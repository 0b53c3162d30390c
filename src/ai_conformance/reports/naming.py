"""Names of tests as Go's ``testing`` package makes them (``match.go``), so that Go's tools read them as such."""

from __future__ import annotations

import re
from typing import Final

from ai_conformance.reports import escaping

_NUMBERED: Final = re.compile(r"(.*)#(\d+)\Z", re.DOTALL)

# What Go calls a space in a name; not the same set as `str.isspace`.
_SPACES: Final = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(code) for code in range(0x2000, 0x200B)
}

# Three parts of this length, four bytes a character, still fit into the 1024 bytes that test2json reads as one line.
_LONGEST: Final = 80


def rewrite(name: str) -> str:
    """One part of a test's name. A slash would make another level, so it becomes ``_`` like a space."""
    parts = ("_" if character in _SPACES or character == "/" else escaping.escape(character) for character in name)
    return "".join(parts)[:_LONGEST]


class Names:
    """Unique full names within one stream, numbered ``#01`` where Go would number them."""

    def __init__(self) -> None:
        self._uses: dict[str, int] = {}

    def child(self, parent: str, name: str) -> str:
        """The full name of a sub-test; an empty name is ``#00``. An empty parent makes a top-level test."""
        part = rewrite(name)
        base = f"{parent}/{part}" if parent else part
        while True:
            used = self._uses.get(base, 0)
            self._uses[base] = used + 1
            if used == 0 and part:
                numbered = _NUMBERED.match(base)
                if numbered and int(numbered[2]) < self._uses.get(numbered[1], 0):
                    continue  # somebody's own "#01" that was already given to the second of that name
                return base
            name_with_number = f"{base}#{used:02d}"
            if not self._uses.get(name_with_number, 0):
                return name_with_number
