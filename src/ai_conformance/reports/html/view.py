"""The record as the templates want it: in groups, with ids, places on the time line and words for times.

Strings stay as they were recorded; making them harmless is the page's part.
"""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from ai_conformance.model import verdicts
from ai_conformance.model.records import CaseKind, CaseRecord, CheckRecord, LogLine, RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports.html import answer as answers
from ai_conformance.reports.html import evidence as proofs
from ai_conformance.reports.html import lanes
from ai_conformance.reports.html.anchors import Anchors
from ai_conformance.reports.html.visible import visible_lines

OWN_IDS = ("top", "main", "verdicts", "requirements", "timeline", "about", *(f"mark-{verdict}" for verdict in Verdict))

NEEDS_WORK = (Verdict.FAIL, Verdict.ERROR, Verdict.BLOCKED)
"""Unfolded from the start: why is the first thing that one asks."""


_MANY_LANES = 12


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wait:
    """One named wait of a check."""

    name: str
    took: str
    width: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Variant:
    """One case record: what was tried on one variant."""

    id: str
    """Empty where the case was not repeated: it has one."""
    name: str
    record: CaseRecord
    unfolded: bool
    started: str
    took: str
    bar: lanes.Bar
    log: Sequence[tuple[str, Sequence[str]]]
    evidence: tuple[tuple[proofs.File, Sequence[str]], ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """A named case with all its variants."""

    id: str
    name: str
    kind: CaseKind
    verdict: Verdict
    counts: dict[Verdict, int]
    expected: str | None
    """None where the variants expect different things."""
    variants: tuple[Variant, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Requirement:
    """One requirement with its proof."""

    id: str
    record: CheckRecord
    cases: tuple[Case, ...]
    started: str
    took: str
    bar: lanes.Bar
    bars: tuple[lanes.Bar, ...]
    """Of its cases, on the time line of the whole run."""
    waits: tuple[Wait, ...]
    """The longest first."""
    waited: str
    ticks: tuple[tuple[str, str], ...]
    log: Sequence[tuple[str, Sequence[str]]]

    def of_kind(self, kind: CaseKind) -> tuple[Case, ...]:
        """The cases that contribute that to the proof."""
        return tuple(case for case in self.cases if case.kind is kind)

    @property
    def lane_count(self) -> int:
        """How many bars lie above one another."""
        return max((bar.lane for bar in self.bars), default=0) + 1

    @property
    def pitch(self) -> int:
        """Pixels from one bar to the next: what runs all at once has many, and they must not push the rest away."""
        return 7 if self.lane_count <= _MANY_LANES else 3


@dataclasses.dataclass(frozen=True, kw_only=True)
class Level:
    """The requirements of one level."""

    tally: answers.Tally
    requirements: tuple[Requirement, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Page:
    """The whole."""

    run: RunRecord
    answer: answers.Answer
    levels: tuple[Level, ...]
    took: str
    started: str
    ended: str
    ticks: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    command: str

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Of all levels."""
        return tuple(one for level in self.levels for one in level.requirements)

    @property
    def timed(self) -> tuple[Requirement, ...]:
        """What ran, in the order in which it began."""
        ran = [one for one in self.requirements if one.record.automated and one.record.duration_s > 0]
        return tuple(sorted(ran, key=lambda one: one.record.started_at))


def page_of(run: RunRecord, *, evidence: proofs.Reader | None) -> Page:
    """The view of a run."""
    anchors, shelf = Anchors(OWN_IDS), proofs.Shelf(evidence)
    seconds = max((run.ended_at - run.started_at).total_seconds(), 0.0)
    span = lanes.Span(start=run.started_at, seconds=seconds)
    made = [_requirement(check, span=span, anchors=anchors, shelf=shelf) for check in run.checks]
    levels = tuple(
        Level(tally=tally, requirements=tuple(one for one in made if one.record.level == tally.level))
        for tally in answers.tallies(run)
    )
    command = run.command if run.command[:1] == ("ai-conformance",) else ("ai-conformance", "run", *run.command)
    return Page(
        run=run,
        answer=answers.answer(run),
        levels=levels,
        took=lanes.took(seconds),
        started=moment(run.started_at),
        ended=moment(run.ended_at),
        ticks=lanes.ticks(seconds),
        facts=tuple(_facts(run)),
        command=shlex.join(command),
    )


def moment(at: datetime) -> str:
    """A time for people, in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _facts(run: RunRecord) -> Iterator[tuple[str, str]]:
    yield "Cluster", f"{run.cluster.uid} (UID of the namespace kube-system)"
    yield "Server", run.cluster.server_version
    yield "Nodes", str(run.cluster.nodes)
    for accelerators in run.cluster.accelerators:
        yield "Accelerators", accelerators
    yield "Run", run.run_id
    yield "Checklist", f"Kubernetes {run.release}"
    yield "Tool", f"ai-conformance {run.tool_version}"
    if run.catalog_version:
        yield "Catalog", run.catalog_version
    yield "Profile", run.profile
    yield "Started", moment(run.started_at)
    yield "Ended", moment(run.ended_at)
    yield "Redacted", ", ".join(f"{rule}: {count}" for rule, count in sorted(run.redacted.items())) or "nothing"


def _requirement(check: CheckRecord, *, span: lanes.Span, anchors: Anchors, shelf: proofs.Shelf) -> Requirement:
    # Its id is claimed before those of its cases: what comes first has the name without a number.
    found = anchors.claim(check.requirement)
    own = lanes.Span(start=check.started_at, seconds=check.duration_s)
    waits = sorted(check.waits_s.items(), key=lambda item: (-item[1], item[0]))
    longest = max(check.waits_s.values(), default=0.0)
    return Requirement(
        id=found,
        record=check,
        cases=tuple(_cases(check, own=own, run=span, anchors=anchors, shelf=shelf)),
        started=_offset(span.offset_s(check.started_at)),
        took=lanes.took(check.duration_s),
        bar=lanes.bars([_piece(check)], span=span)[0],
        bars=lanes.bars([_piece(case) for case in check.cases], span=span),
        waits=tuple(_wait(name, seconds=seconds, longest=longest) for name, seconds in waits),
        waited=lanes.took(sum(check.waits_s.values())),
        ticks=lanes.ticks(check.duration_s),
        log=_log(check.log, start=span.start),
    )


def _piece(record: CheckRecord | CaseRecord) -> lanes.Piece:
    label = record.requirement if isinstance(record, CheckRecord) else record.name
    return lanes.Piece(at=record.started_at, duration_s=record.duration_s, verdict=record.verdict, label=label)


def _wait(name: str, *, seconds: float, longest: float) -> Wait:
    return Wait(name=name, took=lanes.took(seconds), width=f"{seconds / longest * 100 if longest > 0 else 0:.2f}%")


def _cases(
    check: CheckRecord, *, own: lanes.Span, run: lanes.Span, anchors: Anchors, shelf: proofs.Shelf
) -> Iterator[Case]:
    bars = dict(zip(map(id, check.cases), lanes.bars([_piece(case) for case in check.cases], span=own), strict=True))
    groups: dict[tuple[str, CaseKind], list[CaseRecord]] = {}
    for case in check.cases:
        groups.setdefault((case.name, case.kind), []).append(case)
    for (name, kind), group in groups.items():
        found = anchors.claim(check.requirement, name)
        expected = {case.expected for case in group}
        yield Case(
            id=found,
            name=name,
            kind=kind,
            verdict=verdicts.combine(case.verdict for case in group),
            counts={one: count for one in Verdict if (count := sum(case.verdict is one for case in group))},
            expected=expected.pop() if len(expected) == 1 else None,
            variants=tuple(
                Variant(
                    id=anchors.claim(check.requirement, name, case.variant) if case.variant else "",
                    name=case.variant,
                    record=case,
                    unfolded=case.verdict in NEEDS_WORK,
                    started=_offset(run.offset_s(case.started_at)),
                    took=lanes.took(case.duration_s),
                    bar=bars[id(case)],
                    log=_log(case.log, start=run.start),
                    evidence=tuple(_file(path, shelf=shelf) for path in case.evidence),
                )
                for case in group
            ),
        )


def _file(path: str, *, shelf: proofs.Shelf) -> tuple[proofs.File, Sequence[str]]:
    file = shelf.file(path)
    return file, visible_lines(file.text, where="the file") if file.text is not None else ()


def _log(log: Sequence[LogLine], *, start: datetime) -> Sequence[tuple[str, Sequence[str]]]:
    return [(_offset((line.at - start) / timedelta(seconds=1)), visible_lines(line.text)) for line in log]


def _offset(seconds: float) -> str:
    """The time since the run began: ``+1:02.5``."""
    sign = "-" if seconds < 0 else "+"
    minutes, tenths = divmod(round(abs(seconds) * 10), 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{sign}{clock}:{tenths // 10:02}.{tenths % 10}"
