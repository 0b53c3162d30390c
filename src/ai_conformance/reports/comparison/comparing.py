"""The comparison itself: a pure function of two records and of what the catalog knows of requirements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ai_conformance.model.records import CaseRecord, CheckRecord, RunRecord
from ai_conformance.reports.comparison import circumstances, judging, matching, timing
from ai_conformance.reports.comparison.findings import Change, Comparison, LevelChange, Subject, Tendency, Timing
from ai_conformance.reports.comparison.matching import Pair

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog


def compare(before: RunRecord, after: RunRecord, *, facts: Catalog) -> Comparison:
    """What changed from the one run to the other. They may be of different releases, clusters and tool versions."""
    proposals = {one.id: one.kar for one in facts.all_requirements if one.kar is not None}
    matched = matching.checks(before.checks, after.checks, proposals=proposals)
    same_list = before.release == after.release
    changes = [change for pair in matched.pairs for change in _changes(pair, same_list=same_list)]
    both = [(one, other) for one, other in matched.pairs if one is not None and other is not None]
    timed = before.profile == after.profile
    return Comparison(
        before=before,
        after=after,
        circumstances=tuple(circumstances.of(before, after)),
        changes=tuple(sorted(changes, key=judging.weight)),
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


def _changes(pair: Pair[CheckRecord], *, same_list: bool) -> Iterator[Change]:
    before, after = pair
    raised = before is not None and after is not None and judging.raised(before.level, after.level)
    tendency = judging.tendency(
        before.verdict if before else None, after.verdict if after else None, raised=raised, wanted=same_list
    )
    if tendency is not None:
        yield _change(pair, subject=_subject(pair), tendency=tendency)
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
