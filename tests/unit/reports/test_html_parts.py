"""What the page is made of: the answer, ids, places on the time line, words for times."""

from __future__ import annotations

import dataclasses
import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports.html import lanes
from ai_conformance.reports.html.anchors import Anchors
from ai_conformance.reports.html.answer import Word, answer, tallies
from ai_conformance.reports.html.view import page_of
from ai_conformance.reports.html.visible import name, visible, visible_lines
from sample_runs import START, a_case, a_check, a_run


def of_verdicts(*verdicts, level="MUST", **options):
    checks = (a_check(f"number_{number}", verdict=verdict) for number, verdict in enumerate(verdicts))
    return a_run(*(dataclasses.replace(check, level=level) for check in checks), **options)


def test_only_a_pass_of_every_must_is_a_yes():
    assert answer(of_verdicts(Verdict.PASS, Verdict.PASS)).word is Word.YES
    for other in set(Verdict) - {Verdict.PASS, Verdict.FAIL}:
        found = answer(of_verdicts(Verdict.PASS, other))
        assert found.word is Word.NOT_SHOWN
        assert found.reason == f"1 of 2 MUST requirements passed; 1 {other}."
        assert found.verdict is not Verdict.PASS


def test_a_must_that_failed_is_a_no_whatever_else_is_unknown():
    found = answer(of_verdicts(Verdict.ERROR, Verdict.FAIL, Verdict.PASS, interrupted=True))
    assert found.word is Word.NO
    assert found.reason == "1 of 3 MUST requirements failed: number_1."
    assert "interrupted" in found.notes[0]


def test_a_run_without_a_must_shows_nothing():
    assert answer(a_run()).word is Word.NOT_SHOWN
    assert answer(of_verdicts(Verdict.PASS, level="SHOULD")).word is Word.NOT_SHOWN


def test_a_should_that_failed_is_said_beside_the_answer():
    run = of_verdicts(Verdict.PASS)
    run = dataclasses.replace(run, checks=(*run.checks, *of_verdicts(Verdict.FAIL, level="SHOULD").checks))
    found = answer(run)
    assert found.word is Word.YES
    assert found.notes == ("1 requirement that is no MUST failed, for which the command ends with exit code 1.",)


def test_every_requirement_is_counted_at_its_level():
    run = of_verdicts(Verdict.PASS, Verdict.PASS, Verdict.BLOCKED)
    run = dataclasses.replace(run, checks=(*run.checks, *of_verdicts(Verdict.SKIPPED, level="-").checks))
    found = {tally.level: tally.counts for tally in tallies(run)}
    assert found == {"MUST": {Verdict.PASS: 2, Verdict.BLOCKED: 1}, "SHOULD": {}, "-": {Verdict.SKIPPED: 1}}


def test_ids_are_the_names_where_these_can_be_ids():
    anchors = Anchors(["top"])
    assert anchors.claim("gang_scheduling", "Negative", "DRA-n1") == "gang_scheduling/Negative/DRA-n1"
    assert anchors.claim("gang_scheduling", "Negative", "DRA-n1") == "gang_scheduling/Negative/DRA-n1~2"
    assert anchors.claim("top") == "top~2"
    assert anchors.claim("a b").startswith("a_b-")
    assert anchors.claim("a b") != Anchors([]).claim("a_b")


@given(st.lists(st.text(st.characters(codec=None), max_size=5), max_size=20))
def test_ids_never_meet(names):
    anchors = Anchors([])
    found = [anchors.claim(*one.split("/")) for one in names]
    assert len(set(found)) == len(found)


def pieces(*spans):
    return [
        lanes.Piece(at=START + timedelta(seconds=at), duration_s=length, verdict=Verdict.PASS, label="")
        for at, length in spans
    ]


def test_bars_that_would_cover_one_another_lie_in_lanes():
    span = lanes.Span(start=START, seconds=10)
    found = lanes.bars(pieces((0, 5), (5, 5), (2, 6), (9, 1)), span=span)
    assert [bar.lane for bar in found] == [0, 0, 1, 1]
    assert (found[1].left, found[1].width) == ("50.00%", "50.00%")


@given(st.lists(st.tuples(st.floats(-5, 20), st.floats(0, 20)), max_size=12))
def test_bars_stay_within_and_never_cover_one_another(spans):
    found = lanes.bars(pieces(*spans), span=lanes.Span(start=START, seconds=10))
    edges = sorted((bar.lane, float(bar.left[:-1]), float(bar.left[:-1]) + float(bar.width[:-1])) for bar in found)
    assert all(left >= 0 and right <= 100.01 for _lane, left, right in edges)
    for (lane, _left, right), (next_lane, next_left, _right) in itertools.pairwise(edges):
        assert lane != next_lane or next_left >= right - 0.02


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.0004, "under 1 ms"),
        (0.05, "50 ms"),
        (3.25, "3.2 s"),
        (59, "59 s"),
        (125, "2 min 5 s"),
        (7260, "2 h 1 min"),
    ],
)
def test_a_duration_is_said_in_units_that_fit_it(seconds, words):
    assert lanes.took(seconds) == words


@pytest.mark.parametrize("seconds", [0.02, 1, 9.5, 57, 843, 90_000, 1e7])
def test_an_axis_has_a_few_marks_within(seconds):
    found = lanes.ticks(seconds)
    assert 2 <= len(found) <= 7
    assert all(float(left[:-1]) <= 100.01 for left, _text in found)
    assert lanes.ticks(0) == ()


def test_what_ran_is_on_the_time_line_in_its_order_with_times_since_the_start():
    early = dataclasses.replace(a_check("early"), started_at=START + timedelta(seconds=1))
    late = dataclasses.replace(
        a_check("late", cases=(a_case(after_s=3725.04),)), started_at=START + timedelta(seconds=62.5)
    )
    page = page_of(a_run(late, early, a_check("never", automated=False)), evidence=None)
    assert [(one.record.requirement, one.started) for one in page.timed] == [("early", "+0:01.0"), ("late", "+1:02.5")]
    assert page.requirements[0].cases[0].variants[0].started == "+1:02:05.0"


def test_long_waits_come_first():
    check = dataclasses.replace(a_check(), waits_s={"short": 1.0, "long": 4.0, "none": 0.0})
    waits = page_of(a_run(check), evidence=None).requirements[0].waits
    assert [(wait.name, wait.took, wait.width) for wait in waits] == [
        ("long", "4 s", "100.00%"),
        ("short", "1 s", "25.00%"),
        ("none", "0 s", "0.00%"),
    ]


def test_a_name_may_be_broken_between_its_words():
    assert name("NegativeGang_x") == "Negative<wbr>Gang_<wbr>x"
    assert name("<b>") == "&lt;b&gt;"


def test_text_is_escaped_and_what_is_not_seen_is_marked():
    assert visible("a  <b>\n'c\"") == "a &lt;b&gt; &#39;c&#34;"
    assert visible("a\x00\u202eb") == "<bdi>a<i class=esc>\\x00\\u202e</i>b</bdi>"
    assert visible_lines("a\r\n  b\rc\n") == ["a", "  b<i class=esc>\\r</i>c".join(["<bdi>", "</bdi>"])]
