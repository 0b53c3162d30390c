"""What can be said of a gang's members by looking at their pods; pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Object = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Refusal:
    """A group that cannot be placed says why."""

    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}" if self.message else self.reason


@dataclasses.dataclass(frozen=True, kw_only=True)
class Span:
    """When a pod's container ran; the end is open while it runs. Precision is a second (API reference, Time)."""

    pod: str
    started_at: datetime
    finished_at: datetime | None = None


def bound(members: Iterable[Object]) -> list[str]:
    """Which members have a node, as ``name on node``."""
    return [f"{pod['metadata']['name']} on {pod['spec']['nodeName']}" for pod in members if pod["spec"].get("nodeName")]


def running(members: Iterable[Object]) -> list[str]:
    """Names of the members whose containers all run."""
    return [pod["metadata"]["name"] for pod in members if is_running(pod)]


def is_running(pod: Object) -> bool:
    """Whether the pod is bound, runs, and is not being removed."""
    statuses = pod.get("status", {}).get("containerStatuses", ())
    return (
        pod.get("status", {}).get("phase") == "Running"
        and "deletionTimestamp" not in pod["metadata"]
        and bool(statuses)
        and all("running" in status.get("state", {}) for status in statuses)
    )


def span(pod: Object) -> Span | None:
    """When the pod's first container ran, or None where it never did."""
    for status in pod.get("status", {}).get("containerStatuses", ()):
        state = status.get("state", {})
        entry = state.get("terminated") or state.get("running")
        if entry and entry.get("startedAt"):
            finished = entry.get("finishedAt")
            return Span(
                pod=pod["metadata"]["name"],
                started_at=datetime.fromisoformat(entry["startedAt"]),
                finished_at=datetime.fromisoformat(finished) if finished else None,
            )
    return None


def overlap(spans: Iterable[Span]) -> bool:
    """Whether there is a moment at which all of them ran: the last one began before the first one ended."""
    all_spans = list(spans)
    ends = [one.finished_at for one in all_spans if one.finished_at is not None]
    return bool(all_spans) and (not ends or max(one.started_at for one in all_spans) <= min(ends))


def conditions(obj: Object) -> str:
    """An object's phase and all its conditions in words; empty where it has none."""
    status = obj.get("status", {})
    found = [*status.get("conditions", ()), *status.get("schedulingConditions", ())]
    said = [
        f"{one['type']} is {one['status']} ({one.get('reason', 'no reason')}: {one.get('message', '')})"
        for one in found
    ]
    return "; ".join([f"its phase is {status['phase']}", *said] if status.get("phase") else said)
