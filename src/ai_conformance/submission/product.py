"""PRODUCT.yaml as rules and makers look at it: metadata and entries, each value with its place.

A view, not a judgement: whatever is missing or has the wrong form is absent here, and a rule that cares looks at the
nodes. Values are texts as written; whether YAML takes one for a number is asked of its node.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Iterator

from ai_conformance.submission.documents import Document, Kind, Mapping, Node, Pair, Scalar, Sequence

FILE_NAME = "PRODUCT.yaml"

METADATA_KEYS = (
    "kubernetesVersion",
    "platformName",
    "platformVersion",
    "vendorName",
    "websiteUrl",
    "repoUrl",
    "documentationUrl",
    "productLogoUrl",
    "description",
    "contactEmailAddress",
    "k8sConformanceUrl",
)
"""In the order of the official checklists; they lack the last one, which the program's validator requires."""

OPTIONAL_METADATA = frozenset({"repoUrl"})

ENTRY_KEYS = ("id", "description", "level", "status", "evidence", "notes")


class Status(enum.StrEnum):
    """What a vendor may say about a requirement. An empty one is allowed for a SHOULD."""

    IMPLEMENTED = "Implemented"
    NOT_IMPLEMENTED = "Not Implemented"
    PARTIALLY_IMPLEMENTED = "Partially Implemented"
    NOT_APPLICABLE = "N/A"


_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

Path = tuple[str | int, ...]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """One thing that is named as evidence."""

    text: str
    node: Node
    path: Path
    """Where it stands in the document."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """One item of a category of ``spec``."""

    category: str
    index: int
    node: Mapping

    @property
    def path(self) -> Path:
        """Where it stands in the document."""
        return ("spec", self.category, self.index)

    @property
    def id(self) -> str:
        """Empty where there is none."""
        return self.text("id")

    @property
    def description(self) -> str:
        """As written."""
        return self.text("description")

    @property
    def level(self) -> str:
        """As written."""
        return self.text("level")

    @property
    def status(self) -> str:
        """As written, which need not be a known one."""
        return self.text("status")

    @property
    def notes(self) -> str:
        """As written."""
        return self.text("notes")

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What is named as evidence and is not blank: the items of a list, or a single text in the place of one."""
        found = self.get("evidence")
        path = (*self.path, "evidence")
        if isinstance(found, Sequence):
            texts = ((item, (*path, index)) for index, item in enumerate(found.items))
            return tuple(
                Evidence(text=item.text, node=item, path=place)
                for item, place in texts
                if isinstance(item, Scalar) and text_of(item).strip()
            )
        text = text_of(found)
        return (Evidence(text=text, node=found, path=path),) if found is not None and text.strip() else ()

    def get(self, key: str) -> Node | None:
        """The value of a key, whatever it is."""
        return self.node.get(key)

    def text(self, key: str) -> str:
        """The text of a key; empty where there is none or where it is no scalar."""
        return text_of(self.get(key))


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Product:
    """A whole PRODUCT.yaml."""

    document: Document
    metadata: Mapping | None
    """None where it is missing or no mapping."""
    entries: tuple[Entry, ...]
    """All items that are mappings, in the order of the file; an id can be there twice."""

    def get(self, key: str) -> Node | None:
        """The value of a key of the metadata, whatever it is; that of its second name where the first is not there."""
        if self.metadata is None:
            return None
        found = self.metadata.get(key)
        return self.metadata.get(snake_case(key)) if found is None else found

    def text(self, key: str) -> str:
        """The text of a key of the metadata; empty where there is none or where it is no scalar."""
        return text_of(self.get(key))

    def entry(self, requirement: str) -> Entry | None:
        """The last entry with an id (so the program's validator takes it), or None."""
        return next((one for one in reversed(self.entries) if one.id == requirement), None)


def snake_case(key: str) -> str:
    """``websiteUrl`` as ``website_url``, the second name that the validator takes."""
    return _CAMEL.sub("_", key).lower()


def view(document: Document) -> Product:
    """The view of a document of any form."""
    metadata = document.at("metadata")
    return Product(
        document=document,
        metadata=metadata if isinstance(metadata, Mapping) else None,
        entries=tuple(_entries(document.at("spec"))),
    )


def text_of(node: Node | None) -> str:
    """The text of a scalar as written; empty for YAML's nothing, for a collection and for None."""
    return node.text if isinstance(node, Scalar) and node.kind is not Kind.NULL else ""


def pairs(node: Node | None) -> tuple[Pair, ...]:
    """The pairs of a mapping; none of anything else."""
    return node.pairs if isinstance(node, Mapping) else ()


def _entries(spec: Node | None) -> Iterator[Entry]:
    for pair in pairs(spec):
        if isinstance(pair.value, Sequence):
            for index, item in enumerate(pair.value.items):
                if isinstance(item, Mapping):
                    yield Entry(category=pair.name, index=index, node=item)
