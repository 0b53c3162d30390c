"""Values as YAML: quoted as their neighbours are where that is safe, in double quotes otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from ai_conformance.submission.documents.nodes import Style

Value = str | Sequence[str]
"""What can be written: a text, or a list of texts."""

# Narrow on purpose: whatever any version of YAML could take for something else is put in quotes.
_SAFE_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./()+-]*( [A-Za-z0-9_./()+-]+)*", re.ASCII)
_OTHER_MEANING = re.compile(r"null|true|false|yes|no|on|off|y|n", re.IGNORECASE)
# Not printable in YAML, or a line's end to some reader.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def scalar(text: str, *, style: Style = Style.DOUBLE) -> str:
    """A text in one line that every YAML loader reads as this text."""
    if style is Style.PLAIN and _SAFE_PLAIN.fullmatch(text) and not _OTHER_MEANING.fullmatch(text):
        return text
    if style is Style.SINGLE and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    quoted = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def items(texts: Iterable[str], *, indent: int, style: Style = Style.DOUBLE) -> list[str]:
    """A list's items, one a line."""
    return [f"{' ' * indent}- {scalar(text, style=style)}" for text in texts]


def fields(values: Iterable[tuple[str, Value]], *, indent: int) -> list[str]:
    """Keys with values, one after the other; an empty list is written as the official checklists write it."""
    lines = []
    for key, value in values:
        if isinstance(value, str):
            lines.append(f"{' ' * indent}{key}: {scalar(value)}")
        elif value:
            lines.append(f"{' ' * indent}{key}:")
            lines += items(value, indent=indent + 2)
        else:
            lines.append(f"{' ' * indent}{key}: []")
    return lines
