"""docs/kills.md tells of a hundred kills of which nothing was left."""

from __future__ import annotations

import dataclasses
from types import ModuleType

import pytest

from scripts_loaded import ROOT, load


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load("kill-runs")


def test_there_are_a_hundred(script: ModuleType) -> None:
    assert len(script.read(ROOT / "docs" / "kills.jsonl")[1]) >= 100


def test_of_all_kills_nothing_is_left_and_nothing_was_touched(script: ModuleType) -> None:
    _head, kills = script.read(ROOT / "docs" / "kills.jsonl")
    assert all(kill.good for kill in kills)
    assert {kill.then for kill in kills} >= {"clean", "resume"}
    assert sum(kill.there > 0 for kill in kills) > len(kills) / 2, "with nothing in the cluster nothing is shown"


def test_the_page_is_written_from_what_was_seen(script: ModuleType) -> None:
    lines = script.page(*script.read(ROOT / "docs" / "kills.jsonl"))
    assert (ROOT / "docs" / "kills.md").read_text(encoding="utf-8").splitlines() == lines


def test_what_was_left_or_touched_is_on_the_page(script: ModuleType) -> None:
    head, kills = script.read(ROOT / "docs" / "kills.jsonl")
    spoilt = [dataclasses.replace(kills[0], left=("pods n/a",), touched=("pods n/b has gone",)), *kills[1:]]
    page = script.page(head, spoilt)
    assert "| objects or namespaces left afterwards | 1 |" in page
    assert "| things from before that were gone, changed or restarted | 1 |" in page
