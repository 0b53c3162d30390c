"""A run as a tree of tests with Go's three outcomes: what `gotest` and `junit` have in common, decided once.

- A requirement with a test name of the program is a top-level test, its cases are sub-tests. A case that was repeated
  on several variants is a sub-test with the variants below it.
- A requirement without an automated check is a skipped test with its reason if it has a test name, and is not in the
  tree otherwise (it is in ``run.json`` and ``report.md``): it can never look like a pass, nor like a test of ours.
- PASS is pass; FAIL, ERROR and BLOCKED are fail; NOT_APPLICABLE, SKIPPED and NOT_TESTED are skip.
- As in Go, a test fails when a test below it fails, whatever its own verdict says.
- A variant's parent lasts from its first variant's start to its last one's end, for variants may run side by side.
"""

from __future__ import annotations

import dataclasses
import enum
import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from ai_conformance.model import verdicts
from ai_conformance.model.records import CaseRecord, CheckRecord, LogLine, RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports.naming import Names


class Outcome(enum.StrEnum):
    """How a Go test ends; the values are the actions of its event stream."""

    PASS = "pass"
    FAIL = "fail"
    SKIP = "skip"


OF_VERDICT: Final = {
    Verdict.PASS: Outcome.PASS,
    Verdict.FAIL: Outcome.FAIL,
    Verdict.ERROR: Outcome.FAIL,
    Verdict.BLOCKED: Outcome.FAIL,
    Verdict.NOT_APPLICABLE: Outcome.SKIP,
    Verdict.SKIPPED: Outcome.SKIP,
    Verdict.NOT_TESTED: Outcome.SKIP,
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class TestNode:
    """One test of the tree."""

    __test__ = False  # pytest would take it for a test class

    name: str
    """The full name, ``TestX/Sub/variant``."""
    verdict: Verdict
    outcome: Outcome
    reason: str
    """As recorded; not escaped."""
    started_at: datetime
    ended_at: datetime
    expected: str = ""
    evidence: tuple[str, ...] = ()
    next_step: str = ""
    log: tuple[LogLine, ...] = ()
    children: tuple[TestNode, ...] = ()

    @property
    def duration_s(self) -> float:
        """Seconds, to the hundredth, which is what a Go log can say."""
        return round((self.ended_at - self.started_at).total_seconds(), 2)

    def walk(self) -> Iterator[TestNode]:
        """The node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def tests_of(run: RunRecord) -> tuple[TestNode, ...]:
    """The top-level tests of a run, in the order of its records."""
    names = Names()
    return tuple(_check(check, names=names) for check in run.checks if check.automated or check.artifact)


def test_name(check: CheckRecord) -> str:
    """The name of a check's test: upstream's, or one of the same manner where upstream has none."""
    return check.artifact or "Test" + "".join(part.capitalize() for part in check.requirement.split("_"))


def _check(check: CheckRecord, *, names: Names) -> TestNode:
    name = names.child("", test_name(check))
    children = tuple(_cases(check.cases, parent=name, names=names))
    return TestNode(
        name=name,
        verdict=check.verdict,
        outcome=_outcome(check.verdict, children=children),
        reason=check.reason,
        started_at=check.started_at,
        ended_at=check.started_at + _seconds(check.duration_s),
        next_step=check.next_step,
        log=check.log,
        children=children,
    )


def _cases(cases: Sequence[CaseRecord], *, parent: str, names: Names) -> Iterator[TestNode]:
    by_name: dict[str, list[CaseRecord]] = {}
    for case in cases:
        by_name.setdefault(case.name, []).append(case)
    for name, group in by_name.items():
        if not any(case.variant for case in group):
            yield from (_case(case, name=names.child(parent, name)) for case in group)
            continue
        full = names.child(parent, name)
        children = tuple(_case(case, name=names.child(full, case.variant)) for case in group)
        verdict = verdicts.combine(case.verdict for case in group)
        deciding = list(itertools.compress(group, (case.verdict is verdict for case in group)))
        yield TestNode(
            name=full,
            verdict=verdict,
            outcome=_outcome(verdict, children=children),
            reason="; ".join(f"{case.variant}: {case.reason}" for case in deciding),
            started_at=min(child.started_at for child in children),
            ended_at=max(child.ended_at for child in children),
            children=children,
        )


def _case(case: CaseRecord, *, name: str) -> TestNode:
    return TestNode(
        name=name,
        verdict=case.verdict,
        outcome=OF_VERDICT[case.verdict],
        reason=case.reason,
        started_at=case.started_at,
        ended_at=case.started_at + _seconds(case.duration_s),
        expected=case.expected,
        evidence=case.evidence,
        log=case.log,
    )


def _outcome(verdict: Verdict, *, children: tuple[TestNode, ...]) -> Outcome:
    below = any(child.outcome is Outcome.FAIL for child in children)
    return Outcome.FAIL if below else OF_VERDICT[verdict]


def _seconds(duration_s: float) -> timedelta:
    return timedelta(seconds=max(duration_s, 0.0))
