"""What a check is given, and how its cases are recorded.

The engine makes one `Context` for each check. A case is an asynchronous context manager that turns what its body
raises into a verdict: an outcome into that verdict, trouble with the API into ERROR (a refused permission into
BLOCKED). Anything else is a bug: the case is recorded as ERROR and the exception goes on to the engine's edge.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from ai_conformance.checks import outcomes, refusals
from ai_conformance.kube import clock, errors
from ai_conformance.kube.recording import place
from ai_conformance.model.records import CaseRecord, LogLine
from ai_conformance.model.verdicts import Verdict

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.checks.inventory import Inventory
    from ai_conformance.checks.metadata import CheckMetadata
    from ai_conformance.checks.options import Options
    from ai_conformance.checks.reservations import Reservations
    from ai_conformance.checks.waits import Wait
    from ai_conformance.kube.session import Session
    from ai_conformance.kube.workspace import Workspace


class EvidenceStore(Protocol):
    """Where a case leaves its evidence; returns the path relative to the run's folder."""

    def write_json(self, name: str, content: Any) -> str:
        """Keep an object of the API or any other data."""

    def write_text(self, name: str, content: str) -> str:
        """Keep a log."""

    def requests(self) -> str | None:
        """What was asked for the case and answered, if that is kept."""


class Case:
    """A case while it runs."""

    def __init__(self, *, store: EvidenceStore) -> None:
        self._store = store
        self.observed: list[str] = []
        self.evidence: list[str] = []
        self.log: list[LogLine] = []

    def observe(self, text: str) -> None:
        """Note something that was seen; the last note of a passed case is its reason."""
        self.observed.append(text)
        self.log.append(LogLine(at=clock.now(), text=text))

    def keep(self, name: str, content: Any) -> None:
        """Keep an object or a text as evidence."""
        path = (
            self._store.write_text(name, content) if isinstance(content, str) else self._store.write_json(name, content)
        )
        if path not in self.evidence:
            self.evidence.append(path)

    def keep_requests(self) -> None:
        """Name what was asked for this case among its evidence."""
        path = self._store.requests()
        if path is not None:
            self.evidence.append(path)


INTERRUPTED = "interrupted before it was decided"
"""The reason of a case that was cut short: by the user, or by what ended the check beside it."""
SETTLES_S = 60.0
"""So long after a silence of the API server components may still be at their back-offs, which go to half a minute."""


@dataclasses.dataclass(kw_only=True)
class Context:
    """All that a check may use."""

    metadata: CheckMetadata
    session: Session
    workspace: Workspace
    catalog: Catalog
    options: Options
    reservations: Reservations
    inventory: Callable[[], Any]
    """Awaitable factory of the accelerator `Inventory`, taken once for the whole run."""
    store: Callable[[str, str], EvidenceStore]
    """Makes the evidence store of a case from its name and variant."""
    on_case: Callable[[CaseRecord], None] = lambda _record: None
    judged_webhooks: set[str] = dataclasses.field(default_factory=set)
    """Names of webhooks that the check is about: what they refuse is for its cases to judge."""
    cases: list[CaseRecord] = dataclasses.field(default_factory=list)
    log: list[LogLine] = dataclasses.field(default_factory=list)

    def seconds(self, wait: Wait) -> float:
        """How long a named wait may take in this run."""
        return wait.seconds(self.options.profile)

    def image(self, name: str) -> str:
        """The reference under which an image of the catalog is pulled in this run."""
        return self.options.image(name, default=self.catalog.image(name))

    def note(self, text: str) -> None:
        """A line of the check's own log, outside any case."""
        self.log.append(LogLine(at=clock.now(), text=text))

    async def accelerators(self) -> Inventory:
        """The accelerators of the cluster; read once for the whole run and shared by its checks."""
        found: Inventory = await self.inventory()
        return found

    @contextlib.asynccontextmanager
    async def case(self, name: str, *, expected: str, variant: str = "") -> AsyncIterator[Case]:
        """Run one declared case. Its outcome is recorded, never raised, so that the other cases still run."""
        info = self.metadata.case(name)
        case = Case(store=self.store(name, variant))
        started, begun = clock.now(), clock.monotonic()
        verdict, reason = Verdict.ERROR, "interrupted"
        try:
            with place.within(place.CaseName(name=name, variant=variant)):
                yield case
        except outcomes.Outcome as outcome:
            verdict, reason = await refusals.explained(self, outcome.verdict, outcome.reason, error=outcome)
        except errors.Forbidden as error:
            verdict, reason = Verdict.BLOCKED, str(error)
        except errors.KubeError as error:
            verdict, reason = await refusals.explained(self, Verdict.ERROR, str(error), error=error)
        except asyncio.CancelledError:
            reason = INTERRUPTED
            raise
        except BaseException as error:  # a bug: noted on its case, and raised on to the engine's edge
            reason = f"{type(error).__name__}: {error}"
            raise
        else:
            verdict, reason = Verdict.PASS, case.observed[-1] if case.observed else info.proves
        finally:
            verdict, reason = self.judged(verdict, reason, since=begun)
            if verdict is not Verdict.PASS:
                case.log.append(LogLine(at=clock.now(), text=f"{verdict}: {reason}"))
            case.keep_requests()
            record = CaseRecord(
                name=name,
                variant=variant,
                kind=info.kind,
                verdict=verdict,
                reason=reason,
                expected=expected,
                observed=tuple(case.observed),
                started_at=started,
                duration_s=clock.monotonic() - begun,
                evidence=tuple(case.evidence),
                log=tuple(case.log),
            )
            self.cases.append(record)
            self.on_case(record)

    def judged(self, verdict: Verdict, reason: str, *, since: float) -> tuple[Verdict, str]:
        """What was not seen to come while the server was away, or soon after, says nothing against the platform."""
        if verdict not in (Verdict.FAIL, Verdict.BLOCKED):
            return verdict, reason
        silence_s = self.session.silence_s(since=since - SETTLES_S)
        if silence_s == 0:
            return verdict, reason
        away = f"the API server did not answer for {silence_s:.1f} s, and this may come of that; run it again"
        return Verdict.ERROR if verdict is Verdict.FAIL else verdict, f"{reason} ({away})"

    def cut_short(self, reason: str) -> None:
        """What was going on when the check was blocked from without is blocked with it, and no error of its own."""
        for index, record in enumerate(self.cases):
            if record.reason == INTERRUPTED:
                self.cases[index] = dataclasses.replace(record, verdict=Verdict.BLOCKED, reason=f"cut short: {reason}")

    def missed(self, names: Mapping[str, str]) -> list[CaseRecord]:
        """The records of declared cases that never ran, with the reason given for each by name."""
        now = clock.now()
        seen = {record.name for record in self.cases}
        return [
            CaseRecord(
                name=info.name,
                kind=info.kind,
                verdict=Verdict.NOT_TESTED,
                reason=names.get(info.name, "the check ended before this case"),
                expected=info.proves,
                started_at=now,
                duration_s=0.0,
            )
            for info in self.metadata.cases
            if info.name not in seen
        ]
