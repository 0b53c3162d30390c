"""The answer that the page begins with. A MUST is satisfied by PASS alone, and what is not known is never a yes."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable

from ai_conformance.model.records import CheckRecord, RunRecord
from ai_conformance.model.requirements import Level
from ai_conformance.model.verdicts import Verdict


class Word(enum.StrEnum):
    """The first word of the answer."""

    YES = "Yes"
    NO = "No"
    NOT_SHOWN = "Not shown"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer with its reason and what a reader has to know beside it."""

    word: Word
    verdict: Verdict
    """Whose mark and colour the answer bears."""
    reason: str
    notes: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tally:
    """How many requirements of a level have which verdict."""

    level: str
    counts: dict[Verdict, int]

    @property
    def total(self) -> int:
        """All of that level."""
        return sum(self.counts.values())


def answer(run: RunRecord) -> Answer:
    """What this run shows about the cluster."""
    musts = [check for check in run.checks if check.level == Level.MUST]
    failed = [check.requirement for check in musts if check.verdict is Verdict.FAIL]
    passed = sum(check.verdict is Verdict.PASS for check in musts)
    notes = []
    if run.interrupted:
        notes.append("The run was interrupted: what had not ended has no verdict of its own.")
    others = sum(check.verdict is Verdict.FAIL for check in run.checks if check.level != Level.MUST)
    if others:
        what = "1 requirement that is no MUST" if others == 1 else f"{others} requirements that are no MUST"
        notes.append(f"{what} failed, for which the command ends with exit code 1.")
    if failed:
        word, verdict = Word.NO, Verdict.FAIL
        reason = f"{len(failed)} of {_must(len(musts))} failed: {', '.join(failed)}."
    elif musts and passed == len(musts):
        word, verdict = Word.YES, Verdict.PASS
        reason = f"all {_must(len(musts))} passed." if len(musts) > 1 else "the MUST requirement passed."
    else:
        word, verdict = Word.NOT_SHOWN, Verdict.NOT_TESTED
        rest = {one: count for one, count in counts(musts).items() if one is not Verdict.PASS}
        open_ = ", ".join(f"{count} {one}" for one, count in rest.items())
        reason = f"{passed} of {_must(len(musts))} passed; {open_}." if musts else "no MUST requirement is in this run."
    return Answer(word=word, verdict=verdict, reason=reason, notes=tuple(notes))


def counts(checks: Iterable[CheckRecord]) -> dict[Verdict, int]:
    """Verdicts that are there, in the order of the model."""
    found = [check.verdict for check in checks]
    return {verdict: found.count(verdict) for verdict in Verdict if verdict in found}


def tallies(run: RunRecord) -> tuple[Tally, ...]:
    """MUST and SHOULD always, then other levels that the record has."""
    others = dict.fromkeys(check.level for check in run.checks if check.level not in set(Level))
    return tuple(
        Tally(level=level, counts=counts(check for check in run.checks if check.level == level))
        for level in (*Level, *others)
    )


def _must(count: int) -> str:
    return f"{count} MUST requirement{'' if count == 1 else 's'}"
