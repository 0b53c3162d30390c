"""What a changed document has to say, worked out apart from its text: the other half of `Draft`'s check on itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ai_conformance.submission.documents.nodes import Mapping, Node, Scalar
from ai_conformance.submission.documents.nodes import Sequence as ListNode
from ai_conformance.submission.documents.rendering import Value


def content(node: Node) -> Any:
    """A tree as dicts, lists and texts, without places."""
    if isinstance(node, Mapping):
        return {pair.name: content(pair.value) for pair in node.pairs}
    if isinstance(node, ListNode):
        return [content(item) for item in node.items]
    return node.text if isinstance(node, Scalar) else None


class Intention:
    """The content after all changes; paths are those of the document as it was read."""

    def __init__(self, root: Node) -> None:
        self._content = content(root)
        # Items come and go only when all values are set, the last ones first, so that no path shifts meanwhile.
        self._moves: list[tuple[tuple[str | int, ...], int, int, Any]] = []

    def set(self, path: Sequence[str | int], value: Value) -> None:
        """A value at a path."""
        self._at(path[:-1])[path[-1]] = value if isinstance(value, str) else list(value)

    def extend(self, path: Sequence[str | int], texts: Sequence[str]) -> None:
        """More items at the end of a list."""
        self._at(path).extend(texts)

    def insert(self, path: Sequence[str | int], index: int, values: Iterable[tuple[str, Value]]) -> None:
        """One more item of a list."""
        item = {key: value if isinstance(value, str) else list(value) for key, value in values}
        self._moves.append((tuple(path), index, len(self._moves), item))

    def remove(self, path: Sequence[str | int]) -> None:
        """One item or one key less."""
        if isinstance(path[-1], int):
            self._moves.append((tuple(path[:-1]), path[-1], -1, None))
        else:
            self._moves.append((tuple(path), -1, -1, None))

    @property
    def content(self) -> Any:
        """The content with all changes made; to be asked for once."""
        for path, index, order, item in sorted(self._moves, key=_turn):
            if index < 0:
                del self._at(path[:-1])[path[-1]]
            elif order < 0:
                del self._at(path)[index]
            else:
                self._at(path).insert(index, item)
        return self._content

    def _at(self, path: Sequence[str | int]) -> Any:
        found = self._content
        for step in path:
            found = found[step]
        return found


def _turn(move: tuple[tuple[str | int, ...], int, int, Any]) -> tuple[bool, int, bool, int]:
    """Keys go first; then the last places come first, and at one place what goes, then what comes, the last first."""
    _, index, order, _ = move
    return index >= 0, -index, order >= 0, -order
