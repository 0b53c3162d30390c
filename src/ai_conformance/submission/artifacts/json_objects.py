"""The texts at the top level of a JSON object, read as Go's encoding/json does.

Python's own reader recurses, so it gives up at a depth that Go still takes, refuses integers of some thousand digits,
takes NaN, and drops the first of two equal keys, whose value of the wrong type Go would have refused.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Collection

_DEPTH = 10_000
"""Go's limit for arrays and objects within each other."""
_TOKEN = re.compile(
    r"""[ \t\r\n]*(
        "(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"
        | [\[\]{},:]
        | -?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?|true|false|null
    )""",
    re.VERBOSE,
)
_BLANK = re.compile(r"[ \t\r\n]*")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# The letters that fold to an ASCII one in Unicode and stand outside ASCII: the long s and the sign of the kelvin.
_FOLDED = str.maketrans({"\u017f": "s", "\u212a": "k"})
_END = {"[": "]", "{": "}"}
_MARKS = frozenset("[]{},:")


class RefusedError(ValueError):
    """What Go's reader would not take, and why."""


def texts(source: str, *, keys: Collection[str]) -> dict[str, str]:
    """The values of some keys of one JSON object; the last of several counts, null changes nothing.

    A key is found in any case. `null` in the object's place is an empty object. Raises RefusedError.
    """
    reader = _Reader(source)
    first = reader.read()
    if first not in ("{", "null"):
        raise RefusedError("it is no JSON object")
    values: dict[str, str] = {}
    known = {_fold(key): key for key in keys}
    for name, value in reader.members:
        key = known.get(_fold(_unquoted(name)))
        if key is None or value == "null":
            continue
        if not value.startswith('"'):
            raise RefusedError(f"the value of {key!r} is no text")
        values[key] = _unquoted(value)
    return values


def _fold(name: str) -> str:
    # ASCII letters alone: what else Unicode folds cannot become one of our keys.
    return "".join(one.lower() if one.isascii() else one for one in name.translate(_FOLDED))


def _unquoted(literal: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", json.loads(_LONE_SURROGATE.sub("\ufffd", literal)))


class _Expected(enum.Enum):
    """What may come next."""

    VALUE = "a value"
    VALUE_OR_END = "a value or ']'"
    KEY = "a key"
    KEY_OR_END = "a key or '}'"
    MORE_OR_END = "a comma or the end of the object or list"


class _Reader:
    """Walks over one value without recursion and keeps the members of the outermost object, as they are written."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._position = 0
        self._open: list[str] = []
        self.members: list[tuple[str, str]] = []
        """Of the outermost object: the key, and the whole of a plain value or the bracket that another begins with."""

    def read(self) -> str:
        """Read the whole of it. Returns the first token: a bracket, or a plain value. Raises RefusedError."""
        expected: _Expected | None = _Expected.VALUE
        first = key = ""
        while expected is not None:
            token = self._token()
            first = first or token
            if expected in (_Expected.KEY, _Expected.KEY_OR_END) and token.startswith('"'):
                key = token
                if self._token() != ":":
                    raise RefusedError("a key has no ':' behind it")
                expected = _Expected.VALUE
                continue
            if expected is _Expected.VALUE and self._open == ["{"]:
                self.members.append((key, token))
            expected = self._after(token, expected)
        if not _BLANK.fullmatch(self._source, self._position):
            raise RefusedError("something follows the JSON value")
        return first

    def _token(self) -> str:
        found = _TOKEN.match(self._source, self._position)
        if found is None:
            raise RefusedError(f"it is no JSON from character {self._position + 1} on")
        self._position = found.end()
        return found[1]

    def _after(self, token: str, expected: _Expected) -> _Expected | None:
        """What may follow a token that is no key; None after the end of the outermost value."""
        if expected in (_Expected.VALUE, _Expected.VALUE_OR_END) and token not in _MARKS - _END.keys():
            if token in _END:
                self._open.append(token)
                if len(self._open) > _DEPTH:
                    raise RefusedError(f"it is nested more than {_DEPTH} levels deep")
                return _Expected.KEY_OR_END if token == "{" else _Expected.VALUE_OR_END
        elif expected is _Expected.MORE_OR_END and token == ",":
            return _Expected.KEY if self._open[-1] == "{" else _Expected.VALUE
        elif expected.name.endswith("OR_END") and token == _END[self._open[-1]]:
            self._open.pop()
        else:
            raise RefusedError(f"{expected.value} is expected before character {self._position + 1}, not {token!r}")
        return _Expected.MORE_OR_END if self._open else None
