"""Changes of a document as patches of its text, so that everything that is not changed keeps every byte.

Paths are those of the document as it was read, whatever was changed before. `Draft.finish` applies the patches, reads
the result again and compares it with what was meant: a text that says anything else is never given out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from ai_conformance.submission.documents import rendering
from ai_conformance.submission.documents.errors import DocumentError, Problem, ProblemKind
from ai_conformance.submission.documents.nodes import Mapping, Node, Scalar, Style
from ai_conformance.submission.documents.nodes import Sequence as ListNode
from ai_conformance.submission.documents.outcomes import Intention, content
from ai_conformance.submission.documents.reading import Document, parse
from ai_conformance.submission.documents.rendering import Value

Path = tuple[str | int, ...]


@dataclasses.dataclass(frozen=True)
class _Patch:
    start: int
    end: int
    text: str
    depth: int = 0
    """Indentation of lines that are added: of two additions at one place, the deeper belongs to what is above."""


class Draft:
    """Changes to one document. Every method raises DocumentError where the author's form cannot be changed safely."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._text = document.text
        # YAML takes a lone carriage return for a line's end, too.
        self._break = "\r" if "\r" in document.text and "\n" not in document.text else "\n"
        self._eol = "\r\n" if "\r\n" in document.text else self._break
        self._patches: list[_Patch] = []
        self._intention = Intention(document.root)

    @property
    def changed(self) -> bool:
        """Whether anything was changed."""
        return bool(self._patches)

    def set(self, path: Path, value: Value, *, after: str | None = None) -> None:
        """Give a value to a key or an item; a key that is not there is added after another one or at the end."""
        node = self.document.at(*path)
        if node is None:
            self._add(path, value, after=after)
        elif isinstance(value, str):
            written = isinstance(node, Scalar) and (node.text or node.style is not Style.PLAIN)
            style = node.style if isinstance(node, Scalar) and written else Style.DOUBLE
            self._replace(path, node, rendering.scalar(value, style=style))
        else:
            self._replace(path, node, self._list(path, value))
        self._intention.set(path, value)

    def extend(self, path: Path, texts: Sequence[str]) -> None:
        """Add items to the end of a list; whatever is in it stays, also a text in the place of a list."""
        node = self.document.at(*path)
        if isinstance(node, Scalar) and node.text.strip():
            self.set(path, [node.text, *texts])
            return
        if not isinstance(node, ListNode) or not node.items:
            self.set(path, list(texts))
            return
        self._own(path, node)
        last = node.items[-1]
        style = last.style if isinstance(last, Scalar) and last.style is Style.SINGLE else Style.DOUBLE
        if node.flow:
            added = "".join(f", {rendering.scalar(text, style=style)}" for text in texts)
            self._patches.append(_Patch(last.end, last.end, added))
        else:
            lines = rendering.items(texts, indent=self._dash(node.items[-1]), style=style)
            self._below(node.end, lines)
        self._intention.extend(path, texts)

    def insert(self, path: Path, index: int, values: Iterable[tuple[str, Value]]) -> None:
        """Add a mapping to a list, before the item that is at the index now."""
        node, known = self.document.at(*path), list(values)
        if not isinstance(node, ListNode) or (node.flow and node.items):
            raise self._refusal(node, f"{_spoken(path)} is not a list with an item a line; add the item by hand")
        self._own(path, node)
        if not node.items:
            indent = max(self._key_indent(path), 0) + 2
            self._replace(path, node, self._eol + self._eol.join(_item(known, indent)))
        elif index == 0:
            start = self._with_comments(self._line_start(node.items[0].start))
            block = "".join(line + self._eol for line in _item(known, self._dash(node.items[0])))
            self._patches.append(_Patch(start, start, block))
        else:
            self._below(node.items[index - 1].end, _item(known, self._dash(node.items[0])))
        self._intention.insert(path, index, known)

    def remove(self, path: Path) -> None:
        """Take an item of a list away, with the comments right above it; or a key with its value."""
        *above, last = path
        parent, node = self.document.at(*above), self.document.at(*path)
        if node is None or not isinstance(parent, Mapping | ListNode) or parent.flow:
            raise self._refusal(node, f"{_spoken(path)} cannot be taken away here; do it by hand")
        self._own(path, node)
        pair = parent.pair(str(last)) if isinstance(parent, Mapping) else None
        begin = pair.key.start if pair else node.start
        start, end = self._with_comments(self._line_start(begin)), self._line_end(node.end)
        if (pair and self._text[self._line_start(begin) : begin].strip()) or (not pair and self._dash(node) < 0):
            raise self._refusal(node, f"{_spoken(path)} shares its line; take it away by hand")
        self._patches.append(_Patch(start, end + len(self._eol_at(end)), ""))
        self._intention.remove(path)

    def comment(self, path: Path, lines: Iterable[str]) -> None:
        """Write comments above a key."""
        *above, last = path
        parent = self.document.at(*above)
        pair = parent.pair(str(last)) if isinstance(parent, Mapping) else None
        if pair is None:
            raise self._refusal(parent, f"there is no {_spoken(path)}")
        start = self._line_start(pair.key.start)
        text = "".join(f"{' ' * (pair.key.column - 1)}# {line}".rstrip() + self._eol for line in lines)
        self._patches.append(_Patch(start, start, text))

    def finish(self) -> Document:
        """The changed document. Raises DocumentError where its text would not say what was meant."""
        parts, done = [], 0
        # A stable sort: several additions of one depth at one place stay in the order in which they were made.
        for patch in sorted(self._patches, key=lambda one: (one.start, one.end, -one.depth)):
            if patch.start < done:
                raise self._refusal(self.document.root, "two changes overlap; make one, then the other")
            parts += [self._text[done : patch.start], patch.text]
            done = patch.end
        text = "".join([*parts, self._text[done:]])
        try:
            result = parse(self.document.encode(text), source=self.document.source)
        except DocumentError as error:
            raise self._refusal(self.document.root, f"the changes would not be valid YAML ({error})") from None
        if content(result.root) != self._intention.content or len(result.problems) > len(self.document.problems):
            raise self._refusal(self.document.root, "the changes would alter something else; make them by hand")
        return result

    def _add(self, path: Path, value: Value, *, after: str | None) -> None:
        *above, name = path
        parent = self.document.at(*above)
        if not isinstance(parent, Mapping) or parent.flow or not parent.pairs or not isinstance(name, str):
            raise self._refusal(parent, f"{_spoken(path)} cannot be added here; add it by hand")
        self._own(path, parent)
        found = parent.pair(after) if after else None
        neighbour = found or parent.pairs[-1]
        lines = rendering.fields([(name, value)], indent=parent.pairs[0].key.column - 1)
        self._below(max(neighbour.value.end, neighbour.key.end), lines)

    def _replace(self, path: Path, node: Node, text: str) -> None:
        self._own(path, node)
        start = node.start
        block = isinstance(node, Mapping | ListNode) and not node.flow
        if block or text.startswith(self._eol):
            # What comes in the place of a block, or is one, follows the key's colon.
            start = len(self._text[:start].rstrip())
        if not text.startswith(self._eol) and self._text[start - 1 : start] in (":", "-"):
            text = f" {text}"
        self._patches.append(_Patch(start, node.end, text))

    def _list(self, path: Path, texts: Sequence[str]) -> str:
        if not texts:
            return "[]"
        return self._eol + self._eol.join(rendering.items(texts, indent=self._key_indent(path) + 2))

    def _below(self, end: int, lines: Iterable[str]) -> None:
        """Add lines below the one that holds the character before an index."""
        at, added = self._line_end(end), list(lines)
        depth = len(added[0]) - len(added[0].lstrip(" "))
        self._patches.append(_Patch(at, at, "".join(self._eol + line for line in added), depth))

    def _own(self, path: Path, node: Node) -> None:
        """Refuse to change what is written elsewhere, too, through an alias, or what is an anchor's."""
        steps = [self.document.at(*path[:length]) for length in range(len(path) + 1)]
        if node.alias or any(step is not None and step.alias for step in steps):
            raise self._refusal(node, f"{_spoken(path)} stands behind an alias; write it out first")

    def _key_indent(self, path: Path) -> int:
        parent = self.document.at(*path[:-1])
        pair = parent.pair(str(path[-1])) if isinstance(parent, Mapping) else None
        if pair is None or (isinstance(parent, Mapping) and parent.flow):
            raise self._refusal(parent, f"{_spoken(path)} is written in braces; change it by hand")
        return pair.key.column - 1

    def _dash(self, item: Node) -> int:
        """The indentation of an item's dash; -1 where it does not stand first in its line."""
        before = self._text[self._line_start(item.start) : item.start]
        return len(before) - len(before.lstrip(" ")) if before.strip() == "-" else -1

    def _with_comments(self, start: int) -> int:
        """The start of the comment lines right above a line."""
        while start:
            above = self._line_start(start - 1)
            if not self._text[above:start].lstrip().startswith("#"):
                break
            start = above
        return start

    def _line_start(self, index: int) -> int:
        return self._text.rfind(self._break, 0, index) + 1

    def _line_end(self, index: int) -> int:
        """The end of the line of the character before an index, without its line break."""
        end = self._text.find(self._break, index)
        end = len(self._text) if end < 0 else end
        return end - 1 if self._text[end - 1 : end] == "\r" and end > index else end

    def _eol_at(self, index: int) -> str:
        return next((one for one in ("\r\n", "\n", "\r") if self._text.startswith(one, index)), "")

    def _refusal(self, node: Node | None, sentence: str) -> DocumentError:
        line, column = (node.line, node.column) if node else (1, 1)
        problem = Problem(kind=ProblemKind.SYNTAX, line=line, column=column, sentence=sentence)
        return DocumentError(self.document.source, [problem])


def _item(values: Sequence[tuple[str, Value]], indent: int) -> list[str]:
    lines = rendering.fields(values, indent=indent + 2)
    return [f"{' ' * indent}- {lines[0].lstrip()}", *lines[1:]]


def _spoken(path: Path) -> str:
    return ".".join(str(step) for step in path)
