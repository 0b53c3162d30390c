"""docs/requirements is what the catalog, the checks and the faults declare, and says so where it is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from ai_conformance import catalog
from ai_conformance.checks import registry
from ai_conformance.cli import explanation, pages
from ai_conformance.cli.explain import explain
from ai_conformance.model.requirements import Requirement

FOLDER = Path(__file__).parents[3] / "docs" / "requirements"
FACTS = catalog.load()
AUTOMATED = [one for one in FACTS.all_requirements if registry.get(one.id) is not None]


def test_the_pages_are_up_to_date() -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    wanted = pages.all_of(FACTS)
    outdated = sorted(name for name in {*there, *wanted} if there.get(name) != wanted.get(name))
    assert not outdated, f"docs/requirements is out of date ({', '.join(outdated)}): run scripts/docs and commit it"


def test_every_automated_check_has_a_page_and_every_requirement_a_line() -> None:
    wanted = pages.all_of(FACTS)
    assert set(wanted) == {pages.INDEX, *(f"{one.id}.md" for one in AUTOMATED)}
    index = wanted[pages.INDEX]
    for one in FACTS.all_requirements:
        assert one.id in index.replace("\\", "")
        assert (f"({one.id}.md)" in index) == (one in AUTOMATED)


@pytest.mark.parametrize("entry", AUTOMATED, ids=lambda one: one.id)
def test_a_page_has_all_that_the_check_declares(entry: Requirement) -> None:
    check = registry.get(entry.id)
    assert check is not None
    text = pages.all_of(FACTS)[f"{entry.id}.md"].replace("\\", "")
    said = [check.summary, check.artifact, check.needs, check.on_fail, check.on_blocked, *check.images]
    said += [part for case in check.cases for part in (case.name, case.kind.value, case.proves)]
    said += [part for use in check.all_uses for part in (use.plural, *use.verbs)]
    said += [part for one in check.relaxed for part in (one.level.value, one.why)]
    said += [part for wait in check.waits for part in (wait.name, wait.reason)]
    said += [part for one in check.evidence for part in (one.name, one.content)]
    said += [part for fault in explanation.faults(entry) for part in (fault.name, fault.summary)]
    assert [one for one in said if " ".join(one.split()) not in text] == []


@pytest.mark.parametrize("name", pages.all_of(FACTS))
def test_every_row_of_a_table_has_as_many_cells_as_its_head(name: str) -> None:
    for table in re.findall(r"(?:^\|.*\|\n)+", pages.all_of(FACTS)[name], re.M):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(cells) == 1, table


def test_a_terminal_and_a_page_are_told_the_same() -> None:
    shown = CliRunner().invoke(explain, ["gang_scheduling", "--output-format", "markdown"], catch_exceptions=False)
    assert shown.output == pages.all_of(FACTS)["gang_scheduling.md"]


def test_only_what_differs_is_written_and_what_is_no_page_goes(tmp_path: Path) -> None:
    assert {path.name for path in pages.write(FACTS, folder=tmp_path / "new")} == set(pages.all_of(FACTS))
    folder = tmp_path / "new"
    assert pages.write(FACTS, folder=folder) == []
    (folder / "of_old.md").write_text("gone\n", encoding="utf-8")
    (folder / pages.INDEX).write_text("edited\n", encoding="utf-8")
    assert {path.name for path in pages.write(FACTS, folder=folder)} == {"of_old.md", pages.INDEX}
    assert not (folder / "of_old.md").exists()
