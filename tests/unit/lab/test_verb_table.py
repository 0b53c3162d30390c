"""docs/verb-table.md has every verb that `rbac` prints: taken away and told, or on what no lab serves."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lab_trial import Said
from scripts_loaded import ROOT, load
from verb_uses import EVERY_RUN, Verb, declared

VERB = Verb(group="resource.k8s.io", resource="resourceclaims", verb="create")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load("verb-table")


def test_every_declared_verb_is_in_the_table_and_none_is_too_much(script: ModuleType) -> None:
    record = script.Record(ROOT / "docs" / "verb-table.jsonl")
    assert script.page(record)[1] == []
    there = {*record.tried, *script.unsent(record)}
    assert there == {(check, verb) for check, verbs in declared().items() for verb in verbs}


def test_the_page_is_written_from_what_was_seen(script: ModuleType) -> None:
    lines, _wrong = script.page(script.Record(ROOT / "docs" / "verb-table.jsonl"))
    assert (ROOT / "docs" / "verb-table.md").read_text(encoding="utf-8").splitlines() == lines


def test_what_was_tried_was_told(script: ModuleType) -> None:
    record = script.Record(ROOT / "docs" / "verb-table.jsonl")
    assert record.tried
    assert all(one.told or one.borne for one in record.tried.values())


def test_what_lacked_nothing_passed(script: ModuleType) -> None:
    record = script.Record(ROOT / "docs" / "verb-table.jsonl")
    last = {(one.lab, one.situation): one for one in record.baselines}
    assert {said.verdict for one in last.values() for said in one.said.values()} == {"PASS"}


@pytest.mark.parametrize(
    ("check", "said", "told"),
    [
        ("dra_support", Said(verdict="BLOCKED", reason='cannot create resource "resourceclaims"'), True),
        ("dra_support", Said(verdict="BLOCKED", reason="no free accelerator"), False),
        ("dra_support", Said(verdict="ERROR", reason='cannot create resource "resourceclaims"'), False),
        ("dra_support", Said(verdict="PASS", reason="all 3 cases passed"), False),
        (EVERY_RUN, Said(verdict="exit 3", reason='cannot create resource "resourceclaims"'), True),
    ],
)
def test_a_verb_that_lacked_has_to_be_told(
    script: ModuleType, tmp_path: Path, check: str, said: Said, told: bool
) -> None:
    record = script.Record(tmp_path / "record.jsonl")
    record.add(
        script.Tried(check=check, verb=VERB, lab="musts", situation="as it is", said={"dra_support": said}, left=0)
    )
    again = script.Record(tmp_path / "record.jsonl")
    assert again.tried[check, VERB].told is told
    assert (f"{check} without {VERB} is not told so" in script.page(again)[1]) is not told


def test_a_verb_that_is_sent_nowhere_though_it_is_served_is_too_much(script: ModuleType, tmp_path: Path) -> None:
    record = script.Record(tmp_path / "record.jsonl")

    def seen(**fields: Any) -> None:
        record.add(script.Baseline(lab="musts", situation="as it is", said={}, **fields))

    seen(sent={"dra_support": frozenset({VERB})}, served=frozenset({"resourceclaims.resource.k8s.io"}))
    assert record.baselines[0].sent == script.Record(tmp_path / "record.jsonl").baselines[0].sent
    wrong = script.page(record)[1]
    assert f"dra_support: {VERB} is sent nowhere" in wrong
    unserved = Verb(group="scheduling.volcano.sh", resource="podgroups", verb="get")
    assert script.unsent(record)["gang_scheduling", unserved] == script.NOT_SERVED["scheduling.volcano.sh"]
