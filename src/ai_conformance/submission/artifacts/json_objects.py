"""The texts at the top level of a JSON object, read as Go's encoding/json does.

Python's own reader, which is fast, reads most lines. It recurses, so it gives up at a depth that Go still takes, and it
refuses integers of some thousand digits: what it does not take, and what nests at all deep, is read here.
"""

from __future__ import annotations

import enum
import functools
import json
import re
from collections.abc import Collection, Mapping, Sequence

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


_SHALLOW = 100
"""Brackets in a line that Python's reader is trusted with: far from where it or Go gives up."""


class RefusedError(ValueError):
    """What Go's reader would not take, and why."""


def texts(source: str, *, keys: tuple[str, ...]) -> dict[str, str]:
    """The values of some keys of one JSON object; the last of several counts, null changes nothing.

    A key is found in any case. `null` in the object's place is an empty object. Raises RefusedError.
    """
    members = _members_by_library(source)
    if members is None:
        members = _members(source)
    values: dict[str, str] = {}
    if not members:
        return values
    known, lengths = _index(keys)
    for name, value in members:
        # What folds to an ASCII letter is one letter too.
        key = known.get(_fold(_whole(name))) if len(name) in lengths else None
        if key is None or value is None:
            continue
        if not isinstance(value, str):
            raise RefusedError(f"the value of {key!r} is no text")
        values[key] = _whole(value)
    return values


@functools.cache
def _index(keys: tuple[str, ...]) -> tuple[Mapping[str, str], Collection[int]]:
    return {_fold(key): key for key in keys}, {len(key) for key in keys}


def _members_by_library(source: str) -> Sequence[tuple[str, object]] | None:
    """The members of an object that Python's reader reads as Go's does; None where the two may differ."""
    if source.count("[") + source.count("{") > _SHALLOW:
        return None
    try:
        found = _DECODER.decode(source)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, tuple) else None


def _members(source: str) -> Sequence[tuple[str, object]]:
    reader = _Reader(source)
    first = reader.read()
    if first not in ("{", "null"):
        raise RefusedError("it is no JSON object")
    return [(_unquoted(name), _plain(value)) for name, value in reader.members]


def _plain(literal: str) -> object:
    if literal.startswith('"'):
        return _unquoted(literal)
    return None if literal == "null" else False


def _fold(name: str) -> str:
    if name.isascii():
        return name.lower()
    # ASCII letters alone: what else Unicode folds cannot become one of our keys.
    return "".join(one.lower() if one.isascii() else one for one in name.translate(_FOLDED))


def _unquoted(literal: str) -> str:
    return str(json.loads(literal))


def _whole(text: str) -> str:
    """A text in which the replacement character stands for bytes and escapes that are no character."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=tuple, parse_constant=_no_number)
"""Objects as tuples of pairs, so that none is lost and none is taken for a list."""


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
