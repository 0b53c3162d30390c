"""The one poller, for what the API has no watch for (logs of a probe, an endpoint that should answer, a file).

`asyncio.sleep` is used here and nowhere else in the product: a poller has no event to wait for, only time, and so has a
back-off between two tries of a request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ai_conformance.kube import clock, errors
from ai_conformance.kube.waiting import waiting

_Seen = TypeVar("_Seen")


async def pause(seconds: float) -> None:
    """Let time pass: between two looks of the poller, or before a request is tried again."""
    await asyncio.sleep(seconds)


async def eventually(
    fetch: Callable[[], Awaitable[_Seen]],
    *,
    until: Callable[[_Seen], bool],
    timeout_s: float,
    waiting_for: str,
    interval_s: float = 0.25,
) -> _Seen:
    """Fetch again and again until what was fetched satisfies ``until``; return it.

    The first look is at once, and there is always a last one when the time is over. Errors of ``fetch`` are raised:
    what cannot be observed is not waited for. Raises `errors.TimedOut` with what was fetched last.
    """
    begun = clock.monotonic()
    is_last = timeout_s <= 0
    with waiting(waiting_for):
        while True:
            seen = await fetch()
            if until(seen):
                return seen
            if is_last:
                raise errors.TimedOut(waiting_for, after_s=timeout_s, last=seen)
            # Told by when a look has ended, which a replay knows exactly, and not by how long a busy machine has slept.
            left_s = max(0.0, begun + timeout_s - clock.monotonic())
            is_last = left_s <= interval_s
            await pause(min(interval_s, left_s))
