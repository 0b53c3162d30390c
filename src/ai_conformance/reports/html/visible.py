"""Text of others for a page: every character is text, what cannot be seen is shown, what nobody reads is cut.

The templates put every string through `visible`, whether they ask for it or not (`page`): none can be forgotten. The
mark-up around an escape has no quotes: even within an attribute it could end nothing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape

from ai_conformance.reports import escaping

LONGEST_SENTENCE: Final = 1_200
"""Characters of one sentence that are shown. Real ones have some hundred; the record holds the rest."""
LONGEST_LINE: Final = 4_000
"""Characters of one line of a log that are shown."""
MOST_LINES: Final = 2_000
"""Lines of one log that are shown."""

_WHERE: Final = "run.json"

_NAME: Final = re.compile(r"[A-Za-z0-9._/-]{1,200}")
_WORD_ENDS: Final = re.compile(r"(?<=[_./-])|(?<=[a-z0-9])(?=[A-Z])")


def plain(text: str) -> str:
    """One line without anything unprintable, for attributes and the title; not escaped for HTML."""
    return escaping.one_line(_cut(text, LONGEST_SENTENCE))


def visible(text: str) -> Markup:
    """One line as mark-up: an escape bears a class, so that it is told from a backslash that was there."""
    return _marked(" ".join(_cut(text, LONGEST_SENTENCE).split()))


def name(text: str) -> Markup:
    """A name as mark-up that may be broken where its words meet, and only there if that suffices."""
    if not _NAME.fullmatch(text):
        return visible(text)
    return Markup("<wbr>").join(_WORD_ENDS.split(text))


def visible_lines(text: str | Sequence[str], *, where: str = _WHERE) -> list[Markup]:
    r"""Lines as mark-up, spaces kept; of a long log its beginning and its end. Only ``\n`` and ``\r\n`` end a line."""
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n") if isinstance(text, str) else list(text)
    if len(lines) <= MOST_LINES:
        return [_marked(_cut(line, LONGEST_LINE, where=where)) for line in lines]
    half = MOST_LINES // 2
    head, tail = (visible_lines(part, where=where) for part in (lines[:half], lines[-half:]))
    return [*head, _note(f"{len(lines) - 2 * half} more lines, see {where}"), *tail]


def _cut(text: str, most: int, *, where: str = _WHERE) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]} [... {len(text) - most} more characters, see {where}]"


def _note(text: str) -> Markup:
    return Markup("<i class=note>[... {}]</i>").format(text)


def _marked(text: str) -> Markup:
    if text.isascii() and text.isprintable():
        return escape(text)
    parts = [
        escape("".join(run)) if printable else Markup("<i class=esc>{}</i>").format("".join(map(escaping.quoted, run)))
        for printable, run in itertools.groupby(text, str.isprintable)
    ]
    # What is written from right to left must not reorder what stands beside it.
    return Markup("<bdi>{}</bdi>").format(Markup("").join(parts))
