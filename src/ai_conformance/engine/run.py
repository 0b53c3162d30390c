"""Execute a plan: the checks side by side, each in its own namespaces, each cleaned up whatever happened to it."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ai_conformance import __version__
from ai_conformance.checks import inventory
from ai_conformance.checks.context import Context
from ai_conformance.checks.reservations import Reservations
from ai_conformance.engine import events
from ai_conformance.engine.execution import Execution, Phase, uncancel
from ai_conformance.engine.plan import Action
from ai_conformance.evidence import redaction
from ai_conformance.kube import clock, resources
from ai_conformance.kube.workspace import Workspace
from ai_conformance.model import names
from ai_conformance.model.records import CheckRecord, ClusterRecord, LogLine, RunRecord
from ai_conformance.model.verdicts import Verdict

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.checks.inventory import Inventory
    from ai_conformance.checks.options import Options
    from ai_conformance.engine.plan import Item, Plan
    from ai_conformance.evidence.recorder import Evidence
    from ai_conformance.kube.ledger import Ledger
    from ai_conformance.kube.session import Session

# Words of a recording.
RUN, OVER, INTERRUPTION = "run", "over", "interrupted"


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
        self._executions: dict[str, Execution] = {}
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
                uncancel()
                self._interrupt()

    def _interrupt(self) -> None:
        self._interruptions += 1
        self.note(INTERRUPTION, self._interruptions)
        reached = (Phase.BODY,) if self._interruptions == 1 else (Phase.BODY, Phase.CLEANING)
        if self.kept and self._inventory is not None:
            self._inventory.cancel()
        for name, task in self._checks.items():
            # Each has begun: its first step was queued before whatever brought us here.
            if self._executions[name].phase in reached:
                task.cancel()

    async def _take_inventory(self) -> Inventory:
        # One task for the whole run: the first check that asks starts it, and a cancelled check does not cancel it.
        if self._inventory is None:
            self._inventory = self._begin_inventory()
        return await asyncio.shield(self._inventory)

    def _begin_inventory(self) -> asyncio.Task[Inventory]:
        return asyncio.create_task(inventory.settled(self.session, catalog=self.catalog, options=self.options))

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
        """One check, with all that it may use."""
        check = item.check
        assert check is not None
        session = self.session.acting_as(f"check/{check.requirement}")
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
        )
        execution = Execution(
            item=item,
            context=context,
            listener=self.listener,
            redacted=self.evidence.redacted,
            timeout_s=self.timeout_s,
            is_given_up=lambda: self._interruptions > 1,
        )
        self._executions[check.requirement] = execution
        return await execution.conduct(deadline=deadline)


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
