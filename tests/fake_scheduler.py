"""A cluster of one node in memory, with a scheduler that is sound or broken in one way: for the story of a gang."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any

from ai_conformance.kube import errors
from ai_conformance.kube.streams import ExecResult

Object = dict[str, Any]


class Way(enum.Enum):
    """How the scheduler treats groups."""

    SOUND = enum.auto()
    PLAIN = enum.auto()
    SILENT = enum.auto()
    NEVER_AGAIN = enum.auto()


class View:
    """In place of a mirror: nothing happens while somebody waits, so a wait is over at once."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str | None, str], Object] = {}

    async def until(self, predicate: Callable[[Any], Any], *, timeout_s: float, waiting_for: str) -> Any:
        found = predicate(self)
        if found is None:
            raise errors.TimedOut(waiting_for, after_s=timeout_s)
        return found

    async def throughout(self, violation: Callable[[Any], Any], *, seconds: float, watching_for: str) -> Any:
        return violation(self)


class FakeCluster:
    """Session and workspace in one, as far as a stage needs them."""

    def __init__(self, *, units: int, way: Way) -> None:
        self.pods = View()
        self.groups = View()
        self._units = units
        self._way = way
        self._refused: set[str] = set()

    async def create(self, manifest: Mapping[str, Any]) -> Object:
        made: Object = {**manifest, "metadata": {**manifest["metadata"], "uid": manifest["metadata"]["name"]}}
        key = (made["metadata"]["namespace"], made["metadata"]["name"])
        if made["kind"] == "PodGroup":
            self.groups.objects[key] = made
        elif made["kind"] == "Pod":
            self.pods.objects[key] = made
        self._schedule()
        return made

    async def delete(self, _resource: object, name: str, namespace: str, *, uid: str) -> None:
        self.pods.objects.pop((namespace, name), None)
        self._schedule()

    async def exec(self, namespace: str, pod: str, *_: object, timeout_s: float) -> ExecResult:
        state = {"terminated": {"startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:00:02Z"}}
        status = {"phase": "Succeeded", "containerStatuses": [{"name": "member", "state": state}]}
        self.pods.objects[namespace, pod]["status"] = status
        return ExecResult(stdout="", stderr="", exit_code=0)

    def _free(self) -> int:
        held = [p for p in self.pods.objects.values() if p.get("status", {}).get("phase") == "Running"]
        return self._units - len(held)

    def _schedule(self) -> None:
        waiting = [p for p in self.pods.objects.values() if "status" not in p]
        alone = [p for p in waiting if self._way is Way.PLAIN or "schedulingGroup" not in p["spec"]]
        for pod in alone[: self._free()]:
            _place(pod)
        for (_, name), group in self.groups.objects.items():
            self._group(name, group, members=[p for p in waiting if p not in alone and _group_of(p) == name])

    def _group(self, name: str, group: Object, *, members: list[Object]) -> None:
        size = group["spec"]["schedulingPolicy"]["gang"]["minCount"]
        again = self._way is not Way.NEVER_AGAIN or name not in self._refused
        if len(members) < size:
            return
        fits = self._free() >= size and again
        self._refused |= set() if fits else {name}
        for pod in members if fits else ():
            _place(pod)
        if self._way is not Way.SILENT:
            status = "True" if fits else "False"
            condition = {"type": "PodGroupInitiallyScheduled", "status": status, "reason": "Unschedulable"}
            group["status"] = {"conditions": [condition]}


def _group_of(pod: Object) -> str:
    return str(pod["spec"]["schedulingGroup"]["podGroupName"])


def _place(pod: Object) -> None:
    pod["spec"] = {**pod["spec"], "nodeName": "n1"}
    state = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
    pod["status"] = {"phase": "Running", "containerStatuses": [{"name": "member", "state": state}]}
