"""The program's own checklists, read from a copy of its repository: the wording is theirs and is not kept here.

A checklist is read leniently where it carries what a vendor fills in (status, evidence, notes, metadata) and strictly
where it carries what the program asks for. `compare` says where it and the catalog differ, so that a new release or a
changed sentence is noticed.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ai_conformance.catalog import hashes, strict
from ai_conformance.catalog.errors import CatalogError
from ai_conformance.model.releases import Release

if TYPE_CHECKING:
    from ai_conformance.catalog.loader import Catalog

_FOLDERS = ("docs", "checklists", ".")


@dataclasses.dataclass(frozen=True, kw_only=True)
class OfficialRequirement:
    """One entry of a checklist, as it is written there."""

    id: str
    category: str
    level: str
    description: str
    line: int
    column: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class OfficialChecklist:
    """The checklist of one release."""

    release: Release
    path: Path
    requirements: tuple[OfficialRequirement, ...]


class DifferenceKind(enum.StrEnum):
    """In what a checklist and the catalog differ."""

    ADDED = "added"
    """The checklist has it, the catalog has not."""
    REMOVED = "removed"
    """The catalog has it, the checklist has not."""
    LEVEL = "level"
    CATEGORY = "category"
    DESCRIPTION = "description"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Difference:
    """One difference, with the place in the checklist."""

    kind: DifferenceKind
    requirement: str
    place: str
    """``file:line:column``."""
    sentence: str


def releases(program: Path) -> tuple[Release, ...]:
    """The releases that a copy of the program's repository has checklists of, the oldest first."""
    names = {
        path.stem.removeprefix("AIConformance-")
        for folder in _FOLDERS
        for path in (program / folder).glob("AIConformance-*.yaml")
    }
    # A file of another name (a template, a draft) is no checklist of a release.
    return tuple(sorted(Release.parse(name) for name in names if Release.is_written(name)))


def find(program: Path, *, release: Release) -> Path:
    """The file of a release's checklist. Raises CatalogError that says where it was looked for."""
    candidates = [program / folder / f"AIConformance-{release}.yaml" for folder in _FOLDERS]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        looked = ", ".join(str(path) for path in candidates)
        raise CatalogError(f"there is no checklist of release {release} in {program}; looked for {looked}")
    return found


def read(path: Path, *, release: Release) -> OfficialChecklist:
    """Read a checklist. Raises CatalogError with file, line and column."""
    source = str(path)
    root = _mapping(strict.compose(strict.read_text(path), source=source), source=source)
    if "spec" not in root:
        raise CatalogError(f"{source}:1:1: this is no checklist: the key 'spec' is missing")
    entries = tuple(_requirements(_mapping(root["spec"], source=source), source=source))
    return OfficialChecklist(release=release, path=path, requirements=entries)


def compare(checklist: OfficialChecklist, catalog: Catalog) -> tuple[Difference, ...]:
    """Where a checklist and the catalog's facts about the same release differ, in the order of the checklist."""
    return tuple(_differences(checklist, catalog))


def _requirements(spec: dict[str, Node], *, source: str) -> Iterator[OfficialRequirement]:
    for category, items in spec.items():
        if not isinstance(items, SequenceNode):
            line, column = strict.position(items)
            raise CatalogError(f"{source}:{line}:{column}: the category {category!r} has to be a list")
        for item in items.value:
            line, column = strict.position(item)
            fields = {
                key: value.value
                for key, value in _mapping(item, source=source).items()
                if isinstance(value, ScalarNode)
            }
            missing = [key for key in ("id", "level", "description") if not fields.get(key)]
            if missing:
                raise CatalogError(f"{source}:{line}:{column}: the key {missing[0]!r} is missing or no text")
            yield OfficialRequirement(
                id=fields["id"],
                category=category,
                level=fields["level"],
                description=fields["description"],
                line=line,
                column=column,
            )


def _mapping(node: Node, *, source: str) -> dict[str, Node]:
    if not isinstance(node, MappingNode):
        line, column = strict.position(node)
        raise CatalogError(f"{source}:{line}:{column}: a mapping is expected")
    return {str(key.value): value for key, value in node.value}


def _differences(checklist: OfficialChecklist, catalog: Catalog) -> Iterator[Difference]:
    release = checklist.release
    known = {one.id: one for one in catalog.requirements(release)}
    for entry in checklist.requirements:
        place = f"{checklist.path}:{entry.line}:{entry.column}"
        fact = known.get(entry.id)
        if fact is None:
            yield Difference(
                kind=DifferenceKind.ADDED,
                requirement=entry.id,
                place=place,
                sentence=f"{entry.id} is on the checklist of {release} and not in the catalog",
            )
            continue
        level = fact.level_in(release)
        if level is None or entry.level != level.value:
            sentence = (
                f"{entry.id} is {entry.level} in {release}; the catalog says {level.value if level else 'nothing'}"
            )
            yield Difference(kind=DifferenceKind.LEVEL, requirement=entry.id, place=place, sentence=sentence)
        if entry.category != fact.category.value:
            sentence = f"{entry.id} is in {entry.category}; the catalog says {fact.category.value}"
            yield Difference(kind=DifferenceKind.CATEGORY, requirement=entry.id, place=place, sentence=sentence)
        if hashes.description_sha256(entry.description) != fact.description_sha256.get(release):
            sentence = f"the description of {entry.id} in {release} is not the one that the catalog knows"
            yield Difference(kind=DifferenceKind.DESCRIPTION, requirement=entry.id, place=place, sentence=sentence)
    present = {entry.id for entry in checklist.requirements}
    for name in known:
        if name not in present:
            yield Difference(
                kind=DifferenceKind.REMOVED,
                requirement=name,
                place=f"{checklist.path}:1:1",
                sentence=f"{name} is in the catalog and not on the checklist of {release}",
            )
