"""What the state of a Job and of its pod means for somebody who wants the results; pure."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable, Sequence
from typing import Any

from ai_conformance.engine.in_cluster.objects import CONTAINER
from ai_conformance.kube import pods
from ai_conformance.kube.pods import Object, Phase

_LAST_WORDS = 600
"""Characters of a container's last output that are told: its end says most."""


class Stage(enum.Enum):
    """How far a run in the cluster is."""

    COMING = enum.auto()
    """Its container does not run yet."""
    RUNNING = enum.auto()
    DONE = enum.auto()
    """The results wait in the pod."""
    STUCK = enum.auto()
    """It will not begin: no image, a wrong configuration."""
    ENDED = enum.auto()
    """The container or its pod has ended, and with it the results."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Standing:
    """A stage, and in words what was seen."""

    stage: Stage
    seen: str


def of_pod(pod: Object) -> Standing:
    """How far the run in a pod is."""
    name = f"pod {pod['metadata'].get('namespace', '')}/{pod['metadata']['name']}"
    terminated = _state(pod).get("terminated")
    why = _disrupted(pod)
    if terminated is not None:
        said = terminated.get("reason") or "it ended"
        ended = f"{name}: {said} with exit code {terminated.get('exitCode')}{why}{_words(terminated)}"
        return Standing(stage=Stage.ENDED, seen=ended)
    if pods.phase(pod) in (Phase.SUCCEEDED, Phase.FAILED):
        status = pod.get("status") or {}
        said = f"{status.get('reason') or pods.phase(pod)}: {status.get('message') or 'no message'}"
        return Standing(stage=Stage.ENDED, seen=f"{name}: {said}{why}")
    stuck = pods.stuck_reason(pod)
    if stuck is not None:
        return Standing(stage=Stage.STUCK, seen=stuck)
    if pods.is_ready(pod):
        return Standing(stage=Stage.DONE, seen=f"{name}: the run has ended")
    if _state(pod).get("running") is not None:
        leaving = " and is being deleted" if pod["metadata"].get("deletionTimestamp") else ""
        return Standing(stage=Stage.RUNNING, seen=f"{name}: runs on node {pods.node_name(pod)}{leaving}{why}")
    waiting = (_state(pod).get("waiting") or {}).get("reason") or pods.phase(pod)
    unplaced = pods.unschedulable_reason(pod)
    return Standing(stage=Stage.COMING, seen=f"{name}: {f'no node takes it: {unplaced}' if unplaced else waiting}")


def pod_of(job: Object, among: Iterable[Object]) -> Object | None:
    """The newest pod that the Job has made."""
    mine = [
        pod
        for pod in among
        if any(owner.get("uid") == job["metadata"]["uid"] for owner in pod["metadata"].get("ownerReferences") or ())
    ]
    return max(mine, key=lambda pod: str(pod["metadata"].get("creationTimestamp")), default=None)


def of_job(job: Object, *, events: Sequence[Object]) -> str:
    """Why a Job has no pod, as far as it and its events tell."""
    status = job.get("status") or {}
    said = [
        f"{one['type']}: {one.get('reason') or ''}: {one.get('message') or 'no message'}"
        for one in status.get("conditions") or ()
        if one.get("status") == "True" and one.get("type") in ("Failed", "Suspended", "Complete")
    ]
    said += warnings(events)
    if (job.get("spec") or {}).get("suspend") and not said:
        said = ["it is suspended, by a queue perhaps"]
    return "; ".join(said) or "nothing is known of it"


def warnings(events: Sequence[Object]) -> list[str]:
    """What events complain of: for each reason the last, at most three."""
    by_reason: dict[Any, Object] = {}
    for one in sorted(events, key=lambda one: str(one.get("lastTimestamp") or one.get("eventTime") or "")):
        if one.get("type") == "Warning":
            by_reason[one.get("reason")] = one
    return [f"{one.get('reason')}: {one.get('message')}" for one in list(by_reason.values())[-3:]]


def _state(pod: Object) -> Object:
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    found = next((one for one in statuses if one.get("name") == CONTAINER), None)
    state: Object = (found or {}).get("state") or {}
    return state


def _disrupted(pod: Object) -> str:
    """Who has ended the pod, where somebody has: a drain, a pre-emption, the kubelet."""
    target = pods.condition(pod, "DisruptionTarget")
    if target is None or target.get("status") != "True":
        return ""
    return f" ({target.get('reason')}: {target.get('message') or 'no message'})"


def _words(terminated: Object) -> str:
    message = str(terminated.get("message") or "").strip()
    return f". Its last words: {message[-_LAST_WORDS:]}" if message else ""
