"""The catalog's facts are those of the official checklists and proposals, and it holds none of their text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ai_conformance import catalog
from ai_conformance.catalog.hashes import description_sha256
from ai_conformance.model.releases import Release

RELEASES = ("1.33", "1.34", "1.35", "1.36", "1.37")
PACKAGE = Path(catalog.__file__).parent.parent
WORDS = 10


def checklist(folder: Path, release: str) -> dict[str, dict[str, Any]]:
    """id -> entry with its category, from the official file."""
    text = (folder / "checklists" / f"AIConformance-{release}.yaml").read_text(encoding="utf-8")
    spec = YAML(typ="safe").load(text)["spec"]
    return {entry["id"]: {**entry, "category": category} for category, entries in spec.items() for entry in entries}


@pytest.mark.parametrize("release", RELEASES)
def test_a_release_has_exactly_the_requirements_of_its_checklist(program_dir: Path, release: str) -> None:
    ours = {one.id: one for one in catalog.load().requirements(Release.parse(release))}
    official = checklist(program_dir, release)
    assert set(ours) == set(official)
    for name, entry in official.items():
        assert (ours[name].levels[Release.parse(release)], ours[name].category) == (entry["level"], entry["category"])


@pytest.mark.parametrize("release", RELEASES)
def test_the_hash_of_every_official_description_is_known(program_dir: Path, release: str) -> None:
    for name, entry in checklist(program_dir, release).items():
        known = catalog.load().requirement(name).description_sha256[Release.parse(release)]
        assert known == description_sha256(entry["description"]), name


def test_every_kar_number_of_the_catalog_that_is_in_the_records_is_that_of_a_proposal(program_dir: Path) -> None:
    proposals = {int(folder.name.split("-")[0]) for folder in (program_dir / "kars").iterdir()}
    ours = {one.kar for one in catalog.load().all_requirements if one.kar is not None}
    assert ours - proposals == {20}, "the proposal of workload_sandboxing is younger than the records"
    assert proposals <= ours


def test_no_official_description_is_in_the_package(program_dir: Path) -> None:
    def words(text: str) -> list[str]:
        return re.findall(r"[a-z0-9]+", text.lower())

    def shingles(text: str) -> set[tuple[str, ...]]:
        run = words(text)
        return {tuple(run[i : i + WORDS]) for i in range(len(run) - WORDS + 1)}

    official = {
        one
        for release in RELEASES
        for entry in checklist(program_dir, release).values()
        for one in shingles(entry["description"])
    }
    for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.yaml")]:
        assert not shingles(path.read_text(encoding="utf-8")) & official, path
