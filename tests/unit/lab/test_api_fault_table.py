"""docs/api-fault-table.md has every check under every trouble, and no verdict that a sound run would not give."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest

from scripts_loaded import ROOT, load

RECORD = ROOT / "docs" / "api-fault-table.jsonl"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load("api-fault-table")


def test_every_check_was_tried_under_every_trouble_and_each_verdict_is_as_it_has_to_be(script: ModuleType) -> None:
    runs = script.read(RECORD)
    assert set(runs) == {script.SOUND, *script.every()}
    assert all(set(run.said) == set(script.CHECKS) for run in runs.values())
    assert {said.verdict for said in runs[script.SOUND].said.values()} == {"PASS"}
    assert script.tables(runs)[1] == []


def test_the_page_is_written_from_what_was_seen(script: ModuleType) -> None:
    lines, _wrong = script.tables(script.read(RECORD))
    assert (ROOT / "docs" / "api-fault-table.md").read_text(encoding="utf-8").splitlines() == lines


@pytest.mark.parametrize(
    ("verdict", "reason", "wrong"),
    [
        ("ERROR", "GET /api: 429: made up", ""),
        ("ERROR", "a | bug", "too-many-requests: dra_support: ERROR: a | bug"),
        ("FAIL", "GET /api: 429: made up", "too-many-requests: dra_support: FAIL: GET /api: 429: made up"),
    ],
)
def test_a_verdict_that_is_made_up_is_counted(
    script: ModuleType, tmp_path: Path, verdict: str, reason: str, wrong: str
) -> None:
    def line(trouble: str, **others: dict[str, str]) -> str:
        said = {name: {"verdict": "PASS", "reason": "fine"} for name in script.CHECKS} | others
        return json.dumps({"trouble": trouble, "at": "a", "seconds": 1.0, "struck": 3, "left": 0, "said": said})

    record = tmp_path / "record.jsonl"
    seen = {"verdict": verdict, "reason": reason}
    lines = [line(script.SOUND), line("too-many-requests"), line("too-many-requests", dra_support=seen)]
    record.write_text("\n".join(lines) + "\n", encoding="utf-8")
    page, found = script.tables(script.read(record))
    assert [one for one in found if "not tried" not in one] == ([wrong] if wrong else [])
    assert len([one for one in found if "not tried" in one]) == len(script.every()) - 1
    assert any(reason.replace("|", r"\|") in one for one in page)
    assert any(f"**{verdict}**{' (!)' if wrong else ''}" in one for one in page)
