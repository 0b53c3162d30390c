"""Checklists and proposals, read as the product reads them, say what the catalog says."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ai_conformance import catalog
from ai_conformance.catalog import official
from ai_conformance.model.releases import Release
from ai_conformance.model.requirements import Level


def test_every_release_of_the_program_is_known(program_dir: Path) -> None:
    assert official.releases(program_dir) == catalog.load().releases


@pytest.mark.parametrize("release", catalog.load().releases, ids=str)
def test_the_catalog_agrees_with_the_checklist(program_dir: Path, release: Release) -> None:
    checklist = official.read(official.find(program_dir, release=release), release=release)
    assert len(checklist.requirements) == len(catalog.load().requirements(release))
    assert [one.sentence for one in official.compare(checklist, catalog.load())] == []


@pytest.mark.parametrize("release", catalog.load().releases, ids=str)
def test_requirements_are_in_the_order_of_the_checklist(program_dir: Path, release: Release) -> None:
    checklist = official.read(official.find(program_dir, release=release), release=release)
    assert [one.id for one in checklist.requirements] == [one.id for one in catalog.load().requirements(release)]


def test_a_release_shares_the_wording_that_did_not_change() -> None:
    metrics = catalog.load().requirement("accelerator_metrics").description_sha256
    assert metrics[Release(1, 36)] == metrics[Release(1, 33)] != metrics[Release(1, 37)]


def test_proposals_have_the_numbers_and_first_releases_that_they_say(program_dir: Path) -> None:
    facts = {one.kar: one for one in catalog.load().all_requirements if one.kar is not None}
    found = {}
    for path in sorted(program_dir.glob("kars/*/kar.yaml")):
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        number = int(str(content["kar-number"]).lstrip("0"))
        assert number == int(path.parent.name[:4]), path
        stage, milestone = content["stage"], Release.parse(content["milestone"][content["stage"]])
        assert facts[number].levels[milestone] is Level[stage.upper()], path
        found[number] = path
    # The proposal for sandboxing is newer than the copy of the proposals.
    assert set(facts) - set(found) <= {20}
    assert len(found) >= 14
