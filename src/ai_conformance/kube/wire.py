"""What lies between a session and a cluster: one request, one watch, one command at a time.

    Wire            what an actor needs
    ├── LiveWire            the cluster itself (`transport`, `watching`, `streams`, `web`)
    ├── RecordingWire       the same, and every answer is kept (`recording.writing`)
    └── ReplayingWire       no cluster: the answers that were kept (`recording.replaying`)

Everything that a check learns of a cluster comes through here, so that what was recorded here is all that is needed to
judge the run again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from ai_conformance.kube import log_streams, streams, watching, web
from ai_conformance.kube.chance import Chance
from ai_conformance.kube.kubeconfig import Connection
from ai_conformance.kube.log_streams import LogLine
from ai_conformance.kube.streams import ExecResult
from ai_conformance.kube.transcript import Transcript
from ai_conformance.kube.transport import Answer, Transport
from ai_conformance.kube.watching import WatchEvent


class Wire(Protocol):
    """See the module. All raise `errors.KubeError`."""

    @property
    def connection(self) -> Connection:
        """Where it leads."""

    @property
    def transcript(self) -> Transcript:
        """The record of all requests."""

    @property
    def chance(self) -> Chance:
        """Of what is drawn by those who act on it."""

    def fingerprint(self, data: Any) -> str:
        """The same for the same JSON data, in a run and in its replay."""

    async def request(
        self,
        method: str,
        path: str,
        *,
        actor: str,
        headers: Mapping[str, str],
        params: Mapping[str, str],
        body: bytes | None,
        timeout_s: float | None,
        repeatable: bool = False,
    ) -> Answer:
        """See `Actor.request`."""

    def events(
        self, path: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str]
    ) -> AsyncGenerator[WatchEvent, None]:
        """See `watching.events`."""

    async def execute(
        self,
        path: str,
        *,
        actor: str,
        headers: Mapping[str, str],
        container: str,
        command: tuple[str, ...],
        timeout_s: float,
        stdout_to: Callable[[bytes], object] | None = None,
    ) -> ExecResult:
        """See `Session.exec`."""

    async def elsewhere(self, url: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str]) -> Answer:
        """See `web.get`."""

    def forward(
        self, path: str, *, actor: str, headers: Mapping[str, str], port: int
    ) -> AbstractAsyncContextManager[tuple[str, int]]:
        """See `Session.port_forward`."""

    def log_lines(
        self, path: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str], since: str
    ) -> AsyncGenerator[LogLine, None]:
        """See `Session.log_lines`."""

    def silence_s(self, *, actor: str, since: float) -> float:
        """See `Actor.silence_s`."""

    async def close(self) -> None:
        """End it."""


class LiveWire:
    """To a cluster."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.chance = Chance()

    @property
    def connection(self) -> Connection:
        """Where it leads."""
        return self._transport.connection

    @property
    def transcript(self) -> Transcript:
        """The record of all requests."""
        return self._transport.record

    def fingerprint(self, data: Any) -> str:
        """The same for the same JSON data."""
        return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()

    async def request(
        self,
        method: str,
        path: str,
        *,
        actor: str,
        headers: Mapping[str, str],
        params: Mapping[str, str],
        body: bytes | None,
        timeout_s: float | None,
        repeatable: bool = False,
    ) -> Answer:
        """See `Actor.request`."""
        return await self._transport.request(
            method,
            path,
            actor=actor,
            headers=headers,
            params=params,
            body=body,
            timeout_s=timeout_s,
            repeatable=repeatable,
        )

    def events(
        self, path: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str]
    ) -> AsyncGenerator[WatchEvent, None]:
        """See `watching.events`."""
        return watching.events(self._transport, path, actor=actor, headers=headers, params=params)

    async def execute(
        self,
        path: str,
        *,
        actor: str,
        headers: Mapping[str, str],
        container: str,
        command: tuple[str, ...],
        timeout_s: float,
        stdout_to: Callable[[bytes], object] | None = None,
    ) -> ExecResult:
        """See `Session.exec`."""
        return await streams.execute(
            self._transport,
            path,
            actor=actor,
            headers=headers,
            container=container,
            command=command,
            timeout_s=timeout_s,
            stdout_to=stdout_to,
        )

    async def elsewhere(self, url: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str]) -> Answer:
        """See `web.get`."""
        del actor  # who asks is of interest to those who write it down
        return await web.get(url, headers=headers, params=params)

    def forward(
        self, path: str, *, actor: str, headers: Mapping[str, str], port: int
    ) -> AbstractAsyncContextManager[tuple[str, int]]:
        """See `Session.port_forward`."""
        return streams.forward(self._transport, path, actor=actor, headers=headers, port=port)

    def log_lines(
        self, path: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str], since: str
    ) -> AsyncGenerator[LogLine, None]:
        """See `Session.log_lines`."""
        return log_streams.lines(self._transport, path, actor=actor, headers=headers, params=params, since=since)

    def silence_s(self, *, actor: str, since: float) -> float:
        """See `Actor.silence_s`."""
        del actor  # as above
        return self._transport.outages.longest_s(since=since)

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()
