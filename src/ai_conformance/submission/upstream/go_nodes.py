"""The first YAML document of a file as a tree, as yaml.v3, the validator's YAML library, makes it.

It is libyaml in Go. So libyaml itself reads the file here, through PyYAML, and where the two have come apart that is
made up for: on thousands of damaged files this agreed with it where the reader that the rest of the package uses, which
keeps to a newer YAML, did not. A second document is not read, except for the two tokens that yaml.v3 looks ahead.
"""

from __future__ import annotations

import dataclasses
import enum
import itertools
import re
from collections.abc import Iterator

import yaml

_DEPTH = 100
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml; where the library was installed without it, its copy in Python, which differs in rarer things."""
_SEPARATOR = re.compile(rb"[\r\n](?:---|\.\.\.)")
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_LONG_TAG = "tag:yaml.org,2002:"


class YamlError(ValueError):
    """A file that cannot be loaded; line and column count from 1."""

    def __init__(self, sentence: str, *, line: int = 1, column: int = 1) -> None:
        super().__init__(sentence)
        self.line = line
        self.column = column


class LimitError(ValueError):
    """A file that is not taken apart here, whatever the validator would make of it."""


class Kind(enum.Enum):
    """What a node is."""

    SCALAR = "a text"
    SEQUENCE = "a list"
    MAPPING = "a mapping"
    ALIAS = "an alias"


@dataclasses.dataclass(slots=True, eq=False)
class Node:
    """One node; of a mapping, keys and values follow each other in `children`."""

    kind: Kind
    line: int
    column: int
    value: str = ""
    """Of a scalar its text, of an alias the name of its anchor."""
    tag: str = ""
    """The short tag that is written before it, empty if none is."""
    quoted: bool = False
    """In quotes, or a block: a text unless a tag says otherwise."""
    children: list[Node] = dataclasses.field(default_factory=list)
    target: Node | None = None
    """What an alias stands for."""

    def pairs(self) -> list[tuple[Node, Node]]:
        """The keys of a mapping and their values."""
        return list(zip(self.children[::2], self.children[1::2], strict=True))


def compose(data: bytes) -> Node | None:
    """The root of the first document; None if there is none. Raises YamlError, and LimitError where it is too deep."""
    try:
        return _compose(data)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join((error.problem or error.context or "it cannot be read").split())
        # The end of a file counts as a line of its own there.
        line = min(mark.line, data.count(b"\n")) + 1 if mark else 1
        raise YamlError(what, line=line, column=mark.column + 1 if mark else 1) from None
    except yaml.YAMLError as error:
        # The reader's own complaint, about an encoding or a character.
        raise YamlError(" ".join(str(error).split())) from None


def _compose(data: bytes) -> Node | None:
    anchors: dict[str, Node] = {}
    open_: list[Node] = []
    root: Node | None = None
    for event in _first_document(data):
        if isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            open_.pop()
            continue
        node = _node(event, anchors)
        if open_:
            open_[-1].children.append(node)
        root = root or node
        if node.kind in (Kind.SEQUENCE, Kind.MAPPING):
            open_.append(node)
            if len(open_) > _DEPTH:
                raise LimitError(f"it is nested more than {_DEPTH} levels deep, in line {node.line}")
    return root


def _first_document(data: bytes) -> Iterator[yaml.Event]:
    flow = 0
    for event in yaml.parse(data, Loader=_LOADER):
        if isinstance(event, yaml.DocumentEndEvent):
            _look_ahead(data)
            return
        if isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            flow += bool(event.flow_style or flow)
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            flow -= bool(flow)
        elif isinstance(event, yaml.ScalarEvent):
            _differences(event, data, in_flow=flow > 0)
        if not isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentStartEvent):
            yield event


def _differences(event: yaml.ScalarEvent, data: bytes, *, in_flow: bool) -> None:
    """Refuse what yaml.v3 refuses and libyaml has learnt to read."""
    line, column = _place(event)
    if in_flow and not event.style and "?" in (event.value or ""):
        raise YamlError("'?' stands in a text without quotes between brackets", line=line, column=column)
    if event.style == '"' and b"\\/" in data:
        begin, end = event.start_mark, event.end_mark
        written = data.decode("utf-8", "replace")[begin.index : end.index] if begin and end else ""
        if "\\/" in _ESCAPE.findall(written):
            raise YamlError("'\\\\/' is no escape that the validator knows", line=line, column=column)


def _look_ahead(data: bytes) -> None:
    """Read two tokens behind the end of the first document, which must be tokens."""
    if not _SEPARATOR.search(data):
        return
    tokens = yaml.scan(data, Loader=_LOADER)
    begun = False
    for token in tokens:
        if isinstance(token, yaml.DocumentEndToken) or (begun and isinstance(token, yaml.DocumentStartToken)):
            break
        begun = begun or not isinstance(token, yaml.StreamStartToken | yaml.DirectiveToken)
    for _ in itertools.islice(tokens, 2):
        pass


def _node(event: yaml.Event, anchors: dict[str, Node]) -> Node:
    line, column = _place(event)
    if isinstance(event, yaml.AliasEvent):
        name = event.anchor or ""
        if name not in anchors:
            raise YamlError(f"the alias '*{name}' has no anchor before it", line=line, column=column)
        return Node(Kind.ALIAS, line, column, value=name, target=anchors[name])
    if isinstance(event, yaml.ScalarEvent):
        node = Node(Kind.SCALAR, line, column, value=event.value or "", quoted=bool(event.style))
    else:
        node = Node(Kind.MAPPING if isinstance(event, yaml.MappingStartEvent) else Kind.SEQUENCE, line, column)
    if isinstance(event, yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent):
        node.tag = _short(str(event.tag or ""))
        if event.anchor is not None:
            anchors[event.anchor] = node
    return node


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _short(tag: str) -> str:
    if tag == "!":
        return ""
    return f"!!{tag.removeprefix(_LONG_TAG)}" if tag.startswith(_LONG_TAG) else tag
