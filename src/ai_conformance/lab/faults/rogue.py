"""A rogue binder: `python -m ai_conformance.lab.faults.rogue`, a process that breaks gangs apart.

It watches for pods of a scheduling group that the scheduler has refused, and binds one member of each such group to a
node through the Binding API, as a second scheduler or an impatient operator might. It ends when the file that keeps it
alive is gone.
"""

from __future__ import annotations

import argparse
import http.client
import select
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ai_conformance.lab.accelerators import inotify
from ai_conformance.lab.accelerators.api import ApiError, Client

_WATCH_S = 300


def group_of(pod: Mapping[str, Any]) -> tuple[str, str] | None:
    """Namespace and name of the pod's group; None for a pod without one. 1.36 and 1.37 name the field differently."""
    group = pod["spec"].get("schedulingGroup") or pod["spec"].get("workloadRef")
    if not group:
        return None
    name = group.get("podGroupName") or group.get("name")
    return (pod["metadata"]["namespace"], str(name)) if name else None


def refused(pod: Mapping[str, Any]) -> bool:
    """The scheduler has looked at the pod and said no."""
    if pod["spec"].get("nodeName") or pod["metadata"].get("deletionTimestamp"):
        return False
    return any(
        condition["type"] == "PodScheduled" and condition["status"] == "False"
        for condition in pod["status"].get("conditions", [])
    )


def binding(pod: Mapping[str, Any], *, node: str) -> dict[str, Any]:
    """The Binding that puts a pod on a node."""
    return {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": pod["metadata"]["name"], "namespace": pod["metadata"]["namespace"]},
        "target": {"apiVersion": "v1", "kind": "Node", "name": node},
    }


def node_for(
    pod: Mapping[str, Any], *, nodes: Sequence[Mapping[str, Any]], pods: Sequence[Mapping[str, Any]]
) -> str | None:
    """The node that the pod's node selector allows and that has most left of the devices which the pod asks for.

    A full node would refuse the pod, and nobody would see it run.
    """
    selector = pod["spec"].get("nodeSelector", {}).items()
    allowed = [node for node in nodes if selector <= node["metadata"]["labels"].items()]
    wanted = {name for name, _ in _devices_asked_for(pod)}

    def left(node: Mapping[str, Any]) -> int:
        name = node["metadata"]["name"]
        offered = sum(int(count) for key, count in node["status"]["allocatable"].items() if key in wanted)
        here = [entry for entry in pods if entry["spec"].get("nodeName") == name]
        ended = ("Succeeded", "Failed")
        held = [
            asked for entry in here if entry["status"].get("phase") not in ended for asked in _devices_asked_for(entry)
        ]
        return offered - sum(count for key, count in held if key in wanted)

    return str(max(allowed, key=left)["metadata"]["name"]) if allowed else None


def _devices_asked_for(pod: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Extended resources with their counts; only they have a domain in their name."""
    return [
        (name, int(count))
        for container in pod["spec"].get("containers", [])
        for name, count in container.get("resources", {}).get("limits", {}).items()
        if "/" in name
    ]


class Rogue:
    """Remembers the groups that it has broken: one member each."""

    def __init__(self, api: Client) -> None:
        self._api = api
        self._done: set[tuple[str, str]] = set()

    def run(self, *, started: threading.Event) -> None:
        """Watch until the process ends."""
        pause = threading.Event()
        while True:
            try:
                self._follow(started)
            except (ApiError, OSError, http.client.HTTPException, ValueError) as error:
                print(f"rogue: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the process's log
                pause.wait(1)  # the server is away; there is nothing to wait on but time

    def _follow(self, started: threading.Event) -> None:
        found = self._api.request("GET", "/api/v1/pods")
        started.set()
        for pod in found["items"]:
            self._consider(pod)
        version = found["metadata"]["resourceVersion"]
        for event in self._api.watch(f"/api/v1/pods?resourceVersion={version}", timeout_s=_WATCH_S):
            if event["type"] in ("ADDED", "MODIFIED"):
                self._consider(event["object"])

    def _consider(self, pod: Mapping[str, Any]) -> None:
        group = group_of(pod)
        if group is None or group in self._done or not refused(pod):
            return
        nodes, pods = (self._api.request("GET", f"/api/v1/{kind}")["items"] for kind in ("nodes", "pods"))
        node = node_for(pod, nodes=nodes, pods=pods)
        if node is None:
            return
        path = f"/api/v1/namespaces/{group[0]}/pods/{pod['metadata']['name']}/binding"
        self._api.request("POST", path, body=binding(pod, node=node))
        self._done.add(group)


def serve(run: Callable[[Client, threading.Event], None], *, description: str) -> None:
    """The entry point of such a process: run, say when it has begun, end when the file is gone."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--while", dest="record", type=Path, required=True, help="end when this file is gone")
    options = parser.parse_args()
    started = threading.Event()
    with inotify.Watch() as watch:
        watch.add(options.record.parent)
        client = Client.with_kubeconfig(options.kubeconfig)
        threading.Thread(target=run, args=(client, started), daemon=True).start()
        started.wait()
        print("ready", flush=True)  # noqa: T201 - the agreed sign for whoever started us
        poller = select.poll()
        poller.register(watch, select.POLLIN)
        while options.record.exists():
            poller.poll()
            watch.read()


def main() -> None:
    """Entry point."""
    serve(lambda api, started: Rogue(api).run(started=started), description=str(__doc__))


if __name__ == "__main__":
    main()
