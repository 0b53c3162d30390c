"""Execute a plan: the checks side by side, each in its own namespaces, each cleaned up whatever happened to it."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from ai_conformance import __version__
from ai_conformance.checks import inventory, refusals
from ai_conformance.checks.context import INTERRUPTED, Context
from ai_conformance.checks.reservations import Reservations
from ai_conformance.engine import events, judgement
from ai_conformance.engine.plan import Action
from ai_conformance.evidence import redaction
from ai_conformance.kube import clock, resources, waiting
from ai_conformance.kube.workspace import Workspace
from ai_conformance.model import durations, names
from ai_conformance.model.records import CaseRecord, CheckRecord, ClusterRecord, LogLine, RunRecord
from ai_conformance.model.verdicts import Verdict, combine

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.checks.inventory import Inventory
    from ai_conformance.checks.options import Options
    from ai_conformance.engine.plan import Item, Plan
    from ai_conformance.evidence.recorder import Evidence
    from ai_conformance.kube.cleanup import Leftover
    from ai_conformance.kube.ledger import Ledger
    from ai_conformance.kube.session import Session

_Record = TypeVar("_Record", CaseRecord, CheckRecord)

# What a check may still do after the run's deadline: remove what it made.
CLEANUP_RESERVE_S = 120.0

# Words of a recording.
RUN, OVER, INTERRUPTION = "run", "over", "interrupted"

ABANDONED = "the clean-up was abandoned; ai-conformance clean removes what is left"


def new_run_id() -> str:
    """Short enough to be part of a namespace's name, and different for every run."""
    return secrets.token_hex(3)


class _Phase(enum.Enum):
    """How far a check is, as far as an interruption cares."""

    BODY = enum.auto()
    CLEANING = enum.auto()
    DONE = enum.auto()


@dataclasses.dataclass(kw_only=True)
class Runner:
    """One run on one cluster."""

    plan: Plan
    session: Session
    catalog: Catalog
    options: Options
    ledger: Ledger
    evidence: Evidence
    listener: events.Listener
    timeout_s: float
    run_id: str = dataclasses.field(default_factory=new_run_id)
    command: tuple[str, ...] = ()
    started_at: datetime | None = None
    """When it began, for a run that is taken up again."""
    resumed_at: tuple[datetime, ...] = ()
    note: Callable[[str, Any], None] = lambda _word, _content: None
    """Writes down what a replay has to know beside the answers of the cluster."""
    kept: Mapping[str, CheckRecord] = dataclasses.field(default_factory=dict)
    """Checks, by requirement, that had finished before; they are not executed again."""

    def __post_init__(self) -> None:
        self._cluster: ClusterRecord | None = None
        self._inventory: asyncio.Task[Inventory] | None = None
        self._reservations = Reservations()
        self._checks: dict[str, asyncio.Task[CheckRecord]] = {}
        self._phases: dict[str, _Phase] = {}
        self._interruptions = 0

    async def prepare(self) -> ClusterRecord:
        """Read what the cluster is; nothing is made. Raises `KubeError`, so that a run need not begin to fail."""
        if self._cluster is None:
            version, uid, nodes = await asyncio.gather(
                self.session.version(), self.session.cluster_uid(), self.session.count(resources.NODE)
            )
            self._cluster = ClusterRecord(uid=uid, server_version=version.git_version, nodes=nodes)
        return self._cluster

    async def execute(self) -> RunRecord:
        """Run the plan.

        A cancellation ends the checks early; they still clean up, and the record says that the run was interrupted. A
        second one abandons the clean-up as well.
        """
        started = self.started_at or clock.now()
        cluster = await self.prepare()
        self.note(RUN, self._described())
        deadline = asyncio.get_running_loop().time() + self.timeout_s
        for item in self.plan.running:
            name = item.requirement.id
            if name in self.kept:
                continue
            self._phases[name] = _Phase.BODY
            self._checks[name] = asyncio.create_task(self._check(item, deadline=deadline), name=name)
        if self.kept:
            # The checks that asked for them may be among those that are kept.
            self._inventory = self._begin_inventory()
        await self._all_done()
        checks = tuple(self._outcome(item) for item in self.plan.items)
        found = await self._inventory_seen()
        self.note(OVER, {})
        record = RunRecord(
            tool_version=__version__,
            catalog_version=self.catalog.version,
            run_id=self.run_id,
            release=str(self.plan.release),
            cluster=dataclasses.replace(cluster, accelerators=found),
            started_at=started,
            ended_at=clock.now(),
            command=self.command,
            profile=self.options.profile.value,
            plan=self.plan.records,
            interrupted=self._interruptions > 0,
            resumed_at=self.resumed_at,
            checks=checks,
        )
        record = redaction.redact_record(record, report=self.evidence.redacted)
        return dataclasses.replace(record, redacted=self.evidence.redacted.as_mapping())

    def _described(self) -> dict[str, Any]:
        begun = [item.requirement.id for item in self.plan.running if item.requirement.id not in self.kept]
        return {"run_id": self.run_id, "timeout_s": self.timeout_s, "checks": begun, "kept": list(self.kept)}

    def _outcome(self, item: Item) -> CheckRecord:
        if item.action is not Action.RUN:
            return _not_run(item)
        name = item.requirement.id
        return self.kept[name] if name in self.kept else self._checks[name].result()

    async def _all_done(self) -> None:
        waited_for: list[asyncio.Task[Any]] = list(self._checks.values())
        if self._inventory is not None:
            waited_for.append(self._inventory)
        while not all(task.done() for task in waited_for):
            try:
                await asyncio.wait(waited_for)
            except asyncio.CancelledError:
                _uncancel()
                self._interrupt()

    def _interrupt(self) -> None:
        self._interruptions += 1
        self.note(INTERRUPTION, self._interruptions)
        reached = (_Phase.BODY,) if self._interruptions == 1 else (_Phase.BODY, _Phase.CLEANING)
        if self.kept and self._inventory is not None:
            self._inventory.cancel()
        for name, task in self._checks.items():
            # Each has begun: its first step was queued before whatever brought us here.
            if self._phases[name] in reached:
                task.cancel()

    async def _take_inventory(self) -> Inventory:
        # One task for the whole run: the first check that asks starts it, and a cancelled check does not cancel it.
        if self._inventory is None:
            self._inventory = self._begin_inventory()
        return await asyncio.shield(self._inventory)

    def _begin_inventory(self) -> asyncio.Task[Inventory]:
        return asyncio.create_task(inventory.take(self.session, catalog=self.catalog, options=self.options))

    async def _inventory_seen(self) -> tuple[str, ...]:
        """The accelerators in words, if a check has asked for them; an inventory that is not taken yet is given up."""
        if self._inventory is None:
            return ()
        self._inventory.cancel()
        await asyncio.wait([self._inventory])
        if self._inventory.cancelled() or self._inventory.exception() is not None:
            return ()
        return tuple(
            f"{group.description}: {names.several(group.nodes)}" for group in self._inventory.result().node_classes
        )

    async def _check(self, item: Item, *, deadline: float) -> CheckRecord:
        """One check from its first request to the last leftover."""
        check = item.check
        assert check is not None
        self.listener(events.CheckStarted(requirement=check.requirement))
        started, begun = clock.now(), clock.monotonic()
        actor = f"check/{check.requirement}"
        session = self.session.acting_as(actor)
        workspace = Workspace(
            session=session,
            ledger=self.ledger,
            run_id=self.run_id,
            check_id=check.requirement,
            namespace_prefix=self.options.namespace_prefix,
            sweeping=check.sweeping,
            isolation=check.isolation(pull_secret=self.options.pull_secret),
        )
        context = Context(
            metadata=check,
            session=session,
            workspace=workspace,
            catalog=self.catalog,
            options=self.options,
            reservations=self._reservations,
            inventory=self._take_inventory,
            store=lambda name, variant: self.evidence.case(check.requirement, name=name, variant=variant),
            on_case=lambda record: self.listener(
                events.CaseFinished(requirement=check.requirement, record=self._shown(record))
            ),
        )
        waits = waiting.Waits(observer=self._observer(check.requirement))
        with waiting.observed(waits):
            said = await self._body(context, deadline=deadline)
            self._phases[check.requirement] = _Phase.CLEANING
            leftovers = await self._clean(context, workspace)
            self._phases[check.requirement] = _Phase.DONE
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
            level=item.level_name,
            title=item.requirement.title,
            artifact=check.artifact,
            automated=True,
            verdict=verdict,
            reason=reason,
            started_at=started,
            duration_s=clock.monotonic() - begun,
            cases=tuple(sorted(context.cases, key=lambda case: case.started_at)),
            log=tuple(context.log),
            api_requests=self.session.transcript.requests(actor),
            waits_s=waits.seconds,
            next_step=judgement.next_step(check.on_fail, check.on_blocked, verdict=verdict),
        )
        self.listener(events.CheckFinished(record=self._shown(record), redacted=self.evidence.redacted.as_mapping()))
        return record

    async def _body(self, context: Context, *, deadline: float) -> tuple[Verdict, str] | None:
        """Run the body; what it raises outside of its cases is the check's own verdict."""
        limit, begun = asyncio.timeout_at(deadline), clock.monotonic()
        try:
            async with limit:
                await context.metadata.body(context)
        except asyncio.CancelledError:
            _uncancel()
            return Verdict.ERROR, INTERRUPTED
        except Exception as error:  # noqa: BLE001 - the engine's edge: a bug becomes ERROR, with its traceback kept
            if isinstance(error, TimeoutError) and limit.expired():
                given = durations.render(self.timeout_s)
                return Verdict.ERROR, f"the run's time-out of {given} was reached; give more with --timeout"
            return context.judged(*await self._explained(context, error), since=begun)
        return None

    async def _explained(self, context: Context, error: Exception) -> tuple[Verdict, str]:
        """What an exception that left the body means, after a look at what admission may have said."""
        verdict, reason = judgement.judge(error, context=context)
        try:
            return await refusals.explained(context, verdict, reason, error=error)
        except asyncio.CancelledError:
            _uncancel()
            return verdict, reason

    async def _clean(self, context: Context, workspace: Workspace) -> list[Leftover | str]:
        if self._interruptions > 1:
            return [ABANDONED]
        limit = asyncio.timeout(CLEANUP_RESERVE_S + 15)  # the workspace keeps to its own limit and says what is left
        try:
            async with limit:
                return [*await workspace.cleanup(timeout_s=CLEANUP_RESERVE_S)]
        except asyncio.CancelledError:
            _uncancel()
            return [ABANDONED]
        except Exception as error:  # noqa: BLE001 - as above: what could not be cleaned up must be told, not lost
            if isinstance(error, TimeoutError) and limit.expired():
                return [f"cleaning up took more than {CLEANUP_RESERVE_S:.0f} s"]
            return [f"cleaning up failed: {judgement.judge(error, context=context)[1]}"]

    def _shown(self, record: _Record) -> _Record:
        """The record as those who listen may show it: what a terminal shows is kept too, by whoever runs a pipeline."""
        return redaction.redact_record(record, report=redaction.Report(own=self.evidence.redacted.own))

    def _observer(self, requirement: str) -> Callable[[waiting.Waiting], None]:
        def tell(wait: waiting.Waiting) -> None:
            over = wait.waited_s is not None
            self.listener(events.Waiting(requirement=requirement, what=wait.what, since_s=wait.since, over=over))

        return tell


def _uncancel() -> None:
    """Say that a cancellation is dealt with: the task goes on to clean up and to its record."""
    task = asyncio.current_task()
    assert task is not None
    while task.cancelling():
        task.uncancel()


def _stays(one: Leftover | str) -> bool:
    return isinstance(one, str) or not one.gone


def _not_run(item: Item) -> CheckRecord:
    verdict = Verdict.SKIPPED if item.action is Action.SKIP else Verdict.NOT_TESTED
    return CheckRecord(
        requirement=item.requirement.id,
        level=item.level_name,
        title=item.requirement.title,
        artifact=item.artifact,
        automated=item.check is not None,
        verdict=verdict,
        reason=item.reason,
        started_at=clock.now(),
        duration_s=0.0,
        log=(LogLine(at=clock.now(), text=item.reason),),
    )


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
