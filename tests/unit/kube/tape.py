"""Conversations with a cluster that are recorded on a tape and played again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from fake_api import FakeApi

from ai_conformance.evidence.observing import Observed
from ai_conformance.evidence.redaction import Rule
from ai_conformance.kube import clock, virtual_time
from ai_conformance.kube.recording import reading
from ai_conformance.kube.recording.recorder import Exchange, Recorder
from ai_conformance.kube.recording.replaying import ReplayingWire
from ai_conformance.kube.recording.writing import RecordingWire
from ai_conformance.kube.session import Session
from ai_conformance.kube.wire import LiveWire

PODS = "/api/v1/namespaces/n/pods"
Conversation = Callable[[Session], Awaitable[Any]]


class Tape:
    """Records conversations and plays them again."""

    def __init__(self, api: FakeApi, *rules: Rule) -> None:
        self.api = api
        self.lines: list[str] = []
        self.exchanges: list[Exchange] = []
        self.redaction = Observed(rules=rules)

    async def record(self, conversation: Conversation) -> Any:
        recorder = Recorder(sink=self.lines.append, redaction=self.redaction, observer=self.exchanges.append)
        session = await Session.connect(
            kubeconfig=self.api.kubeconfig(),
            wired=lambda transport: RecordingWire(LiveWire(transport), recorder=recorder),
        )
        async with session:
            return await conversation(session)

    def play(self, conversation: Conversation) -> Any:
        (found,) = reading.sessions(self.lines)

        async def again() -> Any:
            with clock.of(virtual_time.VirtualClock(asyncio.get_running_loop(), began=found.at)):
                wire = ReplayingWire(found, redaction=Observed())
                said = await conversation(Session(wire, user_agent="replay", actor="run"))
                assert wire.missing == {}
                return said

        return virtual_time.run(again())

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


async def in_a_thread(play: Callable[[], Any]) -> Any:
    """A loop of its own needs a thread of its own."""
    return await asyncio.to_thread(play)


async def both(tape: Tape, conversation: Conversation) -> Any:
    """What came of it, which has to be the same."""
    first = await tape.record(conversation)
    assert await in_a_thread(lambda: tape.play(conversation)) == first
    return first
