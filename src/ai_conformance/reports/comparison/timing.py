"""Which differences of durations are worth a word.

Only what passed on both sides is compared: a failure ends early, or at a time-out, and says nothing of speed. Of a
check's time, what it waited for accelerators that another check had is left out, for that depends on which checks ran
beside it. Runs of different profiles are not compared, as the profile scales every wait.

Noise: of 22 cases that one run of the lab did at the same time on two nodes of the same kind, those that took longer
than a second differed by 1.4 times at most, all of them by 2.0 s at most. What counts here has to be beyond both with
room to spare: half as long again, and five seconds, since a kubelet, a scheduler and an autoscaler each act by periods
of seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ai_conformance.checks import waits
from ai_conformance.model.records import CaseRecord, CheckRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports.comparison import judging
from ai_conformance.reports.comparison.findings import Subject, Timing

NOISE_RATIO: Final = 1.5
NOISE_S: Final = 5.0


def of_check(before: CheckRecord, after: CheckRecord, *, subject: Subject) -> Timing | None:
    """The timing of a requirement's check, if it is worth a word."""
    return _timing(before, after, subject=subject, spans=(_own_s(before), _own_s(after)))


def of_case(before: CaseRecord, after: CaseRecord, *, subject: Subject) -> Timing | None:
    """The timing of a case, if it is worth a word."""
    return _timing(before, after, subject=subject, spans=(max(before.duration_s, 0.0), max(after.duration_s, 0.0)))


def ordered(timings: Iterable[Timing]) -> tuple[Timing, ...]:
    """Slower before faster; within each by level, then by seconds."""
    return tuple(
        sorted(
            timings,
            key=lambda one: (not one.slower, judging.level_rank(one.subject.level), -abs(one.after_s - one.before_s)),
        )
    )


def _own_s(check: CheckRecord) -> float:
    return max(check.duration_s - check.waits_s.get(waits.RESERVATION.name, 0.0), 0.0)


def _timing(
    before: CheckRecord | CaseRecord,
    after: CheckRecord | CaseRecord,
    *,
    subject: Subject,
    spans: tuple[float, float],
) -> Timing | None:
    if (before.verdict, after.verdict) != (Verdict.PASS, Verdict.PASS):
        return None
    shorter, longer = sorted(spans)
    if longer - shorter < NOISE_S or longer < shorter * NOISE_RATIO:
        return None
    return Timing(subject=subject, before_s=spans[0], after_s=spans[1])
