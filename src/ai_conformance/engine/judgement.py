"""What an exception that left a check means: at this edge a bug becomes ERROR, never a verdict about the platform."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes
from ai_conformance.evidence import recorder
from ai_conformance.kube import errors
from ai_conformance.model.verdicts import Verdict, combine

if TYPE_CHECKING:
    from ai_conformance.checks.context import Context
    from ai_conformance.kube.cleanup import Leftover


def judge(error: Exception, *, context: Context) -> tuple[Verdict, str]:
    """Verdict and reason. The traceback of a bug goes into the check's log.

    Tasks side by side raise a group: the gravest of its members decides, by the rule that combines cases.
    """
    members = list(_members(error))
    judged = [_judge_one(one) for one in members]
    for one, (_verdict, reason) in zip(members, judged, strict=True):
        if _is_bug(one):
            context.note(reason)
            for line in traceback.format_exception(one):
                context.note(line.rstrip())
    verdict = combine(verdict for verdict, _reason in judged)
    reasons = dict.fromkeys(reason for other, reason in judged if other is verdict)
    return verdict, "; ".join(reasons)


def _members(error: Exception) -> Iterator[Exception]:
    if isinstance(error, ExceptionGroup):
        for member in error.exceptions:
            yield from _members(member)
    else:
        yield error


def _is_bug(error: Exception) -> bool:
    return not isinstance(error, outcomes.Outcome | errors.KubeError | recorder.CannotRecord)


def _judge_one(error: Exception) -> tuple[Verdict, str]:
    match error:
        case outcomes.Outcome():
            return error.verdict, error.reason
        case errors.Forbidden():
            return Verdict.BLOCKED, str(error)
        case errors.KubeError() | recorder.CannotRecord():
            return Verdict.ERROR, str(error)
        case _:
            return Verdict.ERROR, f"a bug of ai-conformance: {type(error).__name__}: {error}"


def left_behind(leftovers: Sequence[Leftover | str]) -> Verdict:
    """What a check that passed comes to when not all that it made could be taken away."""
    missing = all(not isinstance(one, str) and one.refused for one in leftovers)
    return Verdict.BLOCKED if missing else Verdict.ERROR


def next_step(on_fail: str, on_blocked: str, *, verdict: Verdict) -> str:
    """What to do about a check's verdict: its own words for FAIL and BLOCKED, empty where nothing is to be done."""
    match verdict:
        case Verdict.FAIL:
            return on_fail
        case Verdict.BLOCKED:
            return on_blocked
        case Verdict.ERROR:
            return "Look at the check's log in report.md, put right what kept it from being judged, and run anew."
        case _:
            return ""
