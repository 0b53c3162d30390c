"""Execute one check: from its first request to the last leftover, and what came of it as a record."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ai_conformance.checks import refusals
from ai_conformance.checks.context import INTERRUPTED
from ai_conformance.engine import events, judgement
from ai_conformance.evidence import redaction
from ai_conformance.kube import clock, waiting
from ai_conformance.model import durations
from ai_conformance.model.records import CaseRecord, CheckRecord
from ai_conformance.model.verdicts import Verdict, combine

if TYPE_CHECKING:
    from ai_conformance.checks.context import Context
    from ai_conformance.engine.plan import Item
    from ai_conformance.kube.cleanup import Leftover

_Record = TypeVar("_Record", CaseRecord, CheckRecord)

# What a check may still do after the run's deadline: remove what it made.
CLEANUP_RESERVE_S = 120.0

ABANDONED = "the clean-up was abandoned; ai-conformance clean removes what is left"


class Phase(enum.Enum):
    """How far a check is, as far as an interruption cares."""

    BODY = enum.auto()
    CLEANING = enum.auto()
    DONE = enum.auto()


@dataclasses.dataclass(kw_only=True)
class Execution:
    """One check while it runs."""

    item: Item
    context: Context
    listener: events.Listener
    redacted: redaction.Report
    timeout_s: float
    """Of the whole run, as its words tell it."""
    is_given_up: Callable[[], bool]
    """Whether the user does not even wait for the clean-up."""
    phase: Phase = Phase.BODY

    async def conduct(self, *, deadline: float) -> CheckRecord:
        """Run the check; ``deadline`` is the run's, in the loop's time. A cancellation ends it early, with a record."""
        context, check = self.context, self.context.metadata
        self.listener(events.CheckStarted(requirement=check.requirement))
        context.on_case = self._on_case
        started, begun = clock.now(), clock.monotonic()
        waits = waiting.Waits(observer=self._observe)
        with waiting.observed(waits):
            said = await self._body(deadline=deadline)
            self.phase = Phase.CLEANING
            leftovers = await self._clean()
            self.phase = Phase.DONE
        context.cases.extend(context.missed({}) if said is None else ())
        if said is not None and said[0] is Verdict.BLOCKED:
            context.cut_short(said[1])
        verdict = combine([*(case.verdict for case in context.cases), *([said[0]] if said else [])])
        reason = said[1] if said and said[0] is verdict else _reason(context, verdict)
        if leftovers:
            which = "; ".join(map(str, leftovers))
            context.note(
                f"left behind: {which}" if any(map(_stays, leftovers)) else f"not removed in its turn: {which}"
            )
            if verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE):
                verdict, reason = judgement.left_behind(leftovers), f"not everything could be removed: {which}"
        record = CheckRecord(
            requirement=check.requirement,
            level=self.item.level_name,
            title=self.item.requirement.title,
            artifact=check.artifact,
            automated=True,
            verdict=verdict,
            reason=reason,
            started_at=started,
            duration_s=clock.monotonic() - begun,
            cases=tuple(sorted(context.cases, key=lambda case: case.started_at)),
            log=tuple(context.log),
            api_requests=context.session.transcript.requests(context.session.actor),
            waits_s=waits.seconds,
            next_step=judgement.next_step(check.on_fail, check.on_blocked, verdict=verdict),
        )
        self.listener(events.CheckFinished(record=self._shown(record), redacted=self.redacted.as_mapping()))
        return record

    async def _body(self, *, deadline: float) -> tuple[Verdict, str] | None:
        """Run the body; what it raises outside of its cases is the check's own verdict."""
        limit, begun = asyncio.timeout_at(deadline), clock.monotonic()
        try:
            async with limit:
                await self.context.metadata.body(self.context)
        except asyncio.CancelledError:
            uncancel()
            return Verdict.ERROR, INTERRUPTED
        except Exception as error:  # noqa: BLE001 - the engine's edge: a bug becomes ERROR, with its traceback kept
            if isinstance(error, TimeoutError) and limit.expired():
                given = durations.render(self.timeout_s)
                return Verdict.ERROR, f"the run's time-out of {given} was reached; give more with --timeout"
            return self.context.judged(*await self._explained(error), since=begun)
        return None

    async def _explained(self, error: Exception) -> tuple[Verdict, str]:
        """What an exception that left the body means, after a look at what admission may have said."""
        verdict, reason = judgement.judge(error, context=self.context)
        try:
            return await refusals.explained(self.context, verdict, reason, error=error)
        except asyncio.CancelledError:
            uncancel()
            return verdict, reason

    async def _clean(self) -> list[Leftover | str]:
        if self.is_given_up():
            return [ABANDONED]
        limit = asyncio.timeout(CLEANUP_RESERVE_S + 15)  # the workspace keeps to its own limit and says what is left
        try:
            async with limit:
                return [*await self.context.workspace.cleanup(timeout_s=CLEANUP_RESERVE_S)]
        except asyncio.CancelledError:
            uncancel()
            return [ABANDONED]
        except Exception as error:  # noqa: BLE001 - as above: what could not be cleaned up must be told, not lost
            if isinstance(error, TimeoutError) and limit.expired():
                return [f"cleaning up took more than {CLEANUP_RESERVE_S:.0f} s"]
            return [f"cleaning up failed: {judgement.judge(error, context=self.context)[1]}"]

    def _on_case(self, record: CaseRecord) -> None:
        requirement = self.context.metadata.requirement
        self.listener(events.CaseFinished(requirement=requirement, record=self._shown(record)))

    def _shown(self, record: _Record) -> _Record:
        """The record as those who listen may show it: what a terminal shows is kept too, by whoever runs a pipeline."""
        return redaction.redact_record(record, report=redaction.Report(own=self.redacted.own))

    def _observe(self, wait: waiting.Waiting) -> None:
        over = wait.waited_s is not None
        requirement = self.context.metadata.requirement
        self.listener(events.Waiting(requirement=requirement, what=wait.what, since_s=wait.since, over=over))


def uncancel() -> None:
    """Say that a cancellation is dealt with: the task goes on to clean up and to its record."""
    task = asyncio.current_task()
    assert task is not None
    while task.cancelling():
        task.uncancel()


def _stays(one: Leftover | str) -> bool:
    return isinstance(one, str) or not one.gone


def _reason(context: Context, verdict: Verdict) -> str:
    same = [case for case in context.cases if case.verdict is verdict]
    if verdict is Verdict.PASS:
        return f"all {len(same)} cases passed"
    if not same:
        return "no case was run"
    declared = [case.name for case in context.metadata.cases]  # their order is the same in every run, unlike time
    first = min(same, key=lambda case: (declared.index(case.name), case.variant))
    name = f"{first.name}/{first.variant}" if first.variant else first.name
    more = f" (and {len(same) - 1} more)" if len(same) > 1 else ""
    return f"{name}: {first.reason}{more}"
