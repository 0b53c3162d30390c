"""The cases: what a monitoring system has to have collected of a workload, step by step."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.monitoring import judgements, patience, workload
from ai_conformance.checks.monitoring.judgements import Count
from ai_conformance.checks.monitoring.queries import Backend, NotAnswered, Series, quoted
from ai_conformance.kube import errors, pods

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ai_conformance.checks.context import Case, Context

_EXEC_S = 120.0
_SUM = "the requests that a workload has served"


@dataclasses.dataclass(kw_only=True)
class Story:
    """One declared workload and one that is not, and the system that should know of the first alone."""

    ctx: Context
    backends: Sequence[Backend]
    namespace: str
    pod: str
    run: str
    undeclared_pod: str
    undeclared_run: str
    address: str = ""
    """Of the declared pod, once it runs."""
    undeclared_address: str = ""
    sent: int = 0
    backend: Backend | None = None
    """The system that was seen to have the workload."""
    count: Count = dataclasses.field(default_factory=lambda: Count(metric=workload.REQUESTS))

    async def ask(self, metric: str, *, run: str | None = None) -> list[Series]:
        """A metric of one of our workloads, from the system that has it, else from all."""
        backends = [self.backend] if self.backend else self.backends
        query = f"{metric}{{{workload.RUN_LABEL}={quoted(self.run if run is None else run)}}}"
        return [one for backend in backends for one in await backend.ask(self.ctx.session, query)]

    async def send(self, count: int, *, pod: str = "") -> None:
        """Send requests; Blocked where the server itself has not served them all."""
        name = pod or self.pod
        done = await self.ctx.session.exec(
            self.namespace, name, workload.CONTAINER, workload.send(count), timeout_s=_EXEC_S
        )
        served = pods.results(done.stdout).get("SERVED") if done.exit_code == 0 else None
        if not pod:
            self.sent += count
        if served is None or (not pod and int(served) != self.sent):
            said = done.stderr.strip() or done.stdout.strip()
            raise outcomes.Blocked(f"pod {name} did not serve {count} requests (it counts {served}): {said[-200:]}")

    async def found(self, case: Case, *, ways: Sequence[str]) -> None:
        """A system has the workload's series. Raises Failed with what it has instead."""
        wait_s = self.ctx.seconds(waits.TARGET_FOUND)

        async def look() -> list[Series]:
            query = f"{workload.REQUESTS}{{{workload.RUN_LABEL}={quoted(self.run)}}}"
            silences = []
            for backend in self.backends:
                try:
                    seen = await backend.ask(self.ctx.session, query)
                except NotAnswered as silence:
                    silences.append(silence)
                    continue
                if seen:
                    self.backend = backend
                    return seen
            if silences:
                raise silences[0]
            return []

        try:
            seen = await patience.eventually(
                look, until=bool, timeout_s=wait_s, waiting_for="a workload to be discovered"
            )
        except errors.TimedOut as late:
            raise outcomes.Failed(await self._not_found(after_s=wait_s, ways=ways)) from late
        assert self.backend is not None
        jobs = sorted({one.labels.get("job", "") for one in seen})
        case.observe(f"{self.backend.where} collects from pod {self.namespace}/{self.pod}, by job {', '.join(jobs)}")

    async def _not_found(self, *, after_s: float, ways: Sequence[str]) -> str:
        """What a system says of the workload's pod or of its metric, when it does not have the series."""
        said = []
        for backend in self.backends:
            bare = await self._ours(backend, f'{workload.REQUESTS}{{{workload.RUN_LABEL}=""}}')
            if bare:
                said.append(f"{backend.where} has {bare[0]}, without the label {workload.RUN_LABEL}={self.run}")
                continue
            up = await self._ours(backend, f"up{{pod={quoted(self.pod)}}} or {_up_at(self.address)}")
            if up:
                said.append(f"{backend.where} has {up[0]}, and nothing else of it")
        seen = "; ".join(said) or "no system has a series or a target of it"
        return (
            f"pod {self.namespace}/{self.pod} was declared ({'; '.join(ways)}) and serves metrics, but after "
            f"{after_s:g} s its series cannot be found: {seen}"
        )

    async def _ours(self, backend: Backend, query: str) -> list[Series]:
        """The answer without what is of another run's workload, which may bear the same names."""
        answer = await backend.ask(self.ctx.session, query)
        return judgements.perhaps_of(answer, namespace=self.namespace, address=self.address)

    async def counted(self, case: Case, *, more: int) -> None:
        """Send requests; the counter has to become what was sent, and stay there."""
        await self.send(more)
        await self._reaches(self.sent)
        window_s = self.ctx.seconds(waits.COUNT_STAYS)

        async def look() -> str:
            value = judgements.one_value(await self.ask(workload.REQUESTS))
            # A scrape that was missed makes it absent until the next one; at the end it has to be there again.
            return "" if value is None else self.count.wrong(value, sent=self.sent)

        try:
            wrong = await patience.eventually(look, until=bool, timeout_s=window_s, waiting_for="a count to stay")
        except errors.TimedOut:
            await self._reaches(self.sent)
            case.observe(f"{workload.REQUESTS} became {self.sent}, as many as were sent, and stayed for {window_s:g} s")
            return
        raise outcomes.Failed(wrong)

    async def _reaches(self, sent: int) -> None:
        wait_s = self.ctx.seconds(waits.COLLECTED)

        async def look() -> float | None:
            value = judgements.one_value(await self.ask(workload.REQUESTS))
            wrong = "" if value is None else self.count.wrong(value, sent=sent)
            if wrong:
                raise outcomes.Failed(wrong)
            return value

        try:
            await patience.eventually(look, until=lambda seen: seen == sent, timeout_s=wait_s, waiting_for=_SUM)
        except errors.TimedOut as late:
            raise outcomes.Failed(
                f"{sent} requests were sent; after {wait_s:g} s {workload.REQUESTS} is {_shown(late.last)}"
            ) from late

    async def _until_right(self, look: Callable[[], Awaitable[str]], *, what: str) -> None:
        """Look until nothing is wrong: any single scrape may be missed. Raises Failed with what is wrong to the end."""
        wait_s = self.ctx.seconds(waits.COLLECTED)
        try:
            await patience.eventually(look, until=lambda wrong: not wrong, timeout_s=wait_s, waiting_for=what)
        except errors.TimedOut as late:
            raise outcomes.Failed(str(late.last)) from late

    async def histogram(self, case: Case) -> None:
        """Buckets, sum and count are there and say the same."""

        async def look() -> str:
            buckets = await self.ask(f"{workload.DURATION}_bucket")
            count = judgements.one_value(await self.ask(f"{workload.DURATION}_count"))
            total = judgements.one_value(await self.ask(f"{workload.DURATION}_sum"))
            case.keep("histogram.json", [{"labels": dict(one.labels), "value": one.value} for one in buckets])
            wrong = judgements.histogram(buckets, count=count, total_s=total, sent=self.sent)
            return f"histogram {workload.DURATION}: {'; '.join(wrong)}" if wrong else ""

        await self._until_right(look, what="a histogram to be collected")
        case.observe(f"{workload.DURATION} has buckets, sum and count, and {self.sent} observations in the last bucket")

    async def gauge(self, case: Case) -> None:
        """A gauge that is set to an unforeseeable value shows it."""
        value = 100 + self.ctx.session.chance.below(9000, of="gauge")
        done = await self.ctx.session.exec(
            self.namespace, self.pod, workload.CONTAINER, workload.set_queue(value), timeout_s=_EXEC_S
        )
        if done.exit_code != 0:
            raise outcomes.Blocked(f"pod {self.pod} cannot be told a value: {done.stderr.strip()}")
        wait_s = self.ctx.seconds(waits.COLLECTED)

        async def look() -> float | None:
            return next((one.value for one in await self.ask(workload.QUEUE) if one.value == value), None)

        try:
            await patience.eventually(
                look,
                until=lambda seen: seen is not None,
                timeout_s=wait_s,
                waiting_for="a gauge to follow",
            )
        except errors.TimedOut as late:
            has = judgements.one_value(await self.ask(workload.QUEUE))
            raise outcomes.Failed(
                f"{workload.QUEUE} was set to {value}; after {wait_s:g} s it is {_shown(has)}"
            ) from late
        case.observe(f"{workload.QUEUE} became {value} after it had been set")

    async def labels(self, case: Case) -> None:
        """The series says whose it is."""
        found: dict[str, str] = {}

        async def look() -> str:
            seen = await self.ask(workload.REQUESTS)
            named, missing = judgements.naming(seen, values={"namespace": self.namespace, "pod": self.pod})
            found.update(named)
            return f"{'; '.join(missing)}: {seen[0] if seen else 'no series'}" if missing else ""

        await self._until_right(look, what="labels that name namespace and pod")
        case.observe(f"namespace is in {found['namespace']}, the pod's name in {found['pod']}")

    async def up(self, case: Case) -> None:
        """The target is listed as up."""
        targets: list[Series] = []

        async def look() -> str:
            targets[:] = await self._targets()
            down = [str(one) for one in targets if one.value != 1]
            if down:
                return f"the workload's target is listed as down: {'; '.join(down)}"
            return "" if targets else f"{self.backend and self.backend.where} has no target up of the workload"

        await self._until_right(look, what="the target to be up")
        case.observe(f"{targets[0]}")

    async def _targets(self) -> list[Series]:
        """What tells of each target whose series the workload's are."""
        assert self.backend is not None
        targets: list[Series] = []
        for one in await self.ask(workload.REQUESTS):
            same = {key: one.labels[key] for key in ("job", "instance", "namespace", "pod") if key in one.labels}
            inside = ",".join(f"{key}={quoted(value)}" for key, value in same.items())
            targets += await self.backend.ask(self.ctx.session, f"up{{{inside}}}")
        return targets

    async def absent(self, case: Case) -> None:
        """Nothing is known of the workload that was not declared, though it runs and counts as well."""
        await self.send(3, pod=self.undeclared_pod)
        window_s = self.ctx.seconds(waits.COUNT_STAYS)

        async def look() -> str:
            seen = await self.ask("", run=self.undeclared_run)
            if not seen and self.undeclared_address:
                assert self.backend is not None
                seen = await self.backend.ask(self.ctx.session, _up_at(self.undeclared_address))
            return f"{seen[0]}" if seen else ""

        try:
            wrong = await patience.eventually(
                look,
                until=bool,
                timeout_s=window_s,
                waiting_for="an undeclared workload to stay unknown",
            )
        except errors.TimedOut:
            case.observe(
                f"pod {self.undeclared_pod} serves the same undeclared, and no series or target of it is there"
            )
            return
        raise outcomes.Failed(f"pod {self.undeclared_pod} was not declared, and the monitoring system has it: {wrong}")

    async def ends(self, case: Case, *, remove: Callable[[], Awaitable[None]]) -> None:
        """After the pod has gone, its series leaves the answers."""
        await remove()
        wait_s = self.ctx.seconds(waits.SERIES_ENDED)
        try:
            await patience.eventually(
                lambda: self.ask(workload.REQUESTS),
                until=lambda seen: not seen,
                timeout_s=wait_s,
                waiting_for="the series of a workload that has gone to end",
            )
        except errors.TimedOut as late:
            seen = await self.ask(workload.REQUESTS)
            raise outcomes.Failed(
                f"pod {self.pod} has gone, and {wait_s:g} s later its series is still there: {seen[0] if seen else ''}"
            ) from late
        case.observe(f"after pod {self.pod} had gone its series ended")


def _up_at(address: str) -> str:
    """A query for the targets at an address, whatever their port."""
    return f"up{{instance=~{quoted(re.escape(address) + '(:[0-9]+)?')}}}"


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else "not there"
