"""The comparison itself: a pure function of two records and of what the catalog knows of requirements."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ai_conformance.model.records import CaseRecord, CheckRecord, RunRecord
from ai_conformance.model.releases import Release
from ai_conformance.reports.comparison import circumstances, judging, matching, timing
from ai_conformance.reports.comparison.findings import Change, Comparison, LevelChange, Subject, Tendency, Timing
from ai_conformance.reports.comparison.matching import Pair

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog


def compare(before: RunRecord, after: RunRecord, *, facts: Catalog) -> Comparison:
    """What changed from the one run to the other. They may be of different releases, clusters and tool versions."""
    proposals = {one.id: one.kar for one in facts.all_requirements if one.kar is not None}
    matched = matching.checks(before.checks, after.checks, proposals=proposals)
    lists = _Lists(before=before.release, after=after.release, facts=facts)
    changes = [change for pair in matched.pairs for change in _changes(pair, lists=lists)]
    both = [(one, other) for one, other in matched.pairs if one is not None and other is not None]
    timed = before.profile == after.profile
    return Comparison(
        before=before,
        after=after,
        circumstances=tuple(circumstances.of(before, after)),
        changes=judging.ordered(changes),
        levels=tuple(
            LevelChange(requirement=other.requirement, before=one.level, after=other.level, verdict=other.verdict)
            for one, other in both
            if one.level != other.level
        ),
        renamings=matched.renamings,
        timings=timing.ordered(found for one, other in both for found in _timings(one, other)) if timed else (),
        untimed="" if timed else f"one run had the profile {before.profile}, the other {after.profile}",
        obstacles=tuple(circumstances.obstacles(before, after, common=len(both))),
        same=sum(one.verdict is other.verdict for one, other in both),
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Lists:
    """What the checklists of the two runs have."""

    before: str
    after: str
    facts: Catalog

    def wanted(self, requirement: str) -> bool:
        """Whether the second run should have it: the list is the same, or the catalog knows that the other has it."""
        return self.before == self.after or self._has(requirement)

    def why_gone(self, requirement: str) -> str:
        """Why the second run has it no more."""
        if self.wanted(requirement):
            return f"the second run does not tell of it, though it is of the checklist of {self.after}"
        return f"the checklist of {self.after} does not have it"

    def _has(self, requirement: str) -> bool:
        entry = next((one for one in self.facts.all_requirements if one.id == requirement), None)
        if entry is None or not Release.is_written(self.after):
            return False
        return entry.level_in(Release.parse(self.after)) is not None


def _changes(pair: Pair[CheckRecord], *, lists: _Lists) -> Iterator[Change]:
    before, after = pair
    subject = _subject(pair)
    tendency = judging.tendency(
        before.verdict if before else None,
        after.verdict if after else None,
        raised=before is not None and after is not None and judging.raised(before.level, after.level),
        wanted=after is None and lists.wanted(subject.requirement),
    )
    if tendency is not None:
        change = _change(pair, subject=subject, tendency=tendency)
        yield change if after else dataclasses.replace(change, reason=lists.why_gone(subject.requirement))
    # Of a check that did not run, or has just come to be, the requirement's own line says all there is.
    if before is None or after is None or not before.cases or not after.cases:
        return
    for cases in matching.cases(before, after):
        found = judging.tendency(cases[0].verdict if cases[0] else None, cases[1].verdict if cases[1] else None)
        if found is not None:
            yield _change(cases, subject=_of_case(pair, cases), tendency=found)


def _change(pair: Pair[CheckRecord] | Pair[CaseRecord], *, subject: Subject, tendency: Tendency) -> Change:
    before, after = pair
    told = after or before
    return Change(
        subject=subject,
        before=before.verdict if before else None,
        after=after.verdict if after else None,
        reason=told.reason if told else "",
        tendency=tendency,
    )


def _timings(before: CheckRecord, after: CheckRecord) -> Iterator[Timing]:
    pair = (before, after)
    found = timing.of_check(before, after, subject=_subject(pair))
    if found:
        yield found
    for one, other in matching.cases(before, after):
        if one is not None and other is not None:
            found = timing.of_case(one, other, subject=_of_case(pair, (one, other)))
            if found:
                yield found


def _subject(pair: Pair[CheckRecord]) -> Subject:
    told = pair[1] or pair[0]
    assert told is not None
    return Subject(requirement=told.requirement, level=told.level)


def _of_case(pair: Pair[CheckRecord], cases: Pair[CaseRecord]) -> Subject:
    above, told = _subject(pair), cases[1] or cases[0]
    assert told is not None
    return Subject(requirement=above.requirement, level=above.level, case=told.name, variant=told.variant)
