"""What docs/fault-table.md says is what was seen, and nothing that was seen is other than expected."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from scripts_loaded import ROOT, load


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load("fault-table")


def test_the_page_is_written_from_what_was_seen_and_all_of_that_was_expected(script: ModuleType) -> None:
    lines, wrong = script.tables(script.Record(ROOT / "docs" / "fault-table.jsonl"))
    assert (ROOT / "docs" / "fault-table.md").read_text(encoding="utf-8").splitlines() == lines
    assert wrong == 0


def test_what_was_seen_is_of_faults_that_there_are(script: ModuleType) -> None:
    record = script.Record(ROOT / "docs" / "fault-table.jsonl")
    assert {run.fault for run in record.runs} <= {*script.BY_NAME, script.SOUND}
    assert all(set(run.said) == set(script.CHECKS) for run in record.runs)


def test_a_verdict_other_than_expected_and_one_that_does_not_come_back_are_counted(
    script: ModuleType, tmp_path: Path
) -> None:
    record = script.Record(tmp_path / "record.jsonl")
    sound = {name: script.trial.Said(verdict="PASS", reason="fine") for name in script.CHECKS}
    broken = {**sound, "dra_support": script.trial.Said(verdict="PASS", reason="saw | nothing")}

    def add(fault: str, said: object) -> None:
        record.add(script.Run(kind="musts", lab="one", fault=fault, said=said))

    add(script.SOUND, sound)
    add("class-without-slices", broken)
    lines, wrong = script.tables(record)
    assert wrong == 2, "it passed, and was not run again"
    assert any("PASS (FAIL!)" in line for line in lines)
    assert any(r"saw \| nothing | not run |" in line for line in lines)
    add(script.SOUND, sound)
    assert script.tables(script.Record(tmp_path / "record.jsonl"))[1] == 1


def test_every_fault_of_the_lab_is_in_the_table(script: ModuleType) -> None:
    record = script.Record(ROOT / "docs" / "fault-table.jsonl")
    assert {run.fault for run in record.runs} == {*script.BY_NAME, script.SOUND}
