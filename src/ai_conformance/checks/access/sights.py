"""What containers see: waits for them by one view of each namespace's pods, and asks or reads.

What went wrong on the way is kept with the sight and raised in every case that needs it, so that each says why.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import device_probe, outcomes, waits
from ai_conformance.kube import errors, pods, resources
from ai_conformance.kube.summaries import summary

if TYPE_CHECKING:
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.device_probe import Seen
    from ai_conformance.checks.waits import Wait
    from ai_conformance.kube.mirror import Mirror

Object = Mapping[str, Any]

_PREPARE_FAILED = "FailedPrepareDynamicResources"  # the reason of the kubelet's event (pkg/kubelet/events)
_EXEC_S = 60.0  # a scan takes a fraction of a second; a busy node may take its time to start it


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sight:
    """What one container saw, or why that is not known."""

    pod: str
    container: str
    seen: Seen | None = None
    trouble: outcomes.Outcome | errors.KubeError | None = None

    def get(self) -> Seen:
        """What was seen; raises the trouble."""
        if self.trouble is not None:
            raise self.trouble
        assert self.seen is not None
        return self.seen

    def __str__(self) -> str:
        return f"container {self.container} of pod {self.pod}"


class Observer:
    """Looks into the containers of one namespace."""

    def __init__(self, ctx: Context, *, namespace: str, view: Mirror) -> None:
        self._ctx = ctx
        self.namespace = namespace
        self.view = view

    async def ask(self, pod: str, container: str, script: str) -> Sight:
        """Run the scan in a container that runs."""

        async def look() -> Seen:
            await self.running(pod, container)
            command = ["sh", "-c", script]
            answer = await self._ctx.session.exec(self.namespace, pod, container, command, timeout_s=_EXEC_S)
            return device_probe.parse(answer.stdout)

        return await _sight(look, pod=pod, container=container)

    async def read(self, pod: str, container: str, *, wait: Wait = waits.POD_RUNNING) -> Sight:
        """What a container said when it ended: its termination message, or its log where that is cut short."""

        async def look() -> Seen:
            ended = await self._container(pod, container, state="terminated", wait=wait)
            try:
                return device_probe.parse(str(ended.get("message") or ""))
            except errors.MalformedResult:
                return device_probe.parse(await self._ctx.session.logs(self.namespace, pod, container))

        return await _sight(look, pod=pod, container=container)

    async def running(self, pod: str, container: str) -> None:
        """Wait until a container runs. Raises Blocked where it cannot."""
        await self._container(pod, container, state="running")

    async def claim_name(self, pod: str) -> str:
        """The name of the ResourceClaim that was made for the pod."""

        def named(view: Mirror) -> str | None:
            found = view.get(pod)
            statuses = _status(found).get("resourceClaimStatuses") or ()
            return next((one["resourceClaimName"] for one in statuses if one.get("resourceClaimName")), None)

        timeout_s = self._ctx.seconds(waits.CLAIM_ALLOCATED)
        return await self.view.until(named, timeout_s=timeout_s, waiting_for=f"the ResourceClaim of pod {pod}")

    def object(self, pod: str) -> Object:
        """The pod as it was seen last."""
        return self.view.get(pod) or {}

    async def _container(
        self, pod: str, container: str, *, state: str, wait: Wait = waits.POD_RUNNING
    ) -> Mapping[str, Any]:
        """Wait for a container's state; returns its fields. Raises Blocked where it cannot get there."""

        def reached(view: Mirror) -> Mapping[str, Any] | None:
            found = view.get(pod)
            if found is None:
                return None
            now = container_state(found, container)
            if state in now:
                return now[state] or {}
            reason = pods.hopeless_reason(found)
            if reason is None and "terminated" in now:
                reason = f"container {container} of pod {pod} ended before it was asked"
            if reason is not None:
                raise outcomes.Blocked(reason)
            return None

        waiting_for = f"{state} container {container} of pod {pod}"
        try:
            return await self.view.until(
                reached,
                timeout_s=self._ctx.seconds(wait),
                waiting_for=waiting_for,
                last=lambda view: summary([found for found in [view.get(pod)] if found]),
            )
        except errors.TimedOut as over:
            last = self.view.get(pod)
            reason = pods.unschedulable_reason(last) if last else None
            if reason is not None:
                raise outcomes.Blocked(f"pod {pod} could not be placed: {reason}") from over
            stuck = pods.stuck_reason(last) if last else None
            if stuck is not None:
                raise outcomes.Blocked(stuck) from over
            said = await self._preparing(pod)
            if said is not None:
                raise outcomes.Blocked(f"pod {pod} was placed, but its accelerator was not prepared: {said}") from over
            raise

    async def _preparing(self, pod: str) -> str | None:
        """What the kubelet said last of preparing the pod's claims, where that failed."""
        selector = f"involvedObject.name={pod},reason={_PREPARE_FAILED}"
        events = await self._ctx.session.list(resources.EVENT, self.namespace, field_selector=selector)
        return next((str(event.get("message", "")) for event in reversed(events.items)), None)


async def _sight(look: Callable[[], Any], *, pod: str, container: str) -> Sight:
    try:
        return Sight(pod=pod, container=container, seen=await look())
    except (outcomes.Outcome, errors.KubeError) as trouble:
        return Sight(pod=pod, container=container, trouble=trouble)


def _status(pod: Object | None) -> Mapping[str, Any]:
    return (pod or {}).get("status") or {}


def container_state(pod: Object, container: str) -> Mapping[str, Any]:
    """The state of a container of any kind, as the API gives it: one of running, terminated, waiting, by its name."""
    return (container_status(pod, container) or {}).get("state") or {}


def container_status(pod: Object, container: str) -> Mapping[str, Any] | None:
    """The status of a container of any kind."""
    kinds = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")
    found = (one for kind in kinds for one in _status(pod).get(kind) or ())
    return next((one for one in found if one["name"] == container), None)
