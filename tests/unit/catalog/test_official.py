"""A checklist of the program is read with its places, and every way in which it can differ is told."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from ai_conformance import catalog
from ai_conformance.catalog import CatalogError, hashes, official
from ai_conformance.catalog.loader import Catalog
from ai_conformance.model.releases import Release
from ai_conformance.model.requirements import Category, Level, Requirement

RELEASE = Release(1, 37)
CHECKLIST = """\
metadata:
  kubernetesVersion: v1.37
spec:
  security:
    - id: closed_doors
      description: "Doors are
        closed."
      level: MUST
      status: ""
      evidence: []
"""


def facts() -> Catalog:
    known = Requirement(
        id="closed_doors",
        title="Closed doors",
        summary="Doors are closed.",
        category=Category.SECURITY,
        levels={RELEASE: Level.MUST},
        description_sha256={RELEASE: hashes.description_sha256("Doors are closed.")},
    )
    return dataclasses.replace(catalog.load(), all_requirements=(known,))


def checklist(folder: Path, text: str) -> official.OfficialChecklist:
    path = folder / "docs" / "AIConformance-1.37.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    assert official.releases(folder) == (RELEASE,)
    return official.read(official.find(folder, release=RELEASE), release=RELEASE)


def test_a_checklist_is_read_with_the_places_of_its_entries(tmp_path: Path) -> None:
    (entry,) = checklist(tmp_path, CHECKLIST).requirements
    assert (entry.id, entry.category, entry.level, entry.description) == (
        "closed_doors",
        "security",
        "MUST",
        "Doors are closed.",
    )
    assert (entry.line, entry.column) == (5, 7)


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ("", "", []),
        ("MUST", "SHOULD", ["level"]),
        ("security:", "networking:", ["category"]),
        ("closed.", "open.", ["description"]),
        ("closed_doors", "open_doors", ["added", "removed"]),
    ],
)
def test_what_differs_is_told(tmp_path: Path, old: str, new: str, kinds: list[str]) -> None:
    found = official.compare(checklist(tmp_path, CHECKLIST.replace(old, new)), facts())
    assert [one.kind.value for one in found] == kinds
    assert all(one.place.startswith(str(tmp_path)) and one.requirement in one.sentence for one in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("metadata: {}\n", ":1:1: this is no checklist: the key 'spec' is missing"),
        ("spec: []\n", ":1:7: a mapping is expected"),
        ("spec: {security: 5}\n", ":1:18: the category 'security' has to be a list"),
        (CHECKLIST.replace("level: MUST", "level: []"), ":5:7: the key 'level' is missing or no text"),
        (CHECKLIST.replace("level", "\tlevel"), ": no valid YAML: "),
    ],
)
def test_what_is_no_checklist_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CatalogError) as caught:
        checklist(tmp_path, text)
    assert message in str(caught.value)


def test_a_missing_checklist_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"no checklist of release 1\.37 .*docs/AIConformance-1\.37\.yaml"):
        official.find(tmp_path, release=RELEASE)
