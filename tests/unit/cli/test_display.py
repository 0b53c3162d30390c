"""What is shown of a run while it goes on: state, waits with their age, and nothing that a container chose."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from ai_conformance.cli import display
from ai_conformance.engine import events
from ai_conformance.model.verdicts import Verdict
from sample_runs import FORGERY, a_case, a_check

NAME = "secure_accelerator_access"


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def wait(*, over: bool) -> events.Waiting:
    return events.Waiting(requirement=NAME, what="pod running", since_s=100.0, over=over)


def test_a_check_tells_what_it_waits_for_and_since_when(clock: Clock) -> None:
    progress = display.Progress([NAME], clock=clock)
    assert progress.doing(NAME) == "to come"
    progress.take(events.CheckStarted(requirement=NAME))
    progress.take(wait(over=False))
    clock.now = 107.0
    assert progress.doing(NAME) == "waits for pod running since 7 s"
    assert progress.seconds(NAME) == 7.0
    progress.take(wait(over=True))
    assert progress.doing(NAME) == "at work"


def test_cases_are_counted_and_those_that_did_not_pass_apart() -> None:
    progress = display.Progress([NAME])
    progress.take(events.CaseFinished(requirement=NAME, record=a_case()))
    assert progress.cases(NAME) == "1"
    progress.take(events.CaseFinished(requirement=NAME, record=a_case(verdict=Verdict.FAIL)))
    assert progress.cases(NAME) == "2, 1 not passed"


def test_lines_tell_verdicts_and_long_waits_only(clock: Clock) -> None:
    said: list[str] = []
    lines = display.Lines([NAME], echo=said.append, clock=clock)
    lines(wait(over=False))
    clock.now = 105.0
    lines(wait(over=True))
    assert said == []
    lines(wait(over=False))
    clock.now = 112.5
    lines(wait(over=True))
    lines(events.CaseFinished(requirement=NAME, record=a_case(verdict=Verdict.FAIL, reason="two devices")))
    assert said == [
        f"[   12.5 s] {NAME}: waited 12 s for pod running",
        f"[   12.5 s] {NAME}: PositiveAccessTest: FAIL in 1.2 s: two devices",
    ]


def test_no_line_is_forged_by_a_reason() -> None:
    said: list[str] = []
    lines = display.Lines([NAME], echo=said.append)
    lines(events.CheckStarted(requirement=NAME))
    lines(events.CaseFinished(requirement=NAME, record=a_case(verdict=Verdict.FAIL, reason=FORGERY)))
    lines(events.CheckFinished(record=a_check(verdict=Verdict.FAIL, reason=FORGERY)))
    assert len(said) == 3
    assert all(line.isprintable() and line.startswith("[") for line in said)


def test_the_live_table_shows_each_check() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=120, color_system=None)
    with display.Live([NAME, "gang_scheduling"], console=console) as live:
        live(events.CheckStarted(requirement=NAME))
        live(wait(over=False))
        live.note("a note [with brackets]")
    shown = out.getvalue()
    assert "waits for pod running since" in shown
    assert "gang_scheduling" in shown
    assert "a note [with brackets]" in shown
