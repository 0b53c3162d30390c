"""Asking a monitoring system again and again: one answer that does not come is no answer, and not a wrong one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ai_conformance.checks.monitoring.queries import NotAnswered
from ai_conformance.kube import errors, poll

_LOOK_S = 0.5
_Seen = TypeVar("_Seen")


async def eventually(
    look: Callable[[], Awaitable[_Seen]], *, until: Callable[[_Seen], bool], timeout_s: float, waiting_for: str
) -> _Seen:
    """As `poll.eventually`, of what is asked of a monitoring system.

    A look that was not answered is neither what is waited for nor a failure, unless it is the last. Raises that one's
    `NotAnswered` then.
    """

    async def look_again() -> _Seen | NotAnswered:
        try:
            return await look()
        except NotAnswered as silence:
            return silence

    try:
        seen = await poll.eventually(
            look_again,
            until=lambda seen: not isinstance(seen, NotAnswered) and until(seen),
            timeout_s=timeout_s,
            waiting_for=waiting_for,
            interval_s=_LOOK_S,
        )
    except errors.TimedOut as late:
        if isinstance(late.last, NotAnswered):
            raise late.last from late
        raise
    assert not isinstance(seen, NotAnswered)
    return seen
