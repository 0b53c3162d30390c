"""A Job's pod that is played: its states one after another, its log, and what commands in it answer."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

Object = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

NAMESPACE = "ai-conformance"
NAME = "ai-conformance"
POD = "ai-conformance-x7k2p"
JOBS = f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs/{NAME}"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
EVENTS = f"/api/v1/namespaces/{NAMESPACE}/events"
LOG = f"{PODS}/{POD}/log"
EXEC = f"{PODS}/{POD}/exec"


def job(*conditions: Object, uid: str = "uid-of-the-job", suspend: bool = False) -> Object:
    """The Job as the server has it."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "uid": uid},
        "spec": {"suspend": suspend},
        "status": {"conditions": list(conditions)},
    }


def pod(
    state: Object | None = None,
    *,
    version: int = 1,
    ready: bool = False,
    phase: str = "Running",
    owner: str = "uid-of-the-job",
    conditions: Sequence[Object] = (),
    status: Mapping[str, Any] | None = None,
) -> Object:
    """Its pod, with the state of its container."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": POD,
            "namespace": NAMESPACE,
            "uid": "uid-of-the-pod",
            "resourceVersion": str(version),
            "creationTimestamp": "2026-11-30T10:00:00Z",
            "ownerReferences": [{"kind": "Job", "uid": owner}],
        },
        "spec": {"nodeName": "n1"},
        "status": {
            "phase": phase,
            "conditions": [{"type": "Ready", "status": str(ready)}, *conditions],
            "containerStatuses": [{"name": "run", "image": "i", "state": state or {"running": {}}}],
            **(status or {}),
        },
    }


TERMINATED = {"terminated": {"exitCode": 4, "reason": "Error", "message": "Interrupted: cleaning up.\n"}}
PULLING = {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}


def changes(*pods: Object, removed: Object | None = None) -> Handler:
    """A watch that tells these states and goes on until the client leaves."""

    async def handle(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        told = [("MODIFIED", one) for one in pods] + ([("DELETED", removed)] if removed else [])
        for word, one in told:
            await answer.write(json.dumps({"type": word, "object": one}).encode() + b"\n")
        await asyncio.Event().wait()
        return answer

    return handle


def list_then(listed: Sequence[Object], watch: Handler) -> Handler:
    """The collection of pods: a list, and then a watch."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.query.get("watch"):
            return await watch(request)
        return web.json_response({"kind": "PodList", "metadata": {"resourceVersion": "1"}, "items": list(listed)})

    return handle


def log(*lines: str) -> Handler:
    """A log whose lines have times a second apart; it honours ``sinceTime`` as the API does, in whole seconds."""

    async def handle(request: web.Request) -> web.StreamResponse:
        since = request.query.get("sinceTime", "")[:19]
        stamped = [f"2026-11-30T10:00:{number:02}.000000001Z {line}" for number, line in enumerate(lines)]
        return web.Response(text="".join(f"{line}\n" for line in stamped if line[:19] >= since))

    return handle


@dataclasses.dataclass
class Container:
    """Answers commands in the container, by their last word; and remembers them."""

    answers: dict[str, list[tuple[bytes, int]]]
    """Output and exit code, in turn; the last again and again. An exit code of -1 breaks the connection instead."""
    asked: list[list[str]] = dataclasses.field(default_factory=list)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        command = request.query.getall("command")
        self.asked.append(command)
        left = self.answers[command[-1]]
        output, code = left.pop(0) if len(left) > 1 else left[0]
        socket = web.WebSocketResponse(protocols=("v5.channel.k8s.io",))
        await socket.prepare(request)
        for start in range(0, len(output), 1000):
            await socket.send_bytes(b"\x01" + output[start : start + 1000])
        if code == 0:
            await socket.send_bytes(b"\x03" + json.dumps({"status": "Success"}).encode())
        elif code > 0:
            causes = [{"reason": "ExitCode", "message": str(code)}]
            failure = {"status": "Failure", "reason": "NonZeroExitCode", "details": {"causes": causes}}
            await socket.send_bytes(b"\x02it is so")
            await socket.send_bytes(b"\x03" + json.dumps(failure).encode())
        await socket.close()
        return socket
