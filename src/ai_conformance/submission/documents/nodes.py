"""The tree of a document: what the author wrote, with its place, and nothing interpreted.

A scalar keeps its text (``1.0`` stays ``1.0``, ``0011`` stays ``0011``); what YAML 1.2 takes it for is asked for with
`Scalar.kind`. An alias is the node that it stands for, so that the tree may share nodes.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Iterator


class Kind(enum.StrEnum):
    """What YAML 1.2 (core schema) takes a scalar for; the words are for messages."""

    TEXT = "a text"
    NULL = "nothing"
    BOOL = "true or false"
    INT = "a whole number"
    FLOAT = "a number"
    OTHER = "something with a tag of its own"


class Style(enum.StrEnum):
    """How a scalar is written."""

    PLAIN = ""
    SINGLE = "'"
    DOUBLE = '"'
    LITERAL = "|"
    FOLDED = ">"


_STANDARD = "tag:yaml.org,2002:"
_KINDS = {"str": Kind.TEXT, "null": Kind.NULL, "bool": Kind.BOOL, "int": Kind.INT, "float": Kind.FLOAT}
# YAML 1.2.2, 10.3.2 Tag Resolution of the core schema.
_CORE = (
    (Kind.NULL, re.compile(r"null|Null|NULL|~|", re.ASCII)),
    (Kind.BOOL, re.compile(r"true|True|TRUE|false|False|FALSE", re.ASCII)),
    (Kind.INT, re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)),
    (
        Kind.FLOAT,
        re.compile(
            r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN", re.ASCII
        ),
    ),
)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """Anything in a document. Two nodes are never equal: each has its place."""

    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    start: int
    """Index of its first character in the document's text; tag and anchor belong to it."""
    end: int
    """Index after its last character; trailing blanks and comments of a block collection do not belong to it."""
    tag: str
    """As written and resolved; empty where there is none."""
    alias: bool = False
    """Whether it is written here as an alias: what is below it then stands elsewhere."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Scalar(Node):
    """A text, or what is written like one."""

    text: str
    """The content, without quotes and with escapes and folding undone."""
    style: Style

    @property
    def kind(self) -> Kind:
        """What YAML 1.2 takes it for."""
        if self.tag == "!" or (not self.tag and self.style is not Style.PLAIN):
            return Kind.TEXT
        if self.tag:
            return _KINDS.get(self.tag.removeprefix(_STANDARD), Kind.OTHER)
        return next((kind for kind, pattern in _CORE if pattern.fullmatch(self.text)), Kind.TEXT)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """A key of a mapping and its value."""

    key: Node
    value: Node

    @property
    def name(self) -> str:
        """The key's text; empty where the key is no scalar."""
        return self.key.text if isinstance(self.key, Scalar) else ""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Mapping(Node):
    """Keys with values, in the order of the file, duplicates included."""

    pairs: tuple[Pair, ...]
    flow: bool
    """Whether it is written with braces."""

    def pair(self, name: str) -> Pair | None:
        """The last pair with a key (as most loaders take it), or None."""
        return next((one for one in reversed(self.pairs) if one.name == name), None)

    def get(self, name: str) -> Node | None:
        """The value of the last pair with a key, or None."""
        found = self.pair(name)
        return found.value if found else None


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Sequence(Node):
    """A list."""

    items: tuple[Node, ...]
    flow: bool
    """Whether it is written with brackets."""


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, keys included, each node once although aliases may share it."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, Mapping):
            waiting.extend(part for pair in reversed(one.pairs) for part in (pair.value, pair.key))
        elif isinstance(one, Sequence):
            waiting.extend(reversed(one.items))
