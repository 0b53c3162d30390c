"""JSON in parts, each of which is stored once: an object that comes again, or a spec that has not changed, is a name.

What is longer than a name is worth becomes a part of its own, from the inside out; its name is the beginning of the
SHA-256 of its text. ``{"$": NAME}`` stands for a part; data that looks like that is quoted.
"""

from __future__ import annotations

import collections
import hashlib
import json
from collections.abc import Callable
from typing import Any

_REFERENCE = "$"
_QUOTED = "$quoted"
_SPECIAL = ({_REFERENCE}, {_QUOTED})
_NAME_LENGTH = 24
_SCALAR = 6
_SHORTEST_PART = 200
"""Characters, about; a part costs a line of some 60 beside its text."""
_REMEMBERED = 50_000
"""Names; a part that is older than so many others is written again. About 8 MB of memory."""
_DEEPEST = 100
"""Of what a server sends. Below that Python's own reader of JSON would give up soon."""


class MissingPart(Exception):  # noqa: N818 - it says what is wrong
    """A part is named that is not there, or is not what its name says."""


class Packer:
    """Takes values apart. Tells each part once, before the value that needs it."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        """``tell`` takes a part's name and its text."""
        self._tell = tell
        self._told: collections.OrderedDict[str, None] = collections.OrderedDict()

    def pack(self, value: Any) -> Any:
        """JSON data with names in place of its parts."""
        return self._packed(value, depth=0)[0]

    def _packed(self, value: Any, *, depth: int) -> tuple[Any, int]:
        """The value, and about how long its text is."""
        made: Any
        if isinstance(value, str):
            made, size = value, len(value) + 2
        elif isinstance(value, dict):
            made, size = {}, 2
            for key, item in value.items():
                made[key], more = self._packed(item, depth=depth + 1)
                size += more + len(key) + 4
            if value.keys() in _SPECIAL:
                made = {_QUOTED: made}
        elif isinstance(value, list):
            made, size = [], 2
            for item in value:
                one, more = self._packed(item, depth=depth + 1)
                made.append(one)
                size += more + 1
        else:  # null, a truth value, a number
            return value, _SCALAR
        if size < _SHORTEST_PART or depth > _DEEPEST:
            return made, size
        return {_REFERENCE: self._name(text(made))}, _NAME_LENGTH + 8

    def _name(self, written: str) -> str:
        name = name_of(written)
        if name in self._told:
            self._told.move_to_end(name)
        else:
            self._told[name] = None
            if len(self._told) > _REMEMBERED:
                self._told.popitem(last=False)
            self._tell(name, written)
        return name


class Unpacker:
    """Puts values together again."""

    def __init__(self) -> None:
        self._parts: dict[str, Any] = {}

    def add(self, name: str, value: Any) -> None:
        """Take a part; those that it is made of come before it. Raises MissingPart where it is not what it says."""
        if name_of(text(value)) != name:
            raise MissingPart(f"part {name} is not what was recorded under that name")
        self.check(value)
        self._parts[name] = value

    def check(self, value: Any) -> Any:
        """The value, if all its parts are there. Raises MissingPart."""
        if isinstance(value, list):
            for item in value:
                self.check(item)
        elif isinstance(value, dict):
            if value.keys() == {_REFERENCE}:
                self._part(value[_REFERENCE])
            else:
                inner = value[_QUOTED] if value.keys() == {_QUOTED} else value
                self.check(list(inner.values()))
        return value

    def _part(self, name: Any) -> Any:
        if not isinstance(name, str) or name not in self._parts:
            raise MissingPart(f"part {name} is missing")
        return self._parts[name]

    def unpack(self, value: Any) -> Any:
        """The value as it was packed. Raises MissingPart."""
        if isinstance(value, list):
            return [self.unpack(item) for item in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {_REFERENCE}:
            return self.unpack(self._part(value[_REFERENCE]))
        inner = value[_QUOTED] if value.keys() == {_QUOTED} else value
        return {key: self.unpack(item) for key, item in inner.items()}


def text(value: Any) -> str:
    """The text of a value, its keys in the order in which they came: a check may tell them so."""
    return json.dumps(value, separators=(",", ":"))


def name_of(written: str) -> str:
    """The name of a part by its text."""
    return hashlib.sha256(written.encode()).hexdigest()[:_NAME_LENGTH]
