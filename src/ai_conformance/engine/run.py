"""Execute a plan: the checks side by side, each in its own namespaces, each cleaned up whatever happened to it."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ai_conformance import __version__
from ai_conformance.checks import inventory, outcomes
from ai_conformance.checks.context import Context
from ai_conformance.checks.reservations import Reservations
from ai_conformance.engine import events
from ai_conformance.engine.plan import Action
from ai_conformance.kube import errors, resources, waiting
from ai_conformance.kube.workspace import Workspace
from ai_conformance.model.records import CheckRecord, ClusterRecord, LogLine, RunRecord
from ai_conformance.model.verdicts import Verdict, combine

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.checks.inventory import Inventory
    from ai_conformance.checks.options import Options
    from ai_conformance.engine.plan import Item, Plan
    from ai_conformance.evidence.recorder import Recorder
    from ai_conformance.kube.ledger import Ledger
    from ai_conformance.kube.session import Session

# What a check may still do after the run's deadline: remove what it made.
CLEANUP_RESERVE_S = 120.0


def new_run_id() -> str:
    """Short enough to be part of a namespace's name, and different for every run."""
    return secrets.token_hex(3)


@dataclasses.dataclass(kw_only=True)
class Runner:
    """One run on one cluster."""

    plan: Plan
    session: Session
    catalog: Catalog
    options: Options
    ledger: Ledger
    recorder: Recorder
    listener: events.Listener
    timeout_s: float
    run_id: str = dataclasses.field(default_factory=new_run_id)
    command: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._inventory: asyncio.Task[Inventory] | None = None
        self._reservations = Reservations()

    async def execute(self) -> RunRecord:
        """Run the plan; a cancellation ends the checks early, cleans up and is noted in the record."""
        started = datetime.now(UTC)
        cluster = await self._cluster()
        deadline = asyncio.get_running_loop().time() + self.timeout_s
        tasks = {
            item.requirement.id: asyncio.create_task(self._check(item, deadline=deadline)) for item in self.plan.running
        }
        interrupted = False
        try:
            if tasks:
                await asyncio.wait(tasks.values())
        except asyncio.CancelledError:
            interrupted = True
            for task in tasks.values():
                task.cancel()
            await asyncio.wait(tasks.values())
        checks = tuple(
            tasks[item.requirement.id].result() if item.action is Action.RUN else _not_run(item)
            for item in self.plan.items
        )
        found = await self._inventory_seen()
        return RunRecord(
            tool_version=__version__,
            run_id=self.run_id,
            release=str(self.plan.release),
            cluster=dataclasses.replace(cluster, accelerators=found),
            started_at=started,
            ended_at=datetime.now(UTC),
            command=self.command,
            profile=self.options.profile.value,
            interrupted=interrupted,
            checks=checks,
        )

    async def _cluster(self) -> ClusterRecord:
        version, uid, nodes = await asyncio.gather(
            self.session.version(), self.session.cluster_uid(), self.session.list(resources.NODE)
        )
        return ClusterRecord(uid=uid, server_version=version.git_version, nodes=len(nodes.items))

    async def _take_inventory(self) -> Inventory:
        # One task for the whole run: the first check that asks starts it, and a cancelled check does not cancel it.
        if self._inventory is None:
            taking = inventory.take(self.session, catalog=self.catalog, options=self.options)
            self._inventory = asyncio.create_task(taking)
        return await asyncio.shield(self._inventory)

    async def _inventory_seen(self) -> tuple[str, ...]:
        if self._inventory is None or self._inventory.cancelled() or not self._inventory.done():
            return ()
        if self._inventory.exception() is not None:
            return ()
        return tuple(
            f"{group.description}: {', '.join(group.nodes)}" for group in self._inventory.result().node_classes
        )

    async def _check(self, item: Item, *, deadline: float) -> CheckRecord:
        """One check from its first request to the last leftover."""
        check = item.check
        assert check is not None
        self.listener(events.CheckStarted(requirement=check.requirement))
        started, clock = datetime.now(UTC), time.monotonic()
        actor = f"check/{check.requirement}"
        session = self.session.acting_as(actor)
        workspace = Workspace(
            session=session,
            ledger=self.ledger,
            run_id=self.run_id,
            check_id=check.requirement,
            namespace_prefix=self.options.namespace_prefix,
        )
        context = Context(
            metadata=check,
            session=session,
            workspace=workspace,
            catalog=self.catalog,
            options=self.options,
            reservations=self._reservations,
            inventory=self._take_inventory,
            store=lambda name, variant: self.recorder.case(check.requirement, name, variant=variant),
            on_case=lambda record: self.listener(events.CaseFinished(requirement=check.requirement, record=record)),
        )
        waits = waiting.Waits(observer=self._observer(check.requirement))
        with waiting.observed(waits):
            said = await self._body(context, deadline=deadline)
            leftovers = await self._clean(context, workspace)
        context.cases.extend(context.missed({}) if said is None else ())
        verdict = combine([*(case.verdict for case in context.cases), *([said[0]] if said else [])])
        reason = said[1] if said and said[0] is verdict else _reason(context, verdict)
        if leftovers:
            context.note(f"left behind: {'; '.join(leftovers)}")
            if verdict is Verdict.PASS:
                verdict, reason = Verdict.ERROR, f"not everything could be removed: {'; '.join(leftovers)}"
        record = CheckRecord(
            requirement=check.requirement,
            level=str(item.level),
            title=item.requirement.title,
            artifact=check.artifact,
            automated=True,
            verdict=verdict,
            reason=reason,
            started_at=started,
            duration_s=time.monotonic() - clock,
            cases=tuple(sorted(context.cases, key=lambda case: case.started_at)),
            log=tuple(context.log),
            api_requests=self.session.transcript.requests(actor),
            waits_s=waits.seconds,
            next_step=_next_step(check.on_fail, check.on_blocked, verdict=verdict),
        )
        self.listener(events.CheckFinished(record=record))
        return record

    async def _body(  # noqa: PLR0911 - one return for each kind of end
        self, context: Context, *, deadline: float
    ) -> tuple[Verdict, str] | None:
        """Run the body; what it raises outside of its cases is the check's own verdict."""
        try:
            async with asyncio.timeout_at(deadline):
                await context.metadata.body(context)
        except outcomes.Outcome as outcome:
            return outcome.verdict, outcome.reason
        except errors.Forbidden as error:
            return Verdict.BLOCKED, str(error)
        except errors.KubeError as error:
            return Verdict.ERROR, str(error)
        except TimeoutError:
            return Verdict.ERROR, f"the run's time-out of {self.timeout_s:.0f} s was reached; give more with --timeout"
        except asyncio.CancelledError:
            return Verdict.ERROR, "interrupted by the user"
        except Exception as error:  # noqa: BLE001 - the engine's edge: a bug becomes ERROR, with its traceback kept
            for line in traceback.format_exception(error):
                context.note(line.rstrip())
            return Verdict.ERROR, f"a bug of ai-conformance: {type(error).__name__}: {error}"
        return None

    async def _clean(self, context: Context, workspace: Workspace) -> list[str]:
        try:
            async with asyncio.timeout(CLEANUP_RESERVE_S):
                return [str(one) for one in await workspace.cleanup()]
        except errors.KubeError as error:
            return [f"cleaning up failed: {error}"]
        except TimeoutError:
            return [f"cleaning up took more than {CLEANUP_RESERVE_S:.0f} s"]
        except asyncio.CancelledError:
            context.note("the clean-up was interrupted as well; ai-conformance clean removes what is left")
            return ["the clean-up was interrupted; run: ai-conformance clean"]

    def _observer(self, requirement: str) -> Callable[[waiting.Waiting], None]:
        def tell(wait: waiting.Waiting) -> None:
            over = wait.waited_s is not None
            self.listener(events.Waiting(requirement=requirement, what=wait.what, since_s=wait.since, over=over))

        return tell


def _not_run(item: Item) -> CheckRecord:
    verdict = Verdict.SKIPPED if item.action is Action.SKIP else Verdict.NOT_TESTED
    return CheckRecord(
        requirement=item.requirement.id,
        level=str(item.level),
        title=item.requirement.title,
        artifact=item.artifact,
        automated=item.check is not None,
        verdict=verdict,
        reason=item.reason,
        started_at=datetime.now(UTC),
        duration_s=0.0,
        log=(LogLine(at=datetime.now(UTC), text=item.reason),),
    )


def _reason(context: Context, verdict: Verdict) -> str:
    same = [case for case in context.cases if case.verdict is verdict]
    if verdict is Verdict.PASS:
        return f"all {len(same)} cases passed"
    if not same:
        return "no case was run"
    first = same[0]
    name = f"{first.name}/{first.variant}" if first.variant else first.name
    more = f" (and {len(same) - 1} more)" if len(same) > 1 else ""
    return f"{name}: {first.reason}{more}"


def _next_step(on_fail: str, on_blocked: str, *, verdict: Verdict) -> str:
    match verdict:
        case Verdict.FAIL:
            return on_fail
        case Verdict.BLOCKED:
            return on_blocked
        case Verdict.ERROR:
            return "Look at the check's log in report.md; when the cluster answers again, run anew."
        case _:
            return ""
