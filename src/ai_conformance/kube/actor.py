"""Who sends a request, and how one is sent: the name in the transcript, the connections, any path of the server.

`session` adds what the API's verbs look like.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from ai_conformance.kube import discovery, errors
from ai_conformance.kube.chance import Draws
from ai_conformance.kube.kubeconfig import load
from ai_conformance.kube.transcript import Transcript
from ai_conformance.kube.transport import Answer, Transport
from ai_conformance.kube.wire import LiveWire, Wire


@dataclass(frozen=True, kw_only=True)
class ServerVersion:
    """As /version tells it."""

    git_version: str
    """``v1.37.2``, with a provider's suffix."""
    major: int
    minor: int

    @classmethod
    def parse(cls, answer: Answer) -> Self:
        """Read an answer of /version. Raises `errors.Unintelligible`."""
        raw = answer.json()
        try:  # a provider's minor may be "37+"
            major, minor = (int(str(raw[key]).rstrip("+")) for key in ("major", "minor"))
            return cls(git_version=str(raw["gitVersion"]), major=major, minor=minor)
        except (KeyError, TypeError, ValueError) as trouble:
            raise errors.Unintelligible(f"no version: {answer.text[:200]}", method="GET", path="/version") from trouble


@dataclass
class _Known:
    """What is asked of a server once for all that act on the same connection."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    discovery: discovery.Discovery | None = None
    version: ServerVersion | None = None
    streams_lists: bool = True


class Actor:
    """Whoever sends requests: its connections, its name, and one request."""

    def __init__(self, wire: Wire, *, user_agent: str, actor: str, known: _Known | None = None) -> None:
        self._wire = wire
        self._user_agent = user_agent
        self._known = known or _Known()
        self.actor = actor

    @classmethod
    async def connect(
        cls,
        *,
        kubeconfig: Path | None = None,
        context: str | None = None,
        user_agent: str = "ai-conformance",
        transcript: Transcript | None = None,
        actor: str = "run",
        timeout_s: float = 30.0,
        wired: Callable[[Transport], Wire] = LiveWire,
    ) -> Self:
        """Read the configuration; nothing is sent yet. Raises `errors.ConfigurationError`.

        ``timeout_s`` is for one try of one request, its answer included; watches, exec and logs have their own.
        ``wired`` is what lies between: see `wire`.
        """
        connection = load(kubeconfig, context=context)
        transport = Transport(connection, record=transcript or Transcript(), timeout_s=timeout_s)
        return cls(wired(transport), user_agent=user_agent, actor=actor)

    def acting_as(self, actor: str) -> Self:
        """The same connections under another name: in the transcript, and by User-Agent in the server's audit log."""
        return type(self)(self._wire, user_agent=self._user_agent, actor=actor, known=self._known)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; also those of all sessions that act on them."""
        await self._wire.close()

    @property
    def server(self) -> str:
        """The API server's address."""
        return self._wire.connection.server

    @property
    def context(self) -> str:
        """The name of the kubeconfig's context."""
        return self._wire.connection.context

    @property
    def transcript(self) -> Transcript:
        """The record of all requests."""
        return self._wire.transcript

    @property
    def chance(self) -> Draws:
        """What this actor draws: the same again in a replay of the run."""
        return self._wire.chance.of(self.actor)

    def unused_token(self, obj: Mapping[str, Any]) -> str:
        """What makes the name of an object one that nobody has had."""
        # By its content, because objects are made side by side.
        return self.chance.token_hex(4, of=f"name {self._wire.fingerprint(obj)}")

    def silence_s(self, *, since: float) -> float:
        """The longest time without an answer of the server that reaches beyond a moment in monotonic seconds."""
        return self._wire.silence_s(actor=self.actor, since=since)

    @property
    def streams_lists(self) -> bool:
        """Whether the server can send all that there is at the beginning of a watch; so until it has refused."""
        return self._known.streams_lists

    @streams_lists.setter
    def streams_lists(self, value: bool) -> None:
        self._known.streams_lists = value

    @property
    def headers(self) -> Mapping[str, str]:
        """What every request of this actor bears."""
        return {"User-Agent": f"{self._user_agent} ({self.actor})", "Accept": "application/json"}

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
        timeout_s: float | None = None,
        repeatable: bool = False,
    ) -> Answer:
        """Any path of the server. ``body`` is bytes, or data that becomes JSON. Raises `errors.ApiError`.

        ``repeatable``: that it is carried out twice makes no difference, so it may be sent again without an answer.
        """
        sent = {**self.headers, **(headers or {})}
        content: bytes | None = None
        if body is not None:
            sent["Content-Type"] = content_type
            content = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
        return await self._wire.request(
            method,
            path,
            actor=self.actor,
            headers=sent,
            params=params or {},
            body=content,
            timeout_s=timeout_s,
            repeatable=repeatable,
        )

    async def elsewhere(
        self, url: str, *, headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None
    ) -> Answer:
        """GET from what is not the API server: see `web.get`. Raises `errors.ApiError`."""
        return await self._wire.elsewhere(url, actor=self.actor, headers=headers or {}, params=params or {})
