"""A cluster of one node in memory, with a scheduler that is sound or broken in one way: for the story of a gang."""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Callable, Mapping
from typing import Any

from ai_conformance.kube import clock, errors
from ai_conformance.kube.streams import ExecResult

Object = dict[str, Any]


class Way(enum.Enum):
    """How the scheduler treats groups."""

    SOUND = enum.auto()
    PLAIN = enum.auto()
    SILENT = enum.auto()
    NEVER_AGAIN = enum.auto()
    TURNED_AWAY = enum.auto()
    """Sound, and the node turns away every pod that is placed there."""
    NOT_PULLED = enum.auto()
    """Sound, and the node has not been able to pull an image so far, and tries it again."""
    HEEDLESS = enum.auto()
    """Binds members without a look at what is free, and the node turns away what is too many."""


def _holds(pod: Object) -> bool:
    return "nodeName" in pod["spec"] and pod["status"]["phase"] in ("Pending", "Running")


def _condition(kind: str, status: str) -> Object:
    return {"type": kind, "status": status, "reason": "Unschedulable", "message": "no room"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Habits:
    """How one kind of scheduler knows groups, and what it writes about them."""

    group_of: Callable[[Object], str | None]
    """From a pod, the name of its group; None for an ordinary pod."""
    size_of: Callable[[Object, Object], int]
    """From a group's object (empty where there is none) and a member, how many members it has to have."""
    kind: str = "PodGroup"
    """Of the group's object; empty where there is none."""
    made_of_members: bool = False
    status: Callable[[bool], Object] = lambda fits: {}
    """Of the group's object, once it was looked at."""
    member_condition: bool = False
    """Whether members that wait say so themselves."""


def _annotation(pod: Object, key: str) -> str | None:
    found: str | None = pod["metadata"].get("annotations", {}).get(key)
    return found


def _label(pod: Object, key: str) -> str | None:
    found: str | None = pod["metadata"].get("labels", {}).get(key)
    return found


def _task_groups(pod: Object) -> Any:
    return json.loads(_annotation(pod, "yunikorn.apache.org/task-groups") or "[]")


HABITS: Mapping[str, Habits] = {
    "native": Habits(
        group_of=lambda pod: pod["spec"].get("schedulingGroup", {}).get("podGroupName"),
        size_of=lambda group, _pod: int(group["spec"]["schedulingPolicy"]["gang"]["minCount"]),
        status=lambda fits: {"conditions": [_condition("PodGroupInitiallyScheduled", str(fits))]},
    ),
    "kueue": Habits(
        kind="Workload",
        made_of_members=True,
        group_of=lambda pod: _label(pod, "kueue.x-k8s.io/pod-group-name"),
        size_of=lambda _group, pod: int(_annotation(pod, "kueue.x-k8s.io/pod-group-total-count") or 0),
        status=lambda fits: {"conditions": [_condition("QuotaReserved", str(fits))]},
    ),
    "volcano": Habits(
        group_of=lambda pod: _annotation(pod, "scheduling.k8s.io/group-name"),
        size_of=lambda group, _pod: int(group["spec"]["minMember"]),
        status=lambda fits: {
            "phase": "Running" if fits else "Pending",
            "conditions": [_condition("Scheduled" if fits else "Unschedulable", "True")],
        },
    ),
    "kai": Habits(
        group_of=lambda pod: _annotation(pod, "pod-group-name"),
        size_of=lambda group, _pod: int(group["spec"]["minMember"]),
        status=lambda fits: {} if fits else {"schedulingConditions": [_condition("UnschedulableOnNodePool", "True")]},
    ),
    "coscheduling": Habits(
        group_of=lambda pod: _label(pod, "scheduling.x-k8s.io/pod-group"),
        size_of=lambda group, _pod: int(group["spec"]["minMember"]),
        status=lambda fits: {"phase": "Running" if fits else "Scheduling"},
        member_condition=True,
    ),
    "yunikorn": Habits(
        kind="",
        group_of=lambda pod: _label(pod, "applicationId"),
        size_of=lambda _group, pod: int(_task_groups(pod)[0]["minMember"]),
        member_condition=True,
    ),
}


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

    def __init__(self, *, units: int, way: Way, habits: Habits | None = None) -> None:
        self.pods = View()
        self.groups = View()
        self._units = units
        self._way = way
        self._habits = habits or HABITS["native"]
        self._refused: set[str] = set()
        self.namespaces: list[str] = []
        self.landscape: Mapping[str, list[Object]] = {}

    async def create(self, manifest: Mapping[str, Any]) -> Object:
        made: Object = {**manifest, "metadata": {**manifest["metadata"], "uid": manifest["metadata"]["name"]}}
        key = (made["metadata"]["namespace"], made["metadata"]["name"])
        if made["kind"] == self._habits.kind and not self._habits.made_of_members:
            self.groups.objects[key] = made
        elif made["kind"] == "Pod":
            self.pods.objects[key] = made
            self._take_in(made)
        self._schedule()
        return made

    def _take_in(self, pod: Object) -> None:
        """As Kueue's webhook marks members, and its manager makes an object of them."""
        name = self._habits.group_of(pod)
        if self._habits.made_of_members and name is not None:
            pod["metadata"]["labels"] = {**pod["metadata"]["labels"], "kueue.x-k8s.io/managed": "true"}
            group: Object = {"kind": self._habits.kind, "metadata": {"name": name, "uid": name}}
            self.groups.objects.setdefault((pod["metadata"]["namespace"], name), group)

    async def delete(self, resource: Any, name: str, namespace: str, *, uid: str) -> None:
        view = self.pods if resource.kind == "Pod" else self.groups
        view.objects.pop((namespace, name), None)
        self._schedule()

    def silence_s(self, *, since: float) -> float:
        return 0.0

    async def list(self, resource: Any) -> Any:
        """Kueue's objects: one queue with more quota than anybody wants."""
        return type("Page", (), {"items": self.landscape.get(resource.kind, [])})

    async def exec(self, namespace: str, pod: str, *_: object, timeout_s: float) -> ExecResult:
        state = {"terminated": {"startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:00:02Z"}}
        status = {"phase": "Succeeded", "containerStatuses": [{"name": "member", "state": state}]}
        self.pods.objects[namespace, pod]["status"] = status
        return ExecResult(stdout="", stderr="", exit_code=0)

    def _free(self) -> int:
        held = [p for p in self.pods.objects.values() if _holds(p)]
        return self._units - len(held)

    def _schedule(self) -> None:
        waiting = [p for p in self.pods.objects.values() if "nodeName" not in p["spec"]]
        groups: dict[str, list[Object]] = {}
        for pod in waiting:
            name = self._habits.group_of(pod)
            if name is None or self._way in (Way.PLAIN, Way.HEEDLESS):
                if self._free() > 0 or (name is not None and self._way is Way.HEEDLESS):
                    self._place(pod)
            else:
                groups.setdefault(name, []).append(pod)
        for name, members in groups.items():
            self._group(name, members=members)

    def _group(self, name: str, *, members: list[Object]) -> None:
        group: Object = self.groups.objects.get((members[0]["metadata"]["namespace"], name), {})
        size = self._habits.size_of(group, members[0])
        again = self._way is not Way.NEVER_AGAIN or name not in self._refused
        if len(members) < size:
            return
        fits = self._free() >= size and again
        self._refused |= set() if fits else {name}
        for pod in members:
            if fits:
                self._place(pod)
            elif self._habits.member_condition and self._way is not Way.SILENT:
                pod["status"] = {"phase": "Pending", "conditions": [_condition("PodScheduled", "False")]}
        if self._way is not Way.SILENT:
            group["status"] = self._habits.status(fits)

    def _place(self, pod: Object) -> None:
        too_many = self._free() <= 0
        pod["spec"] = {**pod["spec"], "nodeName": "n1"}
        state = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
        pod["status"] = {"phase": "Running", "containerStatuses": [{"name": "member", "state": state}]}
        if self._way is Way.TURNED_AWAY or too_many:
            pod["status"] = {"phase": "Failed", "reason": "UnexpectedAdmissionError", "message": "no such device"}
        if self._way is Way.NOT_PULLED:
            state = {"waiting": {"reason": "ErrImagePull", "message": "no such host"}}
            pod["status"] = {
                "phase": "Pending",
                "startTime": clock.now().isoformat(),
                "containerStatuses": [{"name": "member", "image": "i", "state": state}],
            }
