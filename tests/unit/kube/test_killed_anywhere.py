"""A process that is killed at any point, between any two of its steps, leaves nothing that its ledger does not lead to.

Every point is tried: before, in the middle of and after each line of the ledger, before a request is sent, and after it
was carried out and before its answer is known.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from fake_api import FakeApi, status

from ai_conformance.kube.ledger import Ledger
from ai_conformance.kube.session import Session
from ai_conformance.kube.transport import Answer, Transport
from ai_conformance.kube.workspace import RUN_LABEL, Workspace, clean

ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
ROLE = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "ours"}}
SOMEBODY_ELSES = {
    "/api/v1/namespaces/theirs": {"metadata": {"name": "theirs", "uid": "t1", "labels": {RUN_LABEL: "r2"}}},
    "/api/v1/namespaces/theirs/pods/probe": {"metadata": {"name": "probe", "namespace": "theirs", "uid": "t2"}},
    f"{ROLES}/theirs": {"metadata": {"name": "theirs", "uid": "t3", "labels": {RUN_LABEL: "r2"}}},
}


class Server(FakeApi):
    """Keeps objects; what is deleted is gone at once, a namespace with all that is in it."""

    def start(self) -> None:
        """With nothing but what was there before."""
        self.stored: dict[str, Any] = dict(SOMEBODY_ELSES)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            made = await request.json()
            path = f"{request.path}/{made['metadata']['name']}"
            if path in self.stored:
                return status(409, reason="AlreadyExists")
            made["metadata"]["uid"] = f"uid of {path}"
            self.stored[path] = made
            return web.json_response(made, status=201)
        if request.path not in self.stored:
            return status(404)
        found = self.stored[request.path]
        if request.method == "DELETE":
            asked = await request.json()
            if asked.get("preconditions", {}).get("uid") != found["metadata"]["uid"]:
                return status(409)
            self.stored = {
                path: one
                for path, one in self.stored.items()
                if path != request.path and not path.startswith(f"{request.path}/")
            }
            return web.json_response({"kind": "Status", "status": "Success"})
        return web.json_response(found)


class Killed(BaseException):
    """The process is no more."""


class Death:
    """Comes at the given point, and nothing is done after it."""

    def __init__(self, at: int) -> None:
        self._left = at
        self.dead = False

    def may_come(self) -> bool:
        """Count a point; whether this is it. Raises `Killed` where it has come already."""
        if self.dead:
            raise Killed
        self._left -= 1
        self.dead = self._left == 0
        return self.dead


@contextlib.contextmanager
def dying(death: Death, monkeypatch: pytest.MonkeyPatch) -> Any:
    send, write = Transport.request, Ledger._write

    async def request(transport: Transport, *asked: Any, **options: Any) -> Answer:
        if death.may_come():
            raise Killed
        answer = await send(transport, *asked, **options)
        if death.may_come():
            raise Killed
        return answer

    def written(ledger: Ledger, fact: str, entry: Any) -> None:
        if death.may_come():
            raise Killed
        if death.may_come():
            with ledger.path.open("a", encoding="utf-8") as torn:
                torn.write(json.dumps({"fact": fact, **entry})[:40])
            raise Killed
        write(ledger, fact, entry)
        if death.may_come():
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Transport, "request", request)
        patched.setattr(Ledger, "_write", written)
        yield


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    fake = Server(folder=tmp_path)
    runner = web.ServerRunner(web.Server(fake.handle), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.port = runner.addresses[0][1]
    try:
        yield fake
    finally:
        await runner.cleanup()


async def live(session: Session, ledger: Ledger) -> None:
    """What a check does: a namespace, things in it, one beside it; one is deleted on the way, and all at the end."""
    workspace = Workspace(session=session, ledger=ledger, run_id="r1", check_id="x")
    await workspace.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ours"}})
    pods = [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "ours"}} for name in "ab"]
    first = await workspace.create(pods[0])
    await workspace.create(ROLE)
    await workspace.delete(first)
    await workspace.create(pods[1])
    assert await workspace.cleanup() == []


async def test_wherever_it_is_killed_nothing_of_it_is_left_and_nothing_else_is_touched(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_something, point = 0, 0
    async with await server.session() as session, await server.session() as cleaner:
        while True:
            point += 1
            server.start()
            path = tmp_path / f"{point}.jsonl"
            death = Death(point)
            before = Ledger(path)
            with dying(death, monkeypatch), contextlib.suppress(Killed):
                await live(session, before)
            before.close()
            left_something += server.stored != SOMEBODY_ELSES
            after = Ledger(path)
            assert await clean(cleaner, after) == []
            after.close()
            assert server.stored == SOMEBODY_ELSES, f"killed at point {point}"
            assert Ledger(path).open_entries == (), f"killed at point {point}"
            if not death.dead:
                break
    assert point > 50
    assert left_something > point / 2
