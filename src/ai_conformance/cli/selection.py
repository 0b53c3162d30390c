"""``--run`` as people know it from ``go test``: a pattern over test names, so that upstream's habits keep working.

As in Go's ``testing`` package the pattern is split at ``|`` and ``/`` outside of brackets and parentheses, and spaces
stand for underscores. The part before the first slash is searched in the names of top-level tests. A check is always
run whole (its controls are part of its proof), so what follows the slash does not leave out any of its cases.
"""

from __future__ import annotations

import dataclasses
import re
import warnings
from collections.abc import Iterator


class BadPattern(ValueError):  # noqa: N818 - reads as what is wrong
    """The pattern is not a regular expression; the message says where and why."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Selection:
    """What ``--run`` asks for."""

    text: str
    """As it was given."""
    pattern: re.Pattern[str]
    """To be searched in the names of top-level tests."""
    has_subtests: bool
    """Whether something followed a slash."""


def parse(text: str) -> Selection:
    """Read a pattern. Raises `BadPattern`."""
    firsts, has_subtests = [], False
    for alternative in _split(text, separator="|"):
        first, *below = _split(alternative, separator="/")
        firsts.append(first.replace(" ", "_"))
        has_subtests = has_subtests or bool(below)
    whole = "|".join(firsts)
    for part in (*firsts, whole):  # one by one first, for joined together two halves could make a whole
        try:
            compiled = _compiled(part)
        except re.error as error:
            place = f" at position {error.pos}" if error.pos is not None else ""
            raise BadPattern(f"{part!r} is not a regular expression: {error.msg}{place}") from error
    return Selection(text=text, pattern=compiled, has_subtests=has_subtests)


def _compiled(text: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        # Python warns of what it may once read as a set inside a set; it reads it now as Go does.
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(text)


def _split(text: str, *, separator: str) -> Iterator[str]:
    """The parts between separators that are in no bracket or parenthesis and behind no backslash."""
    part, classes, groups, escaped = "", 0, 0, False
    for character in text:
        if escaped or character == "\\":
            escaped = not escaped
        elif character == "[":
            classes += 1
        elif character == "]":
            classes = max(classes - 1, 0)
        elif character == "(" and not classes:
            groups += 1
        elif character == ")" and not classes:
            groups -= 1
        elif character == separator and not classes and not groups:
            yield part
            part = ""
            continue
        part += character
    yield part
