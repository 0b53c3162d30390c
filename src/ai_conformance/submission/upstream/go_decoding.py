"""Nodes as values of Go types, by the rules of yaml.v3: what is refused, what is taken as it is written, what is lost.

A text field takes any scalar as it is written, so `id: 0011` is "0011"; a list of texts takes no lone text and drops an
empty item; two equal keys are a mistake only in a mapping that is looked at; `<<` merges. Mistakes of type are gathered
and make the file unreadable in the end, as they do there.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
from collections.abc import Callable, Collection
from typing import TypeVar

from ai_conformance.submission.upstream import go_scalars
from ai_conformance.submission.upstream.go_nodes import Kind, Node, YamlError
from ai_conformance.submission.upstream.go_scalars import ScalarKind

_Value = TypeVar("_Value")
Member = Callable[[str, Node], None]
"""Takes one member of a mapping: the text of its key, and the value."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Anything:
    """A value of no particular type."""

    text: str | None
    """None if it is no text."""
    nothing: bool = False
    """It is `null`."""
    hashable: bool = True
    """It can be the key of a mapping: it is neither a mapping nor a list."""


class Decoder:
    """Decodes the nodes of one file. Every method raises YamlError where yaml.v3 gives up at once."""

    def __init__(self) -> None:
        self._mistakes: list[tuple[int, int, str]] = []
        self._inside: set[int] = set()
        self._decoded = 0
        self._decoded_in_aliases = 0

    def finish(self) -> None:
        """Raise YamlError with the first mistake if there was any."""
        if self._mistakes:
            line, column, sentence = min(self._mistakes)
            more = f" (and {len(self._mistakes) - 1} more)" if len(self._mistakes) > 1 else ""
            raise YamlError(sentence + more, line=line, column=column)

    def mistake(self, node: Node, sentence: str) -> None:
        """Note a mistake of type."""
        self._mistakes.append((node.line, node.column, sentence))

    def enter(self, node: Node, decode: Callable[[Node], _Value]) -> _Value:
        """Decode a node, or what it is an alias of."""
        self._decoded += 1
        self._decoded_in_aliases += bool(self._inside)
        if self._too_many_aliases():
            raise YamlError("most of it are aliases", line=node.line, column=node.column)
        if node.target is None:
            return decode(node)
        if id(node) in self._inside:
            raise YamlError(f"what '*{node.value}' stands for contains itself", line=node.line, column=node.column)
        self._inside.add(id(node))
        value = self.enter(node.target, decode)
        self._inside.discard(id(node))
        return value

    def text(self, node: Node) -> str | None:
        """A scalar as it is written; None, which is no mistake, for `null`."""
        return self.enter(node, self._text)

    def anything(self, node: Node) -> Anything:
        """A value of whatever type it is."""
        return self.enter(node, self._anything)

    def items(self, node: Node, item: Callable[[Node], _Value | None]) -> list[_Value] | None:
        """The items of a list, without those that are None; None for `null`."""
        return self.enter(node, lambda one: self._items(one, item))

    def members(self, node: Node, member: Member, *, fields: Collection[str] | None = None) -> bool:
        """Hand out the members of a mapping; those of `fields` alone if that is given. False: it was `null`."""
        return self.enter(node, lambda one: self._members(one, member, fields))

    def _too_many_aliases(self) -> bool:
        # The library's own numbers: in a small file 99 of 100 values may come from aliases, in a large one 10.
        share = 0.99 - 0.89 * min(max((self._decoded - 400_000) / 3_600_000, 0.0), 1.0)
        return (
            self._decoded_in_aliases > 100 and self._decoded > 1000 and self._decoded_in_aliases > share * self._decoded
        )

    def _scalar(self, node: Node) -> tuple[ScalarKind, str]:
        if node.quoted and not node.tag:
            return ScalarKind.TEXT, node.value
        if node.tag == "!!binary":
            return ScalarKind.TEXT, _from_base64(node)
        try:
            return go_scalars.kind_of(node.value, tag=node.tag), node.value
        except go_scalars.TagError as error:
            raise YamlError(str(error), line=node.line, column=node.column) from None

    def _text(self, node: Node) -> str | None:
        if node.kind is Kind.SCALAR:
            kind, value = self._scalar(node)
            return None if kind is ScalarKind.NOTHING else value
        if node.kind is Kind.SEQUENCE or self._unique(node):
            self.mistake(node, f"a text is expected, not {node.kind.value}")
        return None

    def _anything(self, node: Node) -> Anything:
        if node.kind is Kind.SCALAR:
            kind, value = self._scalar(node)
            is_text = kind in (ScalarKind.TEXT, ScalarKind.MERGE)
            return Anything(text=value if is_text else None, nothing=kind is ScalarKind.NOTHING)
        if node.kind is Kind.SEQUENCE:
            for child in node.children:
                self.anything(child)
        else:
            self._free_mapping(node, merged=None)
        return Anything(text=None, hashable=False)

    def _items(self, node: Node, item: Callable[[Node], _Value | None]) -> list[_Value] | None:
        if node.kind is Kind.SEQUENCE:
            return [value for child in node.children if (value := item(child)) is not None]
        if node.kind is Kind.SCALAR and self._scalar(node)[0] is ScalarKind.NOTHING:
            return None
        if node.kind is Kind.SCALAR or self._unique(node):
            self.mistake(node, f"a list is expected, not {node.kind.value}")
        return []

    def _members(self, node: Node, member: Member, fields: Collection[str] | None) -> bool:
        if node.kind is Kind.MAPPING:
            self._mapping(node, member, fields, merged=None)
            return True
        if node.kind is Kind.SCALAR and self._scalar(node)[0] is ScalarKind.NOTHING:
            return False
        self.mistake(node, f"a mapping is expected, not {node.kind.value}")
        return True

    def _unique(self, node: Node) -> bool:
        """Whether no two keys are written alike; keys that are collections count as alike."""
        seen: set[tuple[Kind, str]] = set()
        unique = True
        for key, _ in node.pairs():
            if (key.kind, key.value) in seen:
                self.mistake(key, f"the key {key.value!r} is there twice")
                unique = False
            seen.add((key.kind, key.value))
        return unique

    def _mapping(self, node: Node, member: Member, fields: Collection[str] | None, *, merged: set[str] | None) -> None:
        if not self._unique(node):
            return
        done: set[str] = set()
        merge: Node | None = None
        for key, value in node.pairs():
            if _is_merge(key):
                merge = value
                continue
            name = self.text(key)
            if name is None or (merged is not None and name in merged):
                continue
            if merged is not None:
                merged.add(name)
            if fields is not None and name in done:
                self.mistake(key, f"the key {name!r} is there twice")
            elif fields is None or name in fields:
                done.add(name)
                member(name, value)
        if merge is not None:
            self._merge(node, merge, merged, lambda one, names: self._mapping(one, member, fields, merged=names))

    def _free_mapping(self, node: Node, *, merged: set[str] | None) -> None:
        """A mapping in a place of no particular type: its keys may be of any type that has no members."""
        if not self._unique(node):
            return
        merge: Node | None = None
        for key, value in node.pairs():
            if _is_merge(key):
                merge = value
                continue
            name = self.anything(key)
            if not name.hashable:
                raise YamlError("a mapping or a list cannot be a key", line=key.line, column=key.column)
            if merged is not None and name.text is not None:
                if name.text in merged:
                    continue
                merged.add(name.text)
            self.anything(value)
        if merge is not None:
            self._merge(node, merge, merged, lambda one, names: self._free_mapping(one, merged=names))

    def _merge(
        self, parent: Node, merge: Node, merged: set[str] | None, take: Callable[[Node, set[str]], None]
    ) -> None:
        if merged is None:
            keys = [self.anything(key) for key, _ in parent.pairs()]
            merged = {key.text for key in keys if key.text is not None}
        names = merged
        sources = merge.children if merge.kind is Kind.SEQUENCE else [merge]
        for source in sources:
            if (source.target or source).kind is not Kind.MAPPING:
                raise YamlError("'<<' wants a mapping, or a list of mappings", line=source.line, column=source.column)
            self.enter(source, lambda one: take(one, names))


def _is_merge(key: Node) -> bool:
    written = key.tag == "!!merge" or (not key.tag and not key.quoted)
    return key.kind is Kind.SCALAR and key.value == "<<" and written


def _from_base64(node: Node) -> str:
    try:
        data = base64.b64decode(node.value.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        raise YamlError("the value of !!binary is no base64", line=node.line, column=node.column) from None
    return data.decode("utf-8", "surrogateescape")
