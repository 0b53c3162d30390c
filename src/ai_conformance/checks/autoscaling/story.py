"""What an autoscaler has to do, and must not do, while the load of its pods is set from outside."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import holding, outcomes, waits
from ai_conformance.checks.autoscaling import workload
from ai_conformance.checks.together import together
from ai_conformance.kube import errors, pods, poll, resources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_conformance.checks.autoscaling.pipeline import MetricsApi
    from ai_conformance.checks.context import Case, Context
    from ai_conformance.checks.inventory import Supply
    from ai_conformance.kube.mirror import Mirror

Object = dict[str, Any]
_EXEC_S = 60.0
_LOOK_S = 0.5
_TURNED_AWAY = 10
"""A node that has turned away so many replicas, about one a second, does not only need a moment; more would pile up."""
WORKERS, DECOY, SCALER, BLIND = "workers", "decoy", "by-load", "by-nothing"


@dataclasses.dataclass(kw_only=True)
class Story:
    """The Deployment, its pods and its autoscaler."""

    ctx: Context
    supply: Supply
    api: MetricsApi
    namespace: str
    pods: Mirror
    scalers: Mirror

    def workers(self) -> list[Mapping[str, Any]]:
        """The Deployment's pods that are to serve: not on their way out, and not failed, for those are replaced."""
        return [pod for pod in self._replicas() if pods.phase(pod) is not pods.Phase.FAILED]

    def _replicas(self) -> list[Mapping[str, Any]]:
        return [
            pod
            for pod in self.pods.objects.values()
            if (pod["metadata"].get("labels") or {}).get(workload.APP) == WORKERS
            and not pod["metadata"].get("deletionTimestamp")
        ]

    def _none_may_be_stuck(self) -> None:
        """Raises Blocked for a worker that cannot come up, or where one after the other was turned away by its node."""
        turned_away = self._turned_away()
        stuck = [reason for pod in self.workers() if (reason := pods.hopeless_reason(pod))]
        stuck += turned_away if len(turned_away) >= _TURNED_AWAY else ()
        if stuck:
            raise outcomes.Blocked(stuck[0])

    def _turned_away(self) -> list[str]:
        """Why replicas have failed, which they do only where their node does not take or keep them."""
        failed = (pod for pod in self._replicas() if pods.phase(pod) is pods.Phase.FAILED)
        return [reason for pod in failed if (reason := pods.stuck_reason(pod))]

    def says(self, name: str = SCALER) -> str:
        """What an autoscaler tells of itself."""
        return workload.says(self.scalers.get(name) or {})

    async def set_load(self, value: int) -> None:
        """All workers have this load from now on. Raises Blocked for one that cannot be told."""
        await self._can_hear()
        session = self.ctx.session
        names = [pod["metadata"]["name"] for pod in self.workers() if pods.is_ready(pod)]
        done = await together(
            session.exec(self.namespace, name, workload.CONTAINER, list(workload.set_load(value)), timeout_s=_EXEC_S)
            for name in names
        )
        deaf = {name: one for name, one in zip(names, done, strict=True) if one.exit_code}
        if not deaf:
            return
        # A pod that is being scaled down ends its commands with itself, and needs no load any more.
        there = (await session.list(resources.POD, self.namespace)).items
        staying = {pod["metadata"]["name"] for pod in there if not pod["metadata"].get("deletionTimestamp")}
        told = [
            f"{name}: exit code {one.exit_code} {one.stderr}".strip() for name, one in deaf.items() if name in staying
        ]
        if told:
            raise outcomes.Blocked(f"a pod cannot be told its load: {'; '.join(told)}")

    async def _can_hear(self) -> None:
        """All workers are ready; one that is not for a moment would keep its old load, and the autoscaler be blamed."""

        def look(_: Mirror) -> bool | None:
            self._none_may_be_stuck()
            workers = self.workers()
            return True if workers and all(map(pods.is_ready, workers)) else None

        wait_s = self.ctx.seconds(waits.POD_RUNNING)
        try:
            await self.pods.until(look, timeout_s=wait_s, waiting_for="all workers to be ready for their load")
        except errors.TimedOut as late:
            raise outcomes.Blocked(
                f"a pod cannot be told its load, for after {wait_s:g} s not all are ready: {self._why_not(late)}"
            ) from late

    async def ready(self, count: int, *, why: str) -> None:
        """So many workers are ready. Raises Blocked for what is no autoscaler's fault: capacity, images."""

        def look(_: Mirror) -> bool | None:
            self._none_may_be_stuck()
            workers = self.workers()
            decoy = self.pods.get(DECOY)
            fine = [pod for pod in workers if pods.is_ready(pod)]
            return True if len(fine) == len(workers) == count and decoy and pods.is_ready(decoy) else None

        wait_s = self.ctx.seconds(waits.POD_RUNNING)
        try:
            await self.pods.until(look, timeout_s=wait_s, waiting_for=f"{count} workers, {why}")
        except errors.TimedOut as late:
            raise outcomes.Blocked(
                f"{why}, but not all of {count} pods are ready after {wait_s:g} s: "
                f"{self._why_not(late)} ({self.supply})"
            ) from late

    def _why_not(self, late: errors.TimedOut) -> str:
        reasons = [
            reason for pod in self.workers() if (reason := pods.unschedulable_reason(pod) or pods.stuck_reason(pod))
        ]
        return "; ".join(reasons or self._turned_away()[-1:]) or str(late.last)

    async def reaches_the_api(self, case: Case) -> None:
        """An unforeseeable load of the pod is what the metrics API says of it."""
        (pod,) = self.workers()
        name = pod["metadata"]["name"]
        low, high = workload.LOW
        value = low + self.ctx.session.chance.below(high - low, of="load")
        await self.set_load(value)
        wait_s = self.ctx.seconds(waits.TARGET_FOUND)
        try:
            await poll.eventually(
                lambda: self.api.says(self.ctx, namespace=self.namespace, pod=name, metric=workload.METRIC),
                until=lambda seen: seen == value,
                timeout_s=wait_s,
                waiting_for="a custom metric to reach the metrics API",
                interval_s=_LOOK_S,
            )
        except errors.TimedOut as late:
            said = f"says {late.last:g}" if isinstance(late.last, float) else late.last
            raise outcomes.Failed(
                f"the metrics pipeline: {workload.METRIC} of pod {name} is {value}, and after {wait_s:g} s "
                f"{self.api.service} {said}"
            ) from late
        case.observe(f"{self.api.service} says {value} of pod {name}, which was set")

    async def stays(self, case: Case) -> None:
        """Below the target: the autoscaler sees the metric, and nothing moves for a window."""
        await self._active(case)
        window_s = self.ctx.seconds(waits.SCALING_REFUSAL)
        moved = await self.scalers.throughout(
            lambda _: self._desires_other_than(1), seconds=window_s, watching_for="an autoscaler that has no reason"
        )
        if moved:
            raise outcomes.Failed(f"all workers are below the target of {workload.TARGET}, and it scaled: {moved}")
        case.observe(f"for {window_s:g} s below the target it stayed at one pod: {self.says()}")

    def _desires_other_than(self, count: int, name: str = SCALER) -> str | None:
        status = (self.scalers.get(name) or {}).get("status") or {}
        desired = status.get("desiredReplicas", count)
        return None if desired in (0, count) else self.says(name)

    async def _active(self, case: Case) -> None:
        """The autoscaler says that it can see the metric. Raises Failed with what it says instead."""

        def look(_: Mirror) -> bool | None:
            active = pods.condition(self.scalers.get(SCALER) or {}, "ScalingActive")
            return True if active is not None and active["status"] == "True" else None

        wait_s = self.ctx.seconds(waits.SCALED)
        try:
            await self.scalers.until(look, timeout_s=wait_s, waiting_for="an autoscaler to see its metric")
        except errors.TimedOut as late:
            raise outcomes.Failed(
                f"the metrics API has {workload.METRIC}, and the autoscaler does not see it: {self.says()}"
            ) from late
        case.observe(self.says())

    async def scales(self, case: Case, *, to: int, load: int) -> None:
        """With this load it comes to so many pods, all of them ready."""
        await self.set_load(load)
        wait_s = self.ctx.seconds(waits.SCALED)

        def desired(_: Mirror) -> bool | None:
            status = (self.scalers.get(SCALER) or {}).get("status") or {}
            return True if status.get("desiredReplicas") == to else None

        try:
            await self.scalers.until(desired, timeout_s=wait_s, waiting_for=f"an autoscaler to want {to} pods")
        except errors.TimedOut as late:
            raise outcomes.Failed(await self._did_not_scale(load=load, to=to, after_s=wait_s)) from late
        case.observe(self.says())
        await self.ready(to, why=f"the autoscaler wants {to} pods")
        case.observe(f"{to} pods are ready at a load of {load} each and a target of {workload.TARGET}")

    async def _did_not_scale(self, *, load: int, to: int, after_s: float) -> str:
        names = [pod["metadata"]["name"] for pod in self.workers()]
        values = await together(
            self.api.says(self.ctx, namespace=self.namespace, pod=name, metric=workload.METRIC) for name in names
        )
        wrong = [f"{name}: {value}" for name, value in zip(names, values, strict=True) if value != load]
        whose = f"the metrics pipeline says {', '.join(wrong)}" if wrong else "the metrics API says so; the autoscaler"
        return f"all pods have a load of {load} since {after_s:g} s, and it does not want {to}: {whose}: {self.says()}"

    async def differ(self, case: Case) -> None:
        """Both pods hold a device, and not the same."""
        vendor = self.supply.vendor
        assert vendor is not None
        seen = {}
        for pod in self.workers():
            name = pod["metadata"]["name"]
            found = await holding.look(
                self.ctx, namespace=self.namespace, pod=name, container=workload.CONTAINER, vendor=vendor
            )
            wrong = holding.trouble(found)
            if wrong:
                raise outcomes.Blocked(f"pod {name} {wrong}; {holding.JUDGED_BY}")
            seen[name] = found.devices[0]
        if len({one.physical for one in seen.values()}) < len(seen):
            same = ", ".join(map(str, seen.values()))
            raise outcomes.Blocked(f"both pods hold the same device: {same}; {holding.JUDGED_BY}")
        case.observe("; ".join(f"{name}: {device}" for name, device in seen.items()))

    async def blind(self, case: Case) -> None:
        """A metric that does not exist: the autoscaler says so, and nothing moves."""

        def look(_: Mirror) -> bool | None:
            active = pods.condition(self.scalers.get(BLIND) or {}, "ScalingActive")
            return None if active is None else active["status"] == "False"

        wait_s = self.ctx.seconds(waits.SCALED)
        try:
            said_no = await self.scalers.until(look, timeout_s=wait_s, waiting_for="an autoscaler to miss its metric")
        except errors.TimedOut as late:
            raise outcomes.Failed(
                f"there is no metric {workload.MISSING_METRIC}, and the autoscaler does not say so: {self.says(BLIND)}"
            ) from late
        if not said_no:
            raise outcomes.Failed(
                f"there is no metric {workload.MISSING_METRIC}, and the autoscaler sees it: {self.says(BLIND)}"
            )
        window_s = self.ctx.seconds(waits.SCALING_REFUSAL)
        moved = await self.scalers.throughout(
            lambda _: self._desires_other_than(1, BLIND), seconds=window_s, watching_for="a blind autoscaler"
        )
        if moved:
            raise outcomes.Failed(f"without a metric it scaled: {moved}")
        case.observe(self.says(BLIND))
