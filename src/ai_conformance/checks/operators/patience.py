"""Looking again before something is called wrong: what a cluster says of itself lags behind what is so."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from ai_conformance.kube import errors, poll

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SOON_S = 0.5
"""Between two looks at little: a few objects of one namespace, a dry run."""
SELDOM_S = 2.0
"""Between two looks at collections of the whole cluster."""

_Seen = TypeVar("_Seen")


async def newest(
    look: Callable[[], Awaitable[_Seen]],
    *,
    until: Callable[[_Seen], bool],
    timeout_s: float,
    waiting_for: str,
    interval_s: float = SOON_S,
) -> _Seen:
    """As `poll.eventually`, for who judges what was seen last, whether it is as wished or never was."""
    try:
        return await poll.eventually(
            look, until=until, timeout_s=timeout_s, waiting_for=waiting_for, interval_s=interval_s
        )
    except errors.TimedOut as late:
        return cast("_Seen", late.last)
