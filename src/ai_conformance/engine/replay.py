"""Recompute the verdicts of a run from what was observed in it: the same checks, the recording in place of a cluster.

Each session of the recording is run by the same `Runner` in virtual time. A check's verdict is that of the last session
that began it, as it was in the run.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from ai_conformance.checks import registry
from ai_conformance.engine import events
from ai_conformance.engine.plan import Action, Item, Plan
from ai_conformance.engine.run import RUN, Runner
from ai_conformance.evidence import observing, redaction
from ai_conformance.kube import clock, errors, poll, virtual_time
from ai_conformance.kube.ledger import UnwrittenLedger
from ai_conformance.kube.recording.replaying import NotRecorded, ReplayingWire
from ai_conformance.kube.session import Session
from ai_conformance.model.releases import Release

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.checks.options import Options
    from ai_conformance.evidence.recorder import Evidence
    from ai_conformance.kube.recording import reading
    from ai_conformance.model.records import CheckRecord, RunRecord

_ACTOR = "check/{}"
_SLACK_S = 5.0
"""How much later than the run its replay may end. It has the same answers at the same moments."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Again:
    """What came of a check in a replay."""

    record: CheckRecord | None
    """None where it did not come to its end."""
    trouble: str = ""
    """Why the record, or that there is none, proves nothing; empty where it does."""


def again(
    run: RunRecord, sessions: Sequence[reading.Session], *, catalog: Catalog, options: Options
) -> Mapping[str, Again]:
    """The checks of a recording, by requirement."""
    found: dict[str, Again] = {}
    kept = {check.requirement: check for check in run.checks}
    for session in sessions:
        if RUN in session.notes:
            found |= _Replay(run, session, catalog=catalog, options=options, known=kept).checks()
    return found


class _Replay:
    """One session."""

    def __init__(
        self,
        run: RunRecord,
        session: reading.Session,
        *,
        catalog: Catalog,
        options: Options,
        known: Mapping[str, CheckRecord],
    ) -> None:
        self._run = run
        self._session = session
        self._catalog = catalog
        self._options = options
        self._begun_s, self._said = session.notes[RUN]
        self._kept = {name: known[name] for name in self._said.get("kept", ()) if name in known}
        self._finished: dict[str, Again] = {}
        self._waits: dict[str, str] = {}
        self._over = False
        self._trouble = ""
        self._unknown: dict[str, Again] = {}
        self._wire = ReplayingWire(session, redaction=observing.Observed())

    def checks(self) -> Mapping[str, Again]:
        """Run it, in no time."""
        plan = self._plan()
        try:
            virtual_time.run(self._conducted(plan))
        except virtual_time.Stalled:  # each check that has not ended tells so
            self._over = True
        return {**self._unknown, **{item.requirement.id: self._came_of(item.requirement.id) for item in plan.items}}

    def _plan(self) -> Plan:
        items = []
        for name in self._said.get("checks", ()):
            entry = next((one for one in self._catalog.all_requirements if one.id == name), None)
            check = registry.get(name) if entry is not None else None
            if entry is None or check is None:
                self._unknown[name] = Again(record=None, trouble="this version has no such check")
                continue
            level = entry.level_in(self._release)
            items.append(Item(requirement=entry, level=level, action=Action.RUN, reason="", check=check))
        return Plan(release=self._release, items=tuple(items), disruptive=self._options.disruptive)

    @property
    def _release(self) -> Release:
        return self._catalog.release(self._run.release)

    async def _conducted(self, plan: Plan) -> None:
        loop = asyncio.get_running_loop()
        with clock.of(virtual_time.VirtualClock(loop, began=self._session.at)):
            runner = Runner(
                plan=plan,
                session=Session(self._wire, user_agent="replay", actor="run"),
                catalog=self._catalog,
                options=self._options,
                ledger=UnwrittenLedger(),
                evidence=cast("Evidence", _NoEvidence()),
                listener=self._listen,
                timeout_s=float(self._said.get("timeout_s") or 0),
                run_id=str(self._said.get("run_id") or self._run.run_id),
                kept=self._kept,
            )
            try:
                await runner.prepare()
            except (NotRecorded, errors.KubeError) as error:
                self._trouble = f"what the cluster is cannot be told: {error}"
                return
            await poll.pause(max(0.0, self._begun_s - loop.time()))
            running = asyncio.create_task(runner.execute())
            for moment in self._session.interruptions:
                loop.call_at(moment, running.cancel)
            await asyncio.wait([running], timeout=max(0.0, self._session.last + _SLACK_S - loop.time()))
            self._over = True  # what goes on is only the end of what was given up
            if running.done() and not running.cancelled() and running.exception() is not None:
                self._trouble = f"the run did not come to its end: {running.exception()}"

    def _listen(self, event: events.Event) -> None:
        if self._over:
            return
        match event:
            case events.CheckFinished():
                self._waits.pop(event.record.requirement, None)
                missing = [*self._wire.missing.get(_ACTOR.format(event.record.requirement), ())]
                missing += self._wire.missing.get("run", ())
                trouble = f"the recording has no answer to {missing[0]}" if missing else ""
                self._finished[event.record.requirement] = Again(record=event.record, trouble=trouble)
            case events.Waiting():
                self._waits[event.requirement] = "" if event.over else event.what

    def _came_of(self, requirement: str) -> Again:
        if requirement in self._finished:
            return self._finished[requirement]
        if self._trouble:
            return Again(record=None, trouble=self._trouble)
        missing = self._wire.missing.get(_ACTOR.format(requirement))
        if missing:
            return Again(record=None, trouble=f"the recording has no answer to {missing[0]}")
        waits = self._waits.get(requirement)
        what = f"it waits for {waits}, which the recording does not have" if waits else "it does not come to its end"
        cut = "; the recording was too long and ends before the run" if self._session.is_full else ""
        return Again(record=None, trouble=what + cut)


class _NoEvidence:
    """Takes what a case would keep; the run has it."""

    def __init__(self) -> None:
        self.redacted = redaction.Report()

    def case(self, requirement: str, *, name: str, variant: str = "") -> _NoEvidence:
        """The store of a case."""
        del requirement, name, variant
        return self

    def write_json(self, name: str, content: Any) -> str:
        """Nothing is written."""
        del content
        return name

    def write_text(self, name: str, content: str) -> str:
        """Nothing is written."""
        del content
        return name

    def requests(self) -> None:
        """There are none."""
