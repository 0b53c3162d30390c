"""What a comparison says, in words and in the order in which a person wants it; text and Markdown print the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC
from typing import Final

from ai_conformance.model.records import RunRecord
from ai_conformance.model.requirements import Level
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports.comparison import circumstances
from ai_conformance.reports.comparison.findings import Change, Comparison, Subject, Tendency, Timing

_NONE: Final = "-"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Section:
    """A table under a title. Cells hold text of a record as it is there: whoever prints it has to escape it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    tendency: Tendency | None = None
    """Which changes it has; None where it has none."""


_CHANGES: Final = {
    Tendency.WORSE: "Worse",
    Tendency.UNKNOWN: "Judged before, and not any more",
    Tendency.BETTER: "Better",
    Tendency.CHANGED: "Still not judged, for another reason",
    Tendency.NEW: "Only in the second run",
    Tendency.GONE: "Only in the first run",
}


def title(comparison: Comparison) -> str:
    """Which runs."""
    return f"Run {comparison.before.run_id} compared with run {comparison.after.run_id}"


def remarks(comparison: Comparison) -> list[str]:
    """What a reader has to know before everything else."""
    found = [*circumstances.remarks(comparison.before, comparison.after)]
    return found + [f"{one[0].upper()}{one[1:]}." for one in comparison.obstacles]


def sections(comparison: Comparison) -> Iterator[Section]:
    """What there is to tell; a section that would be empty is none."""
    for section in _sections(comparison):
        if section.rows:
            yield section


def verdict(comparison: Comparison) -> str:
    """The last word, which is what the exit code says."""
    worse, unknown = comparison.of(Tendency.WORSE), comparison.of(Tendency.UNKNOWN)
    if worse:
        levels = {one.subject.requirement: one.subject.level for one in worse}
        musts = sum(level == Level.MUST for level in levels.values())
        return f"{_count(len(levels), 'requirement')} got worse: {_count(musts, 'MUST')}, {len(levels) - musts} other."
    if unknown or comparison.obstacles:
        return "Nothing is seen to have got worse, but not everything could be judged."
    return "Nothing got worse."


def counts(comparison: Comparison) -> str:
    """What did not change, in one sentence."""
    musts = [[one for one in run.checks if one.level == Level.MUST] for run in (comparison.before, comparison.after)]
    satisfied = [sum(one.verdict is Verdict.PASS for one in some) for some in musts]
    return (
        f"{_count(comparison.same, 'requirement')} with the verdict of before; MUSTs satisfied: "
        f"{satisfied[0]} of {len(musts[0])} before, {satisfied[1]} of {len(musts[1])} now."
    )


def _sections(comparison: Comparison) -> Iterator[Section]:
    yield Section(
        title="Not the same on both sides",
        columns=("what", "first run", "second run", "which means"),
        rows=tuple(
            (one.name, one.before or _NONE, one.after or _NONE, one.caution) for one in comparison.circumstances
        ),
    )
    for tendency in (Tendency.WORSE, Tendency.UNKNOWN, Tendency.BETTER, Tendency.CHANGED):
        yield _changes(comparison, tendency)
    yield Section(
        title="Another level",
        columns=("requirement", "first run", "second run", "verdict now"),
        rows=tuple((one.requirement, one.before, one.after, one.verdict.value) for one in comparison.levels),
    )
    yield Section(
        title="Another id",
        columns=("first run", "second run", "known by"),
        rows=tuple((one.before, one.after, one.known_by) for one in comparison.renamings),
    )
    for tendency in (Tendency.NEW, Tendency.GONE):
        yield _changes(comparison, tendency)
    for heading, slower in (("Slower", True), ("Faster", False)):
        yield Section(
            title=heading,
            columns=("level", "what", "seconds", "difference"),
            rows=tuple(_timing(one) for one in comparison.timings if one.slower is slower),
        )


def _changes(comparison: Comparison, tendency: Tendency) -> Section:
    return Section(
        title=_CHANGES[tendency],
        columns=("level", "what", "verdict", "reason"),
        rows=tuple(_change(one) for one in comparison.of(tendency)),
        tendency=tendency,
    )


def _change(change: Change) -> tuple[str, ...]:
    before, after = (one.value if one else _NONE for one in (change.before, change.after))
    return change.subject.level, named(change.subject), f"{before} -> {after}", change.reason


def _timing(timing: Timing) -> tuple[str, ...]:
    difference = timing.after_s - timing.before_s
    ratio = f", {timing.ratio:.1f} times" if timing.before_s else ""
    seconds = f"{timing.before_s:.1f} -> {timing.after_s:.1f}"
    return timing.subject.level, named(timing.subject), seconds, f"{difference:+.1f}{ratio}"


def named(subject: Subject) -> str:
    """A requirement, or one of its cases."""
    if not subject.case:
        return subject.requirement
    variant = f" ({subject.variant})" if subject.variant else ""
    return f"{subject.requirement}, {subject.case}{variant}"


def described(run: RunRecord) -> str:
    """A run in a few words."""
    at = run.started_at.astimezone(UTC)
    return f"{run.run_id}, {at:%Y-%m-%d %H:%M} UTC, Kubernetes {run.cluster.server_version}, checklist {run.release}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
