"""A container's log as it is written: its lines with their times, so that a connection that ended is taken up again.

The API takes the time to begin at in whole seconds, so lines that are known come again and are dropped here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncGenerator, Mapping

import aiohttp

from ai_conformance.kube.transport import Transport
from ai_conformance.kube.watching import whole_lines

_SILENCE_S = 3600.0
"""A container may have nothing to say for long; a connection that died unnoticed is given up after this."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line that a container has printed."""

    at: str
    """RFC 3339, UTC, always nine digits of a second: as text in the order of time."""
    text: str


async def lines(
    transport: Transport, path: str, *, actor: str, headers: Mapping[str, str], params: Mapping[str, str], since: str
) -> AsyncGenerator[LogLine, None]:
    """See `Session.log_lines`. Raises `errors.ApiError`."""
    limit = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=_SILENCE_S)
    accepting = {**headers, "Accept": "*/*"}
    streamed = transport.streamed("GET", path, actor=actor, headers=accepting, params=params, limit=limit)
    async with streamed as (answer, sent):
        async for line in whole_lines(answer):
            sent.received_bytes += len(line) + 1
            at, _, text = line.decode("utf-8", errors="replace").partition(" ")
            if at > since:
                yield LogLine(at=at, text=text)
