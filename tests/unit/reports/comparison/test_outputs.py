"""A comparison in print: all of it in each form, and nothing that a platform chose becomes anything but text."""

from __future__ import annotations

import dataclasses
import io
import json

import pydantic_core
from hypothesis import given, settings
from markdown_it import MarkdownIt
from rich.console import Console

from ai_conformance import catalog
from ai_conformance.model.records import RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports.comparison import comparing, outputs
from ai_conformance.reports.comparison.findings import Comparison
from generated_runs import RUNS
from sample_runs import FORGERY, a_case, a_check, a_run, sound_run

FACTS = catalog.load()


def compared(before: RunRecord, after: RunRecord) -> Comparison:
    return comparing.compare(before, after, facts=FACTS)


def fallen() -> Comparison:
    before = a_run(a_check("gang_scheduling", cases=(a_case("Negative", variant="n1"),)), a_check("dra_support"))
    case = a_case("Negative", variant="n1", verdict=Verdict.FAIL, reason="two of three were bound", duration_s=9)
    after = a_run(
        a_check("gang_scheduling", verdict=Verdict.FAIL, reason="Negative failed", cases=(case,)),
        dataclasses.replace(a_check("dra_support"), duration_s=60.0),
    )
    cluster = dataclasses.replace(after.cluster, server_version="v1.37.3")
    return compared(before, dataclasses.replace(after, run_id="later", cluster=cluster))


def test_the_text_begins_with_what_is_not_alike_and_ends_with_the_verdict() -> None:
    assert outputs.text(fallen()).split("\n") == [
        "before  abc123, 2026-11-24 10:00 UTC, Kubernetes v1.37.2, checklist 1.37",
        "after   later, 2026-11-24 10:00 UTC, Kubernetes v1.37.3, checklist 1.37",
        "",
        "Not the same on both sides",
        "  server  v1.37.2  v1.37.3  another version of Kubernetes",
        "",
        "Worse",
        "  MUST  gang_scheduling                 PASS -> FAIL  Negative failed",
        "  MUST  gang_scheduling, Negative (n1)  PASS -> FAIL  two of three were bound",
        "",
        "Slower",
        "  MUST  dra_support  3.5 -> 60.0  +56.5, 17.1 times",
        "",
        "1 requirement with the verdict of before; MUSTs satisfied: 2 of 2 before, 1 of 2 now.",
        "1 requirement got worse: 1 MUST, 0 other.",
        "",
    ]


def test_a_terminal_is_told_what_a_pipe_is_told() -> None:
    shown = io.StringIO()
    Console(file=shown, width=100_000, force_terminal=False).print(outputs.terminal(fallen()))
    words = [line.split() for line in shown.getvalue().splitlines()]
    assert words == [line.split() for line in outputs.text(fallen()).splitlines()]


@given(before=RUNS, after=RUNS)
@settings(max_examples=10, deadline=None)
def test_a_platform_cannot_move_the_cursor_of_a_terminal(before: RunRecord, after: RunRecord) -> None:
    shown = io.StringIO()
    Console(file=shown, width=120, force_terminal=False).print(outputs.terminal(compared(before, after)))
    assert all(line.isprintable() for line in shown.getvalue().split("\n"))


def test_nothing_to_tell_is_told_in_one_breath() -> None:
    text = outputs.text(compared(sound_run(), sound_run()))
    assert "Both are the same run." in text
    assert text.endswith("MUSTs satisfied: 2 of 4 before, 2 of 4 now.\nNothing got worse.\n")
    assert "Worse" not in text


def test_the_last_word_is_not_nothing_where_not_all_could_be_judged() -> None:
    text = outputs.text(compared(a_run(a_check()), a_run(a_check(verdict=Verdict.BLOCKED))))
    assert text.endswith("Nothing is seen to have got worse, but not everything could be judged.\n")


def test_runs_in_the_wrong_order_are_noticed() -> None:
    older = dataclasses.replace(sound_run(), run_id="older", started_at=sound_run().started_at.replace(year=2025))
    assert "The second run is the older one" in outputs.text(compared(sound_run(), older))
    assert "The second run is the older one" not in outputs.text(compared(older, sound_run()))


def test_the_markdown_has_what_the_text_has() -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(outputs.markdown_text(fallen()))
    titles = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    assert titles == ["Run abc123 compared with run later", "Not the same on both sides", "Worse", "Slower"]
    assert sum(token.type == "tr_open" for token in tokens) == 3 + 1 + 2 + 1


def test_the_json_has_all_that_was_found() -> None:
    content = json.loads(outputs.json_text(fallen()))
    assert (content["exit_code"], content["same"]) == (1, 1)
    assert content["changes"][1] == {
        "requirement": "gang_scheduling",
        "level": "MUST",
        "case": "Negative",
        "variant": "n1",
        "before": "PASS",
        "after": "FAIL",
        "reason": "two of three were bound",
        "tendency": "worse",
    }
    assert [(one["requirement"], one["after_s"]) for one in content["durations"]] == [("dra_support", 60.0)]


@given(before=RUNS, after=RUNS)
@settings(max_examples=25, deadline=None)
def test_no_text_of_a_record_breaks_any_form(before: RunRecord, after: RunRecord) -> None:
    found = compared(before, after)
    text, told = outputs.text(found), outputs.markdown_text(found)
    assert all(line.isprintable() for part in (text, told) for line in part.split("\n"))
    json.loads(outputs.json_text(found).encode("ascii"))
    rows = sum(map(len, (found.circumstances, found.changes, found.levels, found.renamings, found.timings)))
    assert sum(line.startswith("  ") for line in text.split("\n")) == rows
    tokens = MarkdownIt("commonmark").enable("table").parse(told)
    inline = {child.type for token in tokens for child in token.children or ()}
    assert inline.isdisjoint({"html_inline", "link_open", "image", "code_inline", "em_open"})
    assert sum(token.type == "tr_open" for token in tokens) == rows + sum(
        token.type == "thead_open" for token in tokens
    )


def test_a_strict_reader_takes_the_json_of_what_is_no_unicode() -> None:
    found = compared(a_run(a_check()), a_run(a_check(verdict=Verdict.FAIL, reason="a\udc80b")))
    assert pydantic_core.from_json(outputs.json_text(found))["changes"][0]["reason"] == "a\ufffdb"


def test_forgery_is_shown_escaped() -> None:
    found = compared(a_run(a_check()), a_run(a_check(verdict=Verdict.FAIL, reason=FORGERY)))
    assert "\\x1b[32m" in outputs.text(found)
    assert "\x1b" not in outputs.text(found) + outputs.markdown_text(found) + outputs.json_text(found)
