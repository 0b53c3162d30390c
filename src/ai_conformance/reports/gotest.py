"""The artifacts that Go's tools and the program's validator read: ``e2e.log`` and ``results.json``.

Both are views of one list of events: the log is the text of the events, so the two cannot disagree. The list is what
``go tool test2json`` would make of the log, event by event; the package string is our own, for the artifacts do not
pretend to come from the Go suite. Checks that ran side by side are listed one after another, each with its true times.
A run that was interrupted ends as a failed package, as an interrupted Go test does.

Nothing that was printed by what was tested can begin a line: every line of a log is indented and bears a prefix of
ours that begins with a letter or a digit.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from ai_conformance.model.records import RunRecord
from ai_conformance.reports import escaping, outcomes
from ai_conformance.reports.outcomes import Outcome, TestNode

_LONGEST_RELEASE: Final = 80


class Action(enum.StrEnum):
    """What an event says; the closed set of test2json as far as a run needs it."""

    START = "start"
    RUN = "run"
    OUTPUT = "output"
    PASS = "pass"
    FAIL = "fail"
    SKIP = "skip"
    NAME = "name"
    """Whose the next lines are. A line of the log alone: test2json reads it and makes no event of it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """One event of the stream."""

    at: datetime
    action: Action
    test: str = ""
    """Empty for the package."""
    elapsed_s: float | None = None
    output: str | None = None

    def as_json(self, *, package: str) -> str:
        """One line of ``results.json``, without its end."""
        record: dict[str, Any] = {"Time": _rfc3339(self.at), "Action": self.action, "Package": package}
        if self.test:
            record["Test"] = self.test
        if self.elapsed_s is not None:
            record["Elapsed"] = self.elapsed_s
        if self.output is not None:
            record["Output"] = self.output
        return json.dumps(record)


def package_of(run: RunRecord) -> str:
    """The package string of the artifacts: ours, with the release of the checklist."""
    # Go's own reader tears a line of more than 4096 bytes, and a forged record may have anything for a release.
    return f"ai-conformance/v{escaping.one_line(run.release).replace(' ', '_')[:_LONGEST_RELEASE]}"


def events(run: RunRecord) -> list[Event]:
    """The whole stream of a run."""
    return list(_events(run))


def log_text(run: RunRecord) -> str:
    """The content of ``e2e.log``."""
    return "".join(event.output for event in _events(run) if event.output is not None)


def results_text(run: RunRecord) -> str:
    """The content of ``results.json``: one JSON object a line."""
    package = package_of(run)
    return "".join(event.as_json(package=package) + "\n" for event in _events(run) if event.action is not Action.NAME)


def transcript(test: TestNode) -> list[str]:
    """What the log says of a test itself, escaped, without the tests below it."""
    return [line for _at, line in _lines((*_log(test), *_conclusion(test)))]


def _events(run: RunRecord) -> Iterator[Event]:
    tests = outcomes.tests_of(run)
    yield Event(at=run.started_at, action=Action.START)
    for text in _header(run):
        yield Event(at=run.started_at, action=Action.OUTPUT, output=f"ai-conformance: {text}\n")
    for test in tests:
        yield from _running(test)
        yield from _reported(test, depth=0)
    failed = run.interrupted or any(test.outcome is Outcome.FAIL for test in tests)
    elapsed_s = max(round((run.ended_at - run.started_at).total_seconds(), 3), 0.0)
    package = package_of(run)
    closing = (
        ("FAIL\n", f"FAIL\t{package}\t{elapsed_s:.3f}s\n")
        if failed
        else ("PASS\n", f"ok  \t{package}\t{elapsed_s:.3f}s\n")
    )
    for output in closing:
        yield Event(at=run.ended_at, action=Action.OUTPUT, output=output)
    yield Event(at=run.ended_at, action=Action.FAIL if failed else Action.PASS, elapsed_s=elapsed_s)


def _header(run: RunRecord) -> Iterator[str]:
    facts = {
        "version": run.tool_version,
        "run": run.run_id,
        "release": run.release,
        "profile": run.profile,
        "cluster": run.cluster.uid,
        "server": run.cluster.server_version,
    }
    for name, value in facts.items():
        yield from (f"{name}={line}" for line in escaping.lines(value))
    for accelerators in run.cluster.accelerators:
        yield from (f"accelerators={line}" for line in escaping.lines(accelerators))
    if run.interrupted:
        yield "the run was interrupted; checks without a verdict are listed with the reason"


def _running(test: TestNode) -> Iterator[Event]:
    """What Go prints while a test runs: its start, its log, the tests below it."""
    yield Event(at=test.started_at, action=Action.RUN, test=test.name)
    yield Event(at=test.started_at, action=Action.OUTPUT, test=test.name, output=f"=== RUN   {test.name}\n")
    yield from _logged(test, entries=_log(test))
    for child in test.children:
        yield from _running(child)
    if test.children:
        # As Go does when a test goes on after its sub-tests; readers use it to know whose the next lines are.
        yield Event(at=test.ended_at, action=Action.NAME, test=test.name, output=f"=== NAME  {test.name}\n")
    yield from _logged(test, entries=_conclusion(test))


def _log(test: TestNode) -> Iterator[tuple[datetime, str, str]]:
    for line in test.log:
        yield line.at, f"{line.at.astimezone(UTC):%H:%M:%S.%f}"[:-3], line.text


def _conclusion(test: TestNode) -> Iterator[tuple[datetime, str, str]]:
    facts = (("expected", test.expected), ("next step", test.next_step), (test.verdict.value, test.reason))
    for label, text in (*facts, *(("evidence", path) for path in test.evidence)):
        if text:
            yield test.ended_at, label, text


def _logged(test: TestNode, *, entries: Iterable[tuple[datetime, str, str]]) -> Iterator[Event]:
    for at, line in _lines(entries):
        yield Event(at=at, action=Action.OUTPUT, test=test.name, output=f"    {line}\n")


def _lines(entries: Iterable[tuple[datetime, str, str]]) -> Iterator[tuple[datetime, str]]:
    for at, label, text in entries:
        yield from ((at, f"{label:<14} | {line}") for line in escaping.lines(text))


def _reported(test: TestNode, *, depth: int) -> Iterator[Event]:
    """The verdict lines; a test's own event comes after those of the tests below it, as test2json has it."""
    line = f"{'    ' * depth}--- {test.outcome.upper()}: {test.name} ({test.duration_s:.2f}s)\n"
    yield Event(at=test.ended_at, action=Action.OUTPUT, test=test.name, output=line)
    for child in test.children:
        yield from _reported(child, depth=depth + 1)
    yield Event(at=test.ended_at, action=Action(test.outcome.value), test=test.name, elapsed_s=test.duration_s)


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
