"""What an unquoted word means to the Go validator's YAML library, yaml.v3: a mixture of YAML 1.1 and 1.2.

Only the kind matters to the validator: a value of the metadata has to be a text, and `1.0`, `2026-02-19` or `0011` is
none. `~` and an empty value are nothing at all.
"""

from __future__ import annotations

import calendar
import enum
import math
import re


class ScalarKind(enum.Enum):
    """What a scalar is to yaml.v3, by its short tag."""

    TEXT = "!!str"
    NOTHING = "!!null"
    BOOLEAN = "!!bool"
    INTEGER = "!!int"
    FLOAT = "!!float"
    TIMESTAMP = "!!timestamp"
    MERGE = "!!merge"


class TagError(ValueError):
    """A scalar that is not what its tag says it is."""


_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE", "false", "False", "FALSE"), ScalarKind.BOOLEAN),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), ScalarKind.NOTHING),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), ScalarKind.FLOAT),
    **dict.fromkeys((sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")), ScalarKind.FLOAT),
    "<<": ScalarKind.MERGE,
}
_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)")
# A sign behind the prefix: the library cuts the prefix off and reads the rest as a number, sign and all.
_SIGN_WITHIN = re.compile(r"(0b(?=[-+][01])|0o(?=[-+][0-7]))([-+])")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DIGITS_APART = re.compile(r"[^_]*(?:(?<=[0-9])_(?=[0-9])[^_]*)*")
_TIMESTAMP = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?:(?:(?P<letter>[Tt])|[ ]+)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2}):(?P<second>[0-9]{1,2})(?:[.,][0-9]+)?"
    r"(?P<zone>Z|[-+](?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2}))?)?"
)
_TAGS = {kind.value: kind for kind in ScalarKind if kind is not ScalarKind.MERGE}


def kind_of(text: str, *, tag: str = "") -> ScalarKind:
    """What a scalar is; `tag` is the short one that is written before it, if any. Raises TagError."""
    wanted = _TAGS.get(tag)
    if tag and wanted is None:
        # Another tag, one's own or one of a collection, is not looked into: the text stays.
        return ScalarKind.TEXT
    if wanted is ScalarKind.TEXT:
        return wanted
    found = _implicit(text, timestamps=wanted in (None, ScalarKind.TIMESTAMP))
    if wanted in (None, found):
        return found
    if wanted is ScalarKind.FLOAT and found is ScalarKind.INTEGER:
        return ScalarKind.FLOAT
    raise TagError(f"{text!r} is no {tag}")


def _implicit(text: str, *, timestamps: bool) -> ScalarKind:
    if word := _WORDS.get(text):
        return word
    if text[0] == ".":
        # Go's own notation: a '_' has to stand between digits, not anywhere.
        number = text.replace("_", "") if _DIGITS_APART.fullmatch(text) else text
        return ScalarKind.FLOAT if _is_float(number) else ScalarKind.TEXT
    if text[0] not in "+-0123456789":
        return ScalarKind.TEXT
    if timestamps and _is_timestamp(text):
        return ScalarKind.TIMESTAMP
    plain = text.replace("_", "")
    if _is_integer(plain):
        return ScalarKind.INTEGER
    return ScalarKind.FLOAT if _is_float(plain) else ScalarKind.TEXT


def _is_integer(plain: str) -> bool:
    plain = _SIGN_WITHIN.sub(r"\2\1", plain, count=1) if plain[0] == "0" else plain
    if _INTEGER.fullmatch(plain) is None:
        return False
    digits = plain.lstrip("+-").lower()
    base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2], 8 if digits[0] == "0" else 10)
    significant = digits.removeprefix("0x").removeprefix("0b").removeprefix("0o").lstrip("0") or "0"
    # A sign in front keeps it from being read as an unsigned number, which has one bit more.
    limit = {"-": 2**63, "+": 2**63 - 1}.get(plain[0], 2**64 - 1)
    # The length first: Python does not convert some thousand digits.
    return len(significant) <= 64 and int(significant, base) <= limit


def _is_float(text: str) -> bool:
    # Go takes no number that is too great for 64 bits; Python makes infinity of it.
    return _FLOAT.fullmatch(text) is not None and not math.isinf(float(text))


def _is_timestamp(text: str) -> bool:
    found = _TIMESTAMP.fullmatch(text)
    # A zone belongs to the notation with a letter, and to that one it has to belong.
    if found is None or bool(found["zone"]) != bool(found["letter"]):
        return False
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    if not 1 <= month <= 12:
        return False
    # A year of four digits may be 0, which the module refuses; it has as many days as 400.
    if not 1 <= day <= calendar.monthrange(year or 400, month)[1]:
        return False
    limits = {"hour": 23, "minute": 59, "second": 59, "hours": 24, "minutes": 60}
    return all(int(found[name] or 0) <= limit for name, limit in limits.items())
