"""What a run says and what its replay says, side by side: verdicts of checks and of cases, and their reasons."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ai_conformance.evidence import observing, redaction
from ai_conformance.model.verdicts import ExitCode, Verdict

if TYPE_CHECKING:
    from ai_conformance.engine.replay import Again
    from ai_conformance.model.records import CaseRecord, CheckRecord, RunRecord

_SECONDS = re.compile(r"\b\d+(?:\.\d+)?(?= ?(?:s|ms|seconds)\b)")
NO_RECORDING = "there is no recording of it"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pair:
    """One verdict twice."""

    case: str
    """``Name`` or ``Name/variant``; empty for the check itself."""
    recorded: Verdict | None
    """None where the run does not have it."""
    recomputed: Verdict | None
    """None where the replay does not."""
    recorded_reason: str = ""
    recomputed_reason: str = ""

    @property
    def differs(self) -> bool:
        """Whether the verdict is another one."""
        return self.recorded is not self.recomputed

    @property
    def is_told_otherwise(self) -> bool:
        """Whether the reason is another one, in more than how many seconds something took."""
        return _timeless(self.recorded_reason) != _timeless(self.recomputed_reason)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Compared:
    """One check."""

    requirement: str
    whole: Pair
    cases: tuple[Pair, ...] = ()
    trouble: str = ""
    """Why it cannot be replayed; empty where it was."""

    @property
    def differences(self) -> tuple[Pair, ...]:
        """Verdicts that are not the same, the check's own first."""
        return () if self.trouble else tuple(one for one in (self.whole, *self.cases) if one.differs)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Agreement:
    """A whole run."""

    checks: tuple[Compared, ...]

    @property
    def code(self) -> ExitCode:
        """What differs outranks what cannot be told."""
        if any(one.differences for one in self.checks):
            return ExitCode.NOT_CONFORMANT
        unknown = not self.checks or any(one.trouble for one in self.checks)
        return ExitCode.NOT_EVALUATED if unknown else ExitCode.OK


def compare(run: RunRecord, replayed: Mapping[str, Again]) -> Agreement:
    """Every check that was executed, in the order of the record; what the record does not have comes last."""
    return Agreement(checks=tuple(_compared(run, replayed)))


def _compared(run: RunRecord, replayed: Mapping[str, Again]) -> Iterator[Compared]:
    recorded = {check.requirement: check for check in run.checks}
    for name, check in recorded.items():
        if name in replayed:
            yield _check(name, check, replayed[name])
        elif _was_executed(check):
            whole = Pair(case="", recorded=check.verdict, recomputed=None, recorded_reason=check.reason)
            yield Compared(requirement=name, whole=whole, trouble=NO_RECORDING)
    for name in sorted(replayed.keys() - recorded.keys()):
        yield _check(name, None, replayed[name])


def _was_executed(check: CheckRecord) -> bool:
    return check.automated and (check.verdict is not Verdict.SKIPPED or bool(check.cases))


def _check(name: str, recorded: CheckRecord | None, found: Again) -> Compared:
    again = _cut(found.record)
    return Compared(
        requirement=name,
        trouble=found.trouble,
        whole=Pair(
            case="",
            recorded=recorded.verdict if recorded else None,
            recomputed=again.verdict if again else None,
            recorded_reason=recorded.reason if recorded else "",
            recomputed_reason=again.reason if again else "",
        ),
        cases=tuple(_cases(recorded, again)),
    )


def _cut(record: CheckRecord | None) -> CheckRecord | None:
    """As a run writes its record, and without the marks of a recording."""
    if record is None:
        return None
    cut = redaction.redact_record(record, report=redaction.Report())
    cases = tuple(dataclasses.replace(one, reason=str(observing.unmarked(one.reason))) for one in cut.cases)
    return dataclasses.replace(cut, reason=str(observing.unmarked(cut.reason)), cases=cases)


def _cases(recorded: CheckRecord | None, again: CheckRecord | None) -> Iterator[Pair]:
    ours, theirs = _by_name(recorded), _by_name(again)
    for name in dict.fromkeys((*ours, *theirs)):
        one, other = ours.get(name), theirs.get(name)
        yield Pair(
            case=name,
            recorded=one.verdict if one else None,
            recomputed=other.verdict if other else None,
            recorded_reason=one.reason if one else "",
            recomputed_reason=other.reason if other else "",
        )


def _by_name(check: CheckRecord | None) -> Mapping[str, CaseRecord]:
    cases = check.cases if check else ()
    return {f"{one.name}/{one.variant}" if one.variant else one.name: one for one in cases}


def _timeless(reason: str) -> str:
    return _SECONDS.sub("_", reason)
