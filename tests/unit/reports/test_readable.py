"""The report and the summary for people: complete, and no text of the platform becomes anything but text."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import escaping, markdown, terminal
from sample_runs import FORGERY, a_case, a_check, a_run, hostile_run, sound_run

READER = MarkdownIt("commonmark").enable("table")


def tokens(text):
    for token in READER.parse(text):
        yield token
        yield from token.children or ()


def test_the_report_says_what_happened_and_how_to_repeat_it():
    report = markdown.report_text(sound_run())
    assert "| secure\\_accelerator\\_access | MUST | **PASS** | every case passed | 3.50 |" in report
    assert "| gpu\\_sharing | MUST | **NOT\\_TESTED** | not yet automated | - |" in report
    assert "ai-conformance run --run 'Secure|Gang'" in report
    assert "PositiveGangScheduling" in report


def shape(text):
    return [token.type for token in tokens(text) if token.type not in {"softbreak", "text_special"}]


@given(st.lists(st.sampled_from(["|", "`", "<b>", "[a](b)", "*", "_", "\\", "&amp;", "\n", "#", "~~", "a", " "])))
def test_text_stays_text_in_a_table(parts):
    hostile = "".join(parts)
    plain = markdown.report_text(a_run(a_check(reason="x")))
    report = markdown.report_text(a_run(a_check(reason=hostile)))
    kinds = {
        "html_inline",
        "html_block",
        "link_open",
        "image",
        "em_open",
        "code_inline",
        "heading_open",
        "tr_open",
        "td_open",
    }
    count = lambda text: {kind: shape(text).count(kind) for kind in kinds}  # noqa: E731
    assert count(report) == count(plain)
    cells = [token.content for token in tokens(report) if token.type == "inline"]
    rendered = READER.renderer.render(READER.parse(markdown.text(hostile)), READER.options, {})
    assert "<b>" not in rendered
    assert cells


def test_a_hostile_run_has_no_link_no_html_and_no_extra_heading():
    report = markdown.report_text(hostile_run())
    found = {token.type for token in tokens(report)}
    assert found.isdisjoint({"html_inline", "html_block", "link_open", "image"})
    headings = [line for line in report.split("\n") if line.startswith("#")]
    assert len([token for token in tokens(report) if token.type == "heading_open"]) <= len(headings)
    assert not any("heading" in line for line in headings)
    assert all(line.isprintable() for line in report.split("\n"))


def test_a_fence_is_longer_than_what_it_holds():
    assert list(markdown.fence(["a ```` b"])) == ["`````text", "a ```` b", "`````"]


@pytest.mark.parametrize("make", [sound_run, hostile_run])
def test_the_summary_is_the_same_on_a_terminal_and_in_a_pipe(make):
    run, folder = make(), Path("results/1")
    out = io.StringIO()
    Console(file=out, width=100_000, force_terminal=False).print(terminal.summary(run, folder=folder))
    plain = terminal.plain(run, folder=folder)
    for text in (out.getvalue(), plain):
        assert all(line.isprintable() for line in text.split("\n"))
        assert "of Kubernetes 1.37 are satisfied" in text
        assert "begin with results/1/report.html" in text
        for check in run.checks:
            assert check.verdict.value in text
            assert escaping.one_line(check.reason) in text


def test_the_summary_says_what_to_do_next():
    failed = a_check(verdict=Verdict.BLOCKED, cases=(a_case(verdict=Verdict.BLOCKED, variant="n1", reason="no image"),))
    text = terminal.plain(a_run(failed), folder=Path("out"))
    assert "  BLOCKED PositiveAccessTest (n1): no image\n  next: look at the evidence\n" in text
    assert "0 of 1 MUST" in text


def test_escaped_lines_hold_all_of_the_text():
    assert escaping.lines("a\r\nb\rc\n") == ["a", "b\\rc"]
    assert "".join(escaping.lines(FORGERY)).endswith("long " * 100)
    assert escaping.one_line(" a\n\n b\x00 ") == "a b\\x00"
