"""A YAML file as frozen dataclasses, strictly: whatever is wrong is refused with file, line and column.

The file is read as a tree of YAML 1.2 nodes (ruamel.yaml), which know where they stand, and the tree is held against
the annotations of the dataclass: they are the only description of a file's form. A text has to be a text: ``1.33``
without quotes is a number and refused, since it would not survive as ``1.30``.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ai_conformance.catalog.errors import CatalogError, nearest
from ai_conformance.model.releases import Release

_Entry = TypeVar("_Entry")

_TAG = "tag:yaml.org,2002:"
_SPOKEN = {"str": "a text", "int": "a whole number", "bool": "true or false", "float": "a number", "null": "nothing"}
# Types that are written as a text, and what reads it; each raises ValueError.
_WRITTEN_AS_TEXT: Mapping[Any, Callable[[str], object]] = {Release: Release.parse}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Located(Generic[_Entry]):
    """An entry and where it begins in its file; lines and columns count from 1."""

    entry: _Entry
    source: str
    line: int
    column: int

    @property
    def place(self) -> str:
        """``file:line:column``."""
        return f"{self.source}:{self.line}:{self.column}"


def read(path: Path, kind: type[_Entry], *, key: str) -> tuple[Located[_Entry], ...]:
    """The entries of a file whose one top-level key holds a list of them. Raises CatalogError with every mistake."""
    return parse(read_text(path), kind, key=key, source=str(path))


def read_text(path: Path) -> str:
    """The text of a file. Raises CatalogError."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise CatalogError(f"{path}:1:1: the file cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        line, column = _after(error.object[: error.start].decode("utf-8"))
        raise CatalogError(f"{path}:{line}:{column}: the file is not UTF-8") from None


def parse(text: str, kind: type[_Entry], *, key: str, source: str) -> tuple[Located[_Entry], ...]:
    """As `read`, from text; `source` stands for the file in messages."""
    reader = _Reader(source)
    entries: tuple[Located[_Entry], ...] = ()
    for found in reader.values(compose(text, source=source), known={key}, required={key}).values():
        if isinstance(found, SequenceNode):
            entries = tuple(
                Located(entry=reader.value(item, kind), source=source, line=line, column=column)
                for item in found.value
                for line, column in (position(item),)
            )
        else:
            reader.mistake(found, f"{key}: a list is expected, not {_spoken(found)}")
    reader.finish()
    return entries


def compose(text: str, *, source: str) -> Node:
    """The tree of nodes of a file's one YAML document. Raises CatalogError."""
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        what = " ".join((error.problem or error.context or "it cannot be read").split())
        raise CatalogError(f"{source}:{place}: no valid YAML: {what}") from None
    except YAMLError as error:
        # The reader's own complaint about a character; it knows the position in the text only.
        line, column = _after(text[: getattr(error, "position", 0)])
        raise CatalogError(f"{source}:{line}:{column}: no valid YAML: {str(error).splitlines()[0]}") from None
    except (ValueError, RecursionError) as error:
        raise CatalogError(f"{source}:1:1: no valid YAML: {error}") from None
    if not isinstance(root, Node):
        raise CatalogError(f"{source}:1:1: the file is empty")
    return root


def position(node: Node) -> tuple[int, int]:
    """Line and column of a node, from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1


def _after(before: str) -> tuple[int, int]:
    """Line and column, from 1, of what follows a text."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _spoken(node: Node) -> str:
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    name = _SPOKEN.get(str(node.tag).removeprefix(_TAG), f"something of the kind {node.tag}")
    return f"{name} ({node.value!r})" if node.value else name


class _Reader:
    """Reads nodes as values and gathers mistakes, so that a user sees all of them at once."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._mistakes: list[tuple[int, int, str]] = []

    def mistake(self, node: Node, sentence: str) -> None:
        """Note what is wrong with a node."""
        self._mistakes.append((*position(node), sentence))

    def finish(self) -> None:
        """Raise CatalogError if anything was wrong."""
        if self._mistakes:
            lines = (f"{self._source}:{line}:{column}: {what}" for line, column, what in sorted(self._mistakes))
            raise CatalogError("\n".join(lines))

    def values(self, node: Node, *, known: set[str] | None, required: set[str]) -> dict[str, Node]:
        """The value nodes of a mapping by their keys; `known` is None where any key will do."""
        if not isinstance(node, MappingNode):
            what = f"a mapping with the key{'s' * (len(required) > 1)} {', '.join(sorted(required))}"
            self.mistake(node, f"{what if required else 'a mapping'} is expected, not {_spoken(node)}")
            return {}
        found: dict[str, Node] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or key.tag != f"{_TAG}str":
                self.mistake(key, f"a key has to be a text, not {_spoken(key)}; put it in quotes")
            elif key.value in found:
                self.mistake(key, f"the key {key.value!r} is there twice")
            elif known is not None and key.value not in known:
                self.mistake(key, f"there is no key {key.value!r}{nearest(key.value, known=known)}")
            else:
                found[key.value] = value
        for name in sorted(required - found.keys()):
            self.mistake(node, f"the key {name!r} is missing")
        return found

    def value(self, node: Node, hint: Any) -> Any:
        """A node as a value of an annotated type; anything after a mistake."""
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is types.UnionType:
            if isinstance(node, ScalarNode) and node.tag == f"{_TAG}null":
                return None
            return self.value(node, next(one for one in arguments if one is not types.NoneType))
        if origin is tuple:
            return self._sequence(node, arguments[0])
        if origin is Mapping:
            return self._mapping(node, key=arguments[0], value=arguments[1])
        if dataclasses.is_dataclass(hint) and hint not in _WRITTEN_AS_TEXT:
            return self._object(node, typing.cast("type[Any]", hint))
        return self._plain(node) if hint is object else self._scalar(node, hint)

    def _plain(self, node: Node) -> Any:
        """Data of any form, such as an object of the Kubernetes API: mappings, lists and plain scalars."""
        if isinstance(node, MappingNode):
            return {name: self._plain(one) for name, one in self.values(node, known=None, required=set()).items()}
        if isinstance(node, SequenceNode):
            return [self._plain(one) for one in node.value]
        kinds: Mapping[str, type] = {f"{_TAG}bool": bool, f"{_TAG}int": int}
        if node.tag == f"{_TAG}str":
            return str(node.value)
        if str(node.tag) in kinds:
            return self._scalar(node, kinds[str(node.tag)])
        if node.tag != f"{_TAG}null":
            self.mistake(node, f"a text, a whole number, true or false is expected, not {_spoken(node)}")
        return None

    def _object(self, node: Node, kind: type[Any]) -> Any:
        fields = dataclasses.fields(kind)
        required = {
            one.name
            for one in fields
            if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
        }
        before = len(self._mistakes)
        nodes = self.values(node, known={one.name for one in fields}, required=required)
        hints = typing.get_type_hints(kind)
        values = {name: self.value(value, hints[name]) for name, value in nodes.items()}
        if len(self._mistakes) > before:
            return None
        try:
            return kind(**values)
        except ValueError as error:
            self.mistake(node, str(error))
            return None

    def _sequence(self, node: Node, item: Any) -> tuple[Any, ...]:
        if not isinstance(node, SequenceNode):
            self.mistake(node, f"a list is expected, not {_spoken(node)}")
            return ()
        return tuple(self.value(one, item) for one in node.value)

    def _mapping(self, node: Node, *, key: Any, value: Any) -> dict[Any, Any]:
        nodes = self.values(node, known=None, required=set())
        keys = {one.value: one for one, _ in node.value} if nodes else {}
        return {self._text(keys[name], key): self.value(one, value) for name, one in nodes.items()}

    def _scalar(self, node: Node, kind: Any) -> Any:
        wanted = kind.__name__ if kind in (int, bool) else "str"
        if not isinstance(node, ScalarNode) or node.tag != f"{_TAG}{wanted}":
            quotes = "; put it in quotes" if wanted == "str" and isinstance(node, ScalarNode) and node.value else ""
            self.mistake(node, f"{_SPOKEN[wanted]} is expected, not {_spoken(node)}{quotes}")
            return None
        if kind is bool:
            return node.value.lower() == "true"
        if kind is int:
            try:
                return int(node.value.replace("_", ""), 0)
            except ValueError:
                self.mistake(node, f"a whole number such as 57 is expected, not {node.value!r}")
                return None
        return self._text(node, kind)

    def _text(self, node: Node, kind: Any) -> Any:
        if kind is str:
            if not node.value.strip():
                self.mistake(node, "the text is empty; leave the key out or fill it")
            return node.value
        try:
            return _WRITTEN_AS_TEXT[kind](node.value) if kind in _WRITTEN_AS_TEXT else kind(node.value)
        except ValueError as error:
            names = [one.value for one in kind] if issubclass(kind, enum.Enum) else []
            what = f"{node.value!r} is not known here{nearest(node.value, known=names)}" if names else str(error)
            self.mistake(node, what)
            return None
