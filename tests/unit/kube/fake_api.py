"""An API server on loopback that says what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from ai_conformance.kube.session import Session
from ai_conformance.kube.transcript import Entry, Transcript

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class FakeApi:
    """Answers are functions by (method, path); each is called for every request there."""

    folder: Path
    port: int = 0
    streams_lists: bool = False
    """Whether a watch may begin with all that there is (WatchList); else that is refused, as with the gate off."""
    handlers: dict[tuple[str, str], Handler] = field(default_factory=dict)
    seen: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    user_agents: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def on(self, method: str, path: str, *answers: Any) -> None:
        """Answers in turn, the last again and again: a dict is JSON, an int an error's status, else a Handler."""
        left = list(answers)

        async def handle(request: web.Request) -> web.StreamResponse:
            answer = left.pop(0) if len(left) > 1 else left[0]
            if callable(answer):
                made: web.StreamResponse = await answer(request)
                return made
            if isinstance(answer, int):
                return status(answer)
            return web.json_response(answer)

        self.handlers[(method, path)] = handle

    def count(self, method: str, path: str) -> int:
        """How often it was asked for."""
        return sum(1 for one in self.seen if one[:2] == (method, path))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Every request comes here."""
        if "sendInitialEvents" in request.query and not self.streams_lists:
            return status(422)
        raw = await request.read()
        self.seen.append((request.method, request.path, dict(request.query), json.loads(raw) if raw else None))
        self.user_agents.append(request.headers.get("User-Agent", ""))
        handler = self.handlers.get((request.method, request.path))
        return status(404) if handler is None else await handler(request)

    def kubeconfig(self, *, port: int | None = None, user: str = "{token: secret-token}") -> Path:
        """A kubeconfig that leads here."""
        file = self.folder / "config"
        file.write_text(
            f"""
apiVersion: v1
kind: Config
current-context: here
clusters: [{{name: c, cluster: {{server: "http://127.0.0.1:{port or self.port}"}}}}]
users: [{{name: u, user: {user}}}]
contexts: [{{name: here, context: {{cluster: c, user: u}}}}]
"""
        )
        return file

    async def session(self, **options: Any) -> Session:
        """A session with this server."""
        record = Transcript(self.entries.append)
        return await Session.connect(kubeconfig=self.kubeconfig(**options), transcript=record, user_agent="test/1")


def status(code: int, *, reason: str = "", headers: dict[str, str] | None = None) -> web.Response:
    """An error as the API writes it."""
    body = {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": f"made up {code}"}
    return web.json_response(body, status=code, headers=headers)


def reset(request: web.Request) -> Any:
    """Break the connection in place of an answer."""

    async def handle() -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    return handle()


def watch(*lines: dict[str, Any], hold: asyncio.Event | None = None) -> Handler:
    """A watch that sends lines and ends, or waits for ``hold`` before it ends."""

    async def handle(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        for line in lines:
            await answer.write(json.dumps(line).encode() + b"\n")
        if hold is not None:
            await hold.wait()
        await answer.write_eof()
        return answer

    return handle


def pod(name: str, *, version: int, uid: str | None = None, phase: str = "Pending", **metadata: Any) -> dict[str, Any]:
    """A pod as a server has it."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "n",
            "uid": uid or f"uid-{name}",
            "resourceVersion": str(version),
            **metadata,
        },
        "status": {"phase": phase},
    }


def listed(*items: dict[str, Any], version: int, proceed: str = "") -> dict[str, Any]:
    """A list as a server has it."""
    return {"kind": "PodList", "metadata": {"resourceVersion": str(version), "continue": proceed}, "items": list(items)}


@contextlib.asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[FakeApi]:
    """Start and stop one."""
    fake = FakeApi(folder=folder)
    server = web.Server(fake.handle)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.port = runner.addresses[0][1]
    try:
        yield fake
    finally:
        await runner.cleanup()
