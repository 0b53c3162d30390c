"""PRODUCT.yaml, and a checklist, as the validator's structures: what is in neither of its fields it does not see."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping

from ai_conformance.submission.upstream import go_nodes
from ai_conformance.submission.upstream.go_decoding import Anything, Decoder
from ai_conformance.submission.upstream.go_nodes import LimitError, Node


@dataclasses.dataclass(frozen=True, kw_only=True)
class Placed:
    """Where something stands; lines and columns count from 1."""

    line: int = 1
    column: int = 1


@dataclasses.dataclass(frozen=True, kw_only=True)
class Text(Placed):
    """A text and where it stands."""

    text: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Field(Placed):
    """A value of the metadata."""

    value: Anything


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry(Placed):
    """A requirement of the checklist, or a vendor's answer to it. A field that is left out is an empty text."""

    id: Text
    level: Text
    status: Text
    notes: Text
    evidence: tuple[Text, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConformanceDocument:
    """What the validator sees of a file. None: the section is missing, or nothing."""

    metadata: Mapping[str, Field] | None
    spec: Mapping[str, tuple[Entry, ...]] | None
    places: Mapping[str, Placed]
    """Where `metadata`, `spec` and each `spec.<category>` begin, as far as they are there."""

    def place(self, name: str) -> Placed:
        """Where a section begins; where it is missing, where what should hold it begins."""
        return self.places.get(name) or self.places.get(name.partition(".")[0]) or Placed()


def load(data: bytes, *, sections: Collection[str] = ("metadata", "spec")) -> ConformanceDocument:
    """Read a file, or some of its sections: what is wrong in the others is not noticed then.

    Raises YamlError where the validator cannot load it, LimitError where it is too deep for us.
    """
    root = go_nodes.compose(data)
    loader = _Loader()
    try:
        if root is not None:
            loader.members(root, loader.section, fields=sections)
    except RecursionError:
        # Aliases in what aliases stand for add up to a depth that the nodes themselves do not have.
        raise LimitError("its aliases stand for values that are nested too deep") from None
    loader.finish()
    return ConformanceDocument(metadata=loader.metadata, spec=loader.spec, places=loader.places)


_TEXTS = ("id", "description", "level", "status", "notes")


class _Loader(Decoder):
    def __init__(self) -> None:
        super().__init__()
        self.metadata: dict[str, Field] | None = None
        self.spec: dict[str, tuple[Entry, ...]] | None = None
        self.places: dict[str, Placed] = {}

    def section(self, name: str, value: Node) -> None:
        self.places[name] = Placed(line=value.line, column=value.column)
        if name == "metadata":
            fields: dict[str, Field] = {}

            def metadata(key: str, content: Node) -> None:
                fields[key] = Field(value=self.anything(content), line=content.line, column=content.column)

            self.metadata = fields if self.members(value, metadata) else None
        else:
            categories: dict[str, tuple[Entry, ...]] = {}

            def category(key: str, content: Node) -> None:
                self.places[f"spec.{key}"] = Placed(line=content.line, column=content.column)
                categories[key] = tuple(self.items(content, self._entry) or ())

            self.spec = categories if self.members(value, category) else None

    def _entry(self, node: Node) -> Entry | None:
        texts: dict[str, Text] = {}
        evidence: list[Text] = []

        def field(name: str, value: Node) -> None:
            if name == "evidence":
                evidence.extend(self.items(value, self._placed) or ())
            else:
                # What is `null` leaves an empty text.
                texts[name] = self._placed(value) or Text(line=value.line, column=value.column)

        if not self.members(node, field, fields=(*_TEXTS, "evidence")):
            return None
        empty = Text(line=node.line, column=node.column)
        wanted = {name: texts.get(name, empty) for name in ("id", "level", "status", "notes")}
        return Entry(**wanted, evidence=tuple(evidence), line=node.line, column=node.column)

    def _placed(self, node: Node) -> Text | None:
        text = self.text(node)
        return None if text is None else Text(text=text, line=node.line, column=node.column)
