"""Keeps the pool's real nodes in step with its Node objects: one look, one step, a watch until something changes."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import os
import threading
from collections.abc import Mapping
from typing import Any

from ai_conformance.lab import node_pool
from ai_conformance.lab.accelerators.api import MERGE_PATCH, ApiError, Client
from ai_conformance.lab.accelerators.flavours import Mechanism, flavour_of
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.node_pool import Way
from ai_conformance.lab.node_pool.members import Member, Members

Object = Mapping[str, Any]
_NODES = "/api/v1/nodes"
_WATCH_S = 300
_PAUSE_S = 1.0
_NOT_FOUND = 404


@dataclasses.dataclass(kw_only=True)
class Keeper:
    """One lab's. ``how`` remembers in which ways each node was made, for the fault may be gone when it ends."""

    members: Members
    api: Client
    how: dict[str, frozenset[Way]] = dataclasses.field(default_factory=dict)
    given_up: set[str] = dataclasses.field(default_factory=set)

    def run(self) -> None:
        """Until the process ends."""
        pause = threading.Event()
        while True:
            try:
                self._round()
            except (ApiError, OSError, http.client.HTTPException) as error:
                _say(f"the API server could not be asked: {error}")
                pause.wait(_PAUSE_S)  # it is away; there is nothing to wait on but time
            except LabError as error:
                _say(str(error))
                pause.wait(_PAUSE_S)

    def _round(self) -> None:
        listing = self.api.request("GET", f"{_NODES}?labelSelector={node_pool.POOL_LABEL}")
        objects = {item["metadata"]["name"]: item for item in listing["items"]}
        self.given_up &= objects.keys()
        if self._step(objects):
            return
        version = listing["metadata"]["resourceVersion"]
        path = f"{_NODES}?labelSelector={node_pool.POOL_LABEL}&resourceVersion={version}"
        events = self.api.watch(path, timeout_s=_WATCH_S)
        with contextlib.closing(events):  # type: ignore[type-var]  # a generator, closed to end its connection
            next(events, None)

    def _step(self, objects: Mapping[str, Object]) -> bool:
        """Do the first thing that has to be done; False where nothing has."""
        present = self.members.present()
        for name, member in present.items():
            if name not in objects:
                self._end(member)
                return True
            if not member.complete:
                _say(f"{member.name} was not started whole; beginning anew")
                self._clear_away(member)
                return True
        for name, obj in objects.items():
            leaving = bool(obj["metadata"].get("deletionTimestamp"))
            if name not in present and not leaving and name not in self.given_up:
                self._start(name)
                return True
            if name in present and leaving and obj["metadata"].get("finalizers") == [node_pool.STAYS]:
                self.members.stop_kubelet(present[name])
            if name in present and not leaving and self._has_come_up(obj):
                self._accept(obj)
                return True
        return False

    def _start(self, name: str) -> None:
        wrong = node_pool.ways(self.members.lab.state)
        self.how[name] = wrong
        _say(f"starting a node for {name}")
        try:
            if Way.KUBELET_ONLY in wrong:
                self._patch(name, {"metadata": {"finalizers": self._finalizers(name)}})
            self._promise_nothing(name)
            member = self.members.start(name, wrong=wrong)
        except (LabError, OSError) as error:
            _say(f"{name} could not be started: {error}")
            self.given_up.add(name)
            if name in (left := self.members.present()):
                self._clear_away(left[name])
            return
        _say(f"{name} is {member.name}, its devices are published")
        if Way.TOUCHES_OTHERS in wrong:
            other = self.members.lab.options.node_names[-1]
            touched = {"metadata": {"annotations": {node_pool.TOUCHED: "yes"}}, "spec": {"unschedulable": True}}
            self._patch(other, touched)

    def _promise_nothing(self, name: str) -> None:
        """Take out of a node's status what the provider has promised; a kubelet believes what it finds there."""
        allocatable = self.api.request("GET", f"{_NODES}/{name}").get("status", {}).get("allocatable", {})
        nothing = {key: None for key in allocatable if "/" in key}
        if nothing:
            self._patch(f"{name}/status", {"status": {"capacity": nothing, "allocatable": nothing}})

    def _finalizers(self, name: str) -> list[str]:
        there = self.api.request("GET", f"{_NODES}/{name}")["metadata"].get("finalizers", [])
        return [*there, node_pool.STAYS]

    def _has_come_up(self, obj: Object) -> bool:
        """The kubelet itself says that it is ready, with all devices of the plugin; and the taint is still there."""
        status = obj.get("status", {})
        if not any(taint["key"] == node_pool.STARTING for taint in obj["spec"].get("taints", [])):
            return False
        ready = any(one["type"] == "Ready" and one["status"] == "True" for one in status.get("conditions", []))
        options = self.members.options_of(self.how.get(obj["metadata"]["name"], frozenset()))
        plugin = options.accelerators and Mechanism.DEVICE_PLUGIN in options.mechanism.singles
        offered = status.get("allocatable", {}).get(flavour_of(options.vendor).extended_resource, "0")
        return ready and (not plugin or offered == str(options.accelerators))

    def _accept(self, obj: Object) -> None:
        left = [taint for taint in obj["spec"]["taints"] if taint["key"] != node_pool.STARTING]
        version = obj["metadata"]["resourceVersion"]
        name = obj["metadata"]["name"]
        try:
            self._patch(name, {"metadata": {"resourceVersion": version}, "spec": {"taints": left}})
        except ApiError as error:
            if error.status != http.client.CONFLICT:  # it has changed: the next round looks anew
                raise
            return
        _say(f"{name} takes pods")

    def _end(self, member: Member) -> None:
        self._clear_away(member)
        name = member.object_name
        _say(f"{member.name} has ended, since {name} is gone")
        self.how.pop(name, None)
        # A kubelet that came up while its object was being deleted has made another, without the pool's label.
        with contextlib.suppress(ApiError):
            self.api.request("DELETE", f"{_NODES}/{name}")

    def _clear_away(self, member: Member) -> None:
        self.members.end(member)
        _reap()

    def _patch(self, name: str, body: Object) -> None:
        try:
            self.api.request("PATCH", f"{_NODES}/{name}", body=body, content_type=MERGE_PATCH)
        except ApiError as error:
            if error.status != _NOT_FOUND:
                raise


def _reap() -> None:
    """Collect children that ended with their node; nobody else waits for them."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the process's log
