"""What is kept of a conversation with a cluster: nothing secret, nothing twice, what was asked for a case."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import UTC, datetime

from fake_api import FakeApi, listed, pod, watch
from tape import PODS, Tape, both

from ai_conformance.evidence.observing import Observed
from ai_conformance.evidence.redaction import Rule
from ai_conformance.kube import clock, resources
from ai_conformance.kube.recording import place
from ai_conformance.kube.recording.recorder import Recorder
from ai_conformance.kube.session import Session


async def test_nothing_secret_is_kept_and_what_was_equal_stays_equal(api: FakeApi) -> None:
    tape = Tape(api, Rule(name="host", pattern=re.compile("node-[0-9]+")))
    secret = {"kind": "Secret", "metadata": {"name": "s"}, "data": {"key": "c2VjcmV0LWRhdGE="}}
    node = {
        "kind": "Node",
        "metadata": {"name": "node-1"},
        "spec": {"env": [{"name": "API_TOKEN", "value": "hunter2"}]},
    }
    api.on("GET", "/api/v1/namespaces/n/secrets/s", secret)
    api.on("GET", "/api/v1/nodes", listed(node, {**node, "metadata": {"name": "node-2"}}, version=1))
    api.on("GET", "/api/v1/nodes/node-2", {**node, "metadata": {"name": "node-2"}})

    async def conversation(session: Session) -> int:
        await session.get(resources.SECRET, "s", "n")
        names = [one["metadata"]["name"] for one in (await session.list(resources.NODE)).items]
        again = await session.get(resources.NODE, names[1])
        return names.index(again["metadata"]["name"])

    assert await both(tape, conversation) == 1
    for word in ("secret-token", "c2VjcmV0LWRhdGE=", "node-1", "node-2", "hunter2", "Authorization", "User-Agent"):
        assert word not in tape.text
    assert "key" in tape.text


async def test_what_comes_again_unchanged_is_kept_once(tape: Tape) -> None:
    big = pod("a", version=1, annotations={"long": "x" * 5000})
    tape.api.on("GET", PODS, listed(big, version=1))
    tape.api.on("GET", f"{PODS}/a", big)

    async def conversation(session: Session) -> None:
        for _ in range(10):
            await session.list(resources.POD, "n")
            await session.get(resources.POD, "a", "n")

    await tape.record(conversation)
    assert tape.text.count("x" * 5000) == 1


async def test_a_case_is_told_with_what_was_asked_for_it(tape: Tape) -> None:
    tape.api.on("POST", PODS, pod("a", version=1))
    tape.api.on("GET", PODS, listed(*(pod(f"p{n}", version=1) for n in range(200)), version=1))

    async def conversation(session: Session) -> None:
        with place.within(place.CaseName(name="Works", variant="n1")):
            await session.create(pod("a", version=0))
        await session.list(resources.POD, "n")

    await tape.record(conversation)
    made, read = tape.exchanges
    assert made.case == place.CaseName(name="Works", variant="n1")
    assert (made.method, made.status, made.sent["metadata"]["name"]) == ("POST", 200, "a")
    assert made.read["metadata"]["uid"] == "uid-a"
    assert read.case is None
    assert read.read["items"]["count"] == 200
    assert len(json.dumps(read.read)) < 5000


def test_no_two_moments_are_the_same() -> None:
    class Stopped:
        def monotonic(self) -> float:
            return 1.0

        def now(self) -> datetime:
            return datetime(2026, 11, 24, tzinfo=UTC)

    with clock.of(Stopped()):
        recorder = Recorder(sink=lambda _line: None, redaction=Observed())
        stamps = [recorder.stamp() for _ in range(100)]
    assert stamps == sorted(set(stamps))


async def test_what_a_watch_tells_is_cut_as_well(tape: Tape) -> None:
    told = {"kind": "Secret", "metadata": {"name": "s"}, "data": {"key": "c2VjcmV0LWRhdGE="}}
    tape.api.on("GET", PODS, watch({"type": "ADDED", "object": told}))

    async def conversation(session: Session) -> list[str]:
        feed = session.watch(resources.POD, "n", resource_version="1")
        async with contextlib.aclosing(feed):
            return [event.object["metadata"]["name"] async for event in feed]

    assert await both(tape, conversation) == ["s"]
    assert "c2VjcmV0LWRhdGE=" not in tape.text
