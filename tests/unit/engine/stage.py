"""Fakes around the engine: a session, a workspace, and a plan with one check that a test writes."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from ai_conformance import catalog
from ai_conformance.checks.context import Context
from ai_conformance.checks.metadata import CaseInfo, CheckMetadata
from ai_conformance.checks.options import Options
from ai_conformance.engine import events
from ai_conformance.engine.plan import Action, Item, Plan
from ai_conformance.engine.run import Runner
from ai_conformance.evidence.recorder import Evidence
from ai_conformance.kube.cleanup import Leftover
from ai_conformance.kube.ledger import Ledger
from ai_conformance.kube.transcript import Transcript
from ai_conformance.model.records import CaseKind
from ai_conformance.model.releases import Release
from ai_conformance.model.requirements import Level

Body = Callable[[Context], Awaitable[None]]


class FakeSession:
    """Answers what a run itself asks."""

    transcript = Transcript()
    away_s = 0.0
    actor = "run"

    def silence_s(self, *, since: float) -> float:
        assert since < time.monotonic()
        return self.away_s

    def acting_as(self, _actor: str) -> FakeSession:
        return self

    async def version(self) -> Any:
        return SimpleNamespace(git_version="v1.37.2", major=1, minor=37)

    async def cluster_uid(self) -> str:
        return "uid-of-kube-system"

    async def count(self, _resource: object) -> int:
        return 2


@dataclasses.dataclass
class FakeWorkspace:
    """Counts clean-ups; they can leave something, fail, or last until an event."""

    left: list[Leftover | str] = dataclasses.field(default_factory=list)
    namespaces: list[str] = dataclasses.field(default_factory=list)
    trouble: Exception | None = None
    lasts_until: asyncio.Event | None = None
    begun: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)
    cleanups: int = 0

    async def cleanup(self, *, timeout_s: float) -> list[Leftover | str]:
        assert timeout_s > 0
        self.begun.set()
        if self.lasts_until is not None:
            await self.lasts_until.wait()
        self.cleanups += 1
        if self.trouble is not None:
            raise self.trouble
        return self.left


@dataclasses.dataclass
class Stage:
    """Makes a runner for one body."""

    folder: Path
    workspace: FakeWorkspace = dataclasses.field(default_factory=FakeWorkspace)
    session: FakeSession = dataclasses.field(default_factory=FakeSession)
    told: list[events.Event] = dataclasses.field(default_factory=list)

    def runner(self, body: Body, *, timeout_s: float = 60.0) -> Runner:
        """A run of gang_scheduling with that body; two cases are declared, ``Works`` and ``IsRefused``."""
        facts = catalog.load()
        requirement = facts.requirement("gang_scheduling")
        check = CheckMetadata(
            requirement=requirement.id,
            artifact="TestGangScheduling",
            summary="one thing",
            cases=(
                CaseInfo(name="Works", kind=CaseKind.POSITIVE, proves="it works"),
                CaseInfo(name="IsRefused", kind=CaseKind.NEGATIVE, proves="it is refused"),
            ),
            uses=(),
            images=(),
            waits=(),
            on_fail="repair it",
            on_blocked="make room",
            needs="nothing",
            accelerators_required=False,
            body=body,
        )
        item = Item(requirement=requirement, level=Level.MUST, action=Action.RUN, reason="", check=check)
        return Runner(
            plan=Plan(release=Release(1, 37), items=(item,)),
            session=cast(Any, self.session),
            catalog=facts,
            options=Options(),
            ledger=Ledger(self.folder / "ledger.jsonl"),
            evidence=Evidence(self.folder),
            listener=self.told.append,
            timeout_s=timeout_s,
        )
