"""One watch request: its lines become events, its errors become ours. Keeping a view alive over many is `mirror`'s."""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

import aiohttp

from ai_conformance.kube import errors
from ai_conformance.kube.transport import Transport

WATCH_S = 120
"""The server ends a watch after this long, so that a connection that died silently is noticed: a new watch goes on
from the last version and misses nothing."""
_SILENCE_S = 30
"""How long after that the connection is given up."""


class EventType(enum.StrEnum):
    """What a watch tells. An ERROR is raised instead."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    BOOKMARK = "BOOKMARK"


@dataclasses.dataclass(frozen=True, kw_only=True)
class WatchEvent:
    """One line of a watch."""

    type: EventType
    object: dict[str, Any]


async def events(
    transport: Transport, path: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str]
) -> AsyncGenerator[WatchEvent, None]:
    """Events until the server ends the watch. Raises `errors.Gone` where the version is too old, other `ApiError`s."""
    asked = {**params, "watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": str(WATCH_S)}
    limit = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=WATCH_S + _SILENCE_S)
    streamed = transport.streamed("GET", path, actor=actor, headers=headers, params=asked, limit=limit)
    async with streamed as (answer, sent):
        async for line in whole_lines(answer):
            sent.received_bytes += len(line) + 1
            yield _event(line, path=path)


async def whole_lines(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Whole lines of any length (the library's own reader has a limit). A torn last line is dropped with the view."""
    rest = b""
    # A watch that the server cuts at its time-out may end without the last chunk: that is an end like any other.
    with contextlib.suppress(aiohttp.ClientPayloadError):
        async for chunk in answer.content.iter_any():
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                if line.strip():
                    yield line


def _event(line: bytes, *, path: str) -> WatchEvent:
    try:
        raw = json.loads(line)
        word, obj = raw["type"], raw["object"]
    except (ValueError, KeyError, TypeError) as trouble:
        raise errors.Unintelligible("a watch sent what is no event", method="GET", path=path) from trouble
    if word == "ERROR":
        raise errors.from_status(
            int(obj.get("code") or 500),
            method="GET",
            path=path,
            reason=str(obj.get("reason") or ""),
            message=str(obj.get("message") or ""),
            details=obj.get("details"),
        )
    try:
        return WatchEvent(type=EventType(word), object=obj)
    except ValueError as trouble:
        raise errors.Unintelligible(f"a watch sent the event {word!r}", method="GET", path=path) from trouble
