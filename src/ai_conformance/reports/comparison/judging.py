"""What a change of a verdict is worth, and which weighs more.

Judged is what is PASS, FAIL or NOT_APPLICABLE. What is FAIL now and was not is worse, whatever it was before, also
where the first run did not have it; so is a FAIL that has come to be a MUST. PASS to NOT_APPLICABLE is worse: a MUST is
satisfied by PASS alone, and what was there is gone. What was judged and is not any more is neither better nor worse.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ai_conformance.model.requirements import Level
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports.comparison.findings import Change, Tendency

_Weight = tuple[int, bool, int]

_JUDGED: Final = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE})
_LEVELS: Final = (Level.MUST.value, Level.SHOULD.value)
# The worst first; what the tool could not observe is nearer to a failure than what nobody wanted to know.
_WORST_FIRST: Final = (
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.BLOCKED,
    Verdict.NOT_TESTED,
    Verdict.SKIPPED,
    Verdict.NOT_APPLICABLE,
    Verdict.PASS,
)


def tendency(
    before: Verdict | None, after: Verdict | None, *, raised: bool = False, wanted: bool = False
) -> Tendency | None:
    """What it comes to; None where nothing is to be told.

    `raised`: it has come to be a MUST. `wanted`: the second run should have had it, which it has not.
    """
    if after is None:
        return Tendency.UNKNOWN if wanted and before in _JUDGED else Tendency.GONE
    if after is Verdict.FAIL:
        return Tendency.WORSE if before is not Verdict.FAIL or raised else None
    if before is None:
        return Tendency.NEW
    if before is after:
        return None
    if after not in _JUDGED:
        return Tendency.UNKNOWN if before in _JUDGED else Tendency.CHANGED
    return Tendency.WORSE if before is Verdict.PASS else Tendency.BETTER


def ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The heaviest first, what is of one requirement together: itself, then its cases."""
    every = list(changes)
    heaviest: dict[tuple[Tendency, str], _Weight] = {}
    for one in every:
        key = (one.tendency, one.subject.requirement)
        heaviest[key] = min(heaviest.get(key, _weight(one)), _weight(one))
    places = {key: place for place, key in enumerate(sorted(heaviest, key=lambda key: heaviest[key]))}
    return tuple(
        sorted(
            every,
            key=lambda one: (places[one.tendency, one.subject.requirement], bool(one.subject.case), _weight(one)),
        )
    )


def _weight(change: Change) -> _Weight:
    """A MUST that fell from PASS before all else."""
    return (
        level_rank(change.subject.level),
        change.before is not Verdict.PASS,
        _WORST_FIRST.index(change.after) if change.after else len(_WORST_FIRST),
    )


def level_rank(level: str) -> int:
    """MUST, SHOULD, then what binds nobody."""
    return _LEVELS.index(level) if level in _LEVELS else len(_LEVELS)


def raised(before: str, after: str) -> bool:
    """Whether a requirement has come to be a MUST."""
    return after == Level.MUST and before != Level.MUST
