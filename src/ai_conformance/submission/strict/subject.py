"""What the rules look at: one product's folder, its document, and what stands beside it in the same checkout."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, TypeVar, cast

from ai_conformance.catalog.official import OfficialChecklist, OfficialRequirement
from ai_conformance.model.releases import Release
from ai_conformance.submission.documents import Node
from ai_conformance.submission.folders import FolderError, ProductFolder
from ai_conformance.submission.product import METADATA_KEYS, Entry, Product, snake_case
from ai_conformance.submission.strict import references
from ai_conformance.submission.strict.references import Reference

_Value = TypeVar("_Value")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Linked:
    """A piece of evidence with the entry that names it and what it refers to."""

    entry: Entry
    index: int
    node: Node
    place: tuple[str | int, ...]
    text: str
    reference: Reference


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """One product in one release. Values are computed once however many rules ask."""

    folder: ProductFolder
    release: Release
    product: Product
    checklist: OfficialChecklist
    EMPTY: ClassVar[str] = hashlib.sha256(b"").hexdigest()

    conditional: frozenset[str] = frozenset()
    """Requirements with a condition of their own, which therefore may not apply."""
    tests: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The program's automated test of a requirement, where it has a merged one."""
    siblings: tuple[ProductFolder, ...] = ()
    """The same product's folders of other releases."""

    _memory: dict[str, tuple[object, ...]] = dataclasses.field(default_factory=dict, repr=False)

    @functools.cached_property
    def official(self) -> Mapping[str, OfficialRequirement]:
        """The checklist's requirements by id."""
        return {one.id: one for one in self.checklist.requirements}

    @functools.cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The entries that count: of the checklist, in their category, of two with one id the last."""
        counted = {
            one.id: one
            for one in self.product.entries
            if one.id in self.official and self.official[one.id].category == one.category
        }
        return tuple(counted.values())

    @functools.cached_property
    def evidence(self) -> tuple[Linked, ...]:
        """All evidence of the entries that count."""
        return tuple(self._linked())

    def metadata(self, key: str) -> tuple[str, Node | None, str]:
        """A value of the metadata, where it stands, and the key that it stands under (camelCase or snake_case)."""
        assert key in METADATA_KEYS
        node, metadata = self.product.get(key), self.product.metadata
        first = metadata is not None and metadata.get(key) is not None
        return self.product.text(key), node, key if first or node is None else snake_case(key)

    @functools.cached_property
    def hashes(self) -> Mapping[str, str]:
        """SHA-256 of every file that is evidence and can be read, by its path in the folder."""
        paths = {one.reference.path for one in self.evidence if one.reference.path}
        return {path: found for path in sorted(paths) if (found := _sha256(self.folder, path))}

    def remembered(self, name: str, compute: Callable[[], tuple[_Value, ...]]) -> tuple[_Value, ...]:
        """What a module of rules computes once for all of its rules."""
        if name not in self._memory:
            self._memory[name] = compute()
        return cast("tuple[_Value, ...]", self._memory[name])

    def _linked(self) -> Iterator[Linked]:
        for entry in self.entries:
            for index, one in enumerate(entry.evidence):
                reference = references.parse(one.text, folder=self.folder)
                yield Linked(
                    entry=entry, index=index, node=one.node, place=one.path, text=one.text, reference=reference
                )


def _sha256(folder: ProductFolder, path: str) -> str:
    try:
        return hashlib.sha256(folder.read(path)).hexdigest()
    except FolderError:
        return ""
