"""From text to a tree of nodes, within limits.

The events come from ruamel.yaml's YAML 1.2 parser, which works without recursion; the tree is built here, because only
so are depth, nodes and aliases counted before they cost anything, and no tag is ever obeyed.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ai_conformance.submission.documents.errors import Problem, ProblemKind
from ai_conformance.submission.documents.nodes import Mapping, Node, Pair, Scalar, Sequence, Style

MAX_DEPTH = 32
"""A submission needs five levels; a tree beyond this is no honest mistake."""
MAX_NODES = 20_000
"""With every alias counted as all that it stands for. The largest merged submission has about 200."""
MAX_ALIASES = 100

_OBEYED_TAGS = tuple(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map"))

_COLON = re.compile(r"[ \t]*:")


class NoTree(Exception):  # noqa: N818 - it is caught one call further up and becomes a DocumentError
    """The text cannot become a tree."""

    def __init__(self, kind: ProblemKind, line: int, column: int, sentence: str) -> None:
        super().__init__(sentence)
        self.problem = Problem(kind=kind, line=line, column=column, sentence=sentence)


@dataclasses.dataclass
class _Open:
    """A collection that has not ended."""

    event: Any
    anchor: str
    children: list[Node]
    weight: int = 1


class Composer:
    """Builds one tree; what can be gone past is gathered in `problems`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._anchors: dict[str, Node | None] = {}
        self._weights: dict[int, int] = {}
        self._aliases = 0
        self.problems: list[Problem] = []

    def compose(self) -> Node:
        """The tree of the first document. Raises NoTree."""
        root: Node | None = None
        stack: list[_Open] = []
        nodes = 0
        documents = 0
        for event in self._events():
            if isinstance(event, events.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._problem(event, ProblemKind.SECOND_DOCUMENT, "a second YAML document begins here; keep one")
                    break
                continue
            node = self._step(event, stack)
            if node is None:
                continue
            nodes += 1
            if nodes > MAX_NODES:
                raise NoTree(ProblemKind.SIZE, *_place(event), f"more than {MAX_NODES} values")
            if stack:
                stack[-1].children.append(node)
                stack[-1].weight += self._weights[id(node)]
                if stack[-1].weight > MAX_NODES:
                    raise NoTree(ProblemKind.SIZE, *_place(event), f"more than {MAX_NODES} values, aliases expanded")
            else:
                root = node
        if root is None:
            raise NoTree(ProblemKind.EMPTY, 1, 1, "the file holds no YAML document")
        return root

    def _step(self, event: Any, stack: list[_Open]) -> Node | None:
        """Take in one event; a node that is complete comes back."""
        if isinstance(event, events.CollectionStartEvent):
            if len(stack) >= MAX_DEPTH:
                raise NoTree(ProblemKind.SIZE, *_place(event), f"nested deeper than {MAX_DEPTH} levels")
            self._tag(event)
            if event.anchor:
                self._anchors[event.anchor] = None
            stack.append(_Open(event=event, anchor=event.anchor or "", children=[]))
            return None
        if isinstance(event, events.CollectionEndEvent):
            opened = stack.pop()
            return self._done(self._collection(opened, event), anchor=opened.anchor, weight=opened.weight)
        if isinstance(event, events.AliasEvent):
            return self._alias(event)
        if isinstance(event, events.ScalarEvent):
            return self._done(self._scalar(event), anchor=event.anchor or "", weight=1)
        return None

    def _done(self, node: Node, *, anchor: str, weight: int) -> Node:
        self._weights[id(node)] = weight
        if anchor:
            self._anchors[anchor] = node
        return node

    def _scalar(self, event: Any) -> Scalar:
        return Scalar(
            **_where(event),
            end=self._end(event),
            tag=self._tag(event),
            text=event.value,
            style=Style(event.style or ""),
        )

    def _collection(self, opened: _Open, end: Any) -> Node:
        start, flow = opened.event, bool(opened.event.flow_style)
        last = end.end_mark.index if flow else max((one.end for one in opened.children), default=end.start_mark.index)
        where, tag, children = _where(start), self._tag(start, noted=True), opened.children
        if isinstance(start, events.SequenceStartEvent):
            return Sequence(**where, end=last, tag=tag, items=tuple(children), flow=flow)
        pairs = tuple(
            Pair(key=key, value=self._beside(key, value))
            for key, value in zip(children[::2], children[1::2], strict=True)
        )
        self._duplicates(pairs)
        return Mapping(**where, end=last, tag=tag, pairs=pairs, flow=flow)

    def _beside(self, key: Node, value: Node) -> Node:
        """The parser says of a value that is not there that it stands before the next key: bring it to its own."""
        colon = _COLON.match(self._text, key.end)
        if value.start != value.end or colon is None:
            return value
        column = colon.end() - self._text.rfind("\n", 0, key.end)
        line = key.line + self._text.count("\n", key.start, key.end)
        return dataclasses.replace(value, line=line, column=column, start=colon.end(), end=colon.end())

    def _duplicates(self, pairs: tuple[Pair, ...]) -> None:
        first: dict[str, Node] = {}
        for key in (pair.key for pair in pairs):
            if not isinstance(key, Scalar):
                continue
            known = first.setdefault(key.text, key)
            if known is not key:
                sentence = f"the key {key.text!r} is there twice, first in line {known.line}"
                self.problems.append(
                    Problem(kind=ProblemKind.DUPLICATE_KEY, line=key.line, column=key.column, sentence=sentence)
                )

    def _alias(self, event: Any) -> Node:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise NoTree(ProblemKind.SIZE, *_place(event), f"more than {MAX_ALIASES} aliases")
        if event.anchor not in self._anchors:
            raise NoTree(ProblemKind.SYNTAX, *_place(event), f"there is no anchor '&{event.anchor}' above")
        target = self._anchors[event.anchor]
        if target is None:
            raise NoTree(ProblemKind.SYNTAX, *_place(event), f"the alias '*{event.anchor}' stands inside itself")
        copy = dataclasses.replace(target, **_where(event), end=event.end_mark.index, alias=True)
        return self._done(copy, anchor="", weight=self._weights[id(target)])

    def _tag(self, event: Any, *, noted: bool = False) -> str:
        tag = "" if event.tag is None else str(event.tag)
        if tag and tag != "!" and tag not in _OBEYED_TAGS and not noted:
            self._problem(event, ProblemKind.TAG, f"the tag {tag!r} is not used here; take it away")
        return tag

    def _end(self, event: Any) -> int:
        start, end = int(event.start_mark.index), int(event.end_mark.index)
        if event.style in ("|", ">"):
            # The parser ends a block scalar where the next token begins.
            return start + len(self._text[start:end].rstrip())
        return end

    def _problem(self, event: Any, kind: ProblemKind, sentence: str) -> None:
        line, column = _place(event)
        self.problems.append(Problem(kind=kind, line=line, column=column, sentence=sentence))

    def _events(self) -> Iterator[Any]:
        try:
            yield from YAML(typ="safe", pure=True).parse(self._text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            what = " ".join((error.problem or error.context or "it cannot be read").split())
            if mark and self._text[mark.index : mark.index + 1] == "\t":
                what = "a tab cannot indent; use blanks"
            raise NoTree(ProblemKind.SYNTAX, line, column, f"no valid YAML: {what}") from None
        except (YAMLError, ValueError) as error:
            raise NoTree(ProblemKind.SYNTAX, 1, 1, f"no valid YAML: {' '.join(str(error).split())}") from None


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _where(event: Any) -> dict[str, Any]:
    line, column = _place(event)
    return {"line": line, "column": column, "start": event.start_mark.index}
