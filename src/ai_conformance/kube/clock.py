"""What time it is, for this room, the checks and the engine: the machine's own clocks, or those of a recording.

A run that is replayed lives in the time of its recording (`virtual_time`), so nobody else here asks the machine. The
clock travels with the task (contextvars), and so does a replay.
"""

from __future__ import annotations

import contextlib
import contextvars
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Two hands of one clock."""

    def monotonic(self) -> float:
        """Seconds since some moment; never set, never turned back."""

    def now(self) -> datetime:
        """The date and the time of day, UTC."""


class _Machine:
    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)


_MACHINE = _Machine()
_CLOCK: contextvars.ContextVar[Clock] = contextvars.ContextVar("ai_conformance_clock", default=_MACHINE)


@contextlib.contextmanager
def of(clock: Clock) -> Iterator[None]:
    """Within this block (and the tasks that are started in it) time is that of ``clock``."""
    token = _CLOCK.set(clock)
    try:
        yield
    finally:
        _CLOCK.reset(token)


def monotonic() -> float:
    """Seconds since some moment; differences are what counts."""
    return _CLOCK.get().monotonic()


def now() -> datetime:
    """The wall clock, in UTC."""
    return _CLOCK.get().now()


def since_1970_s() -> float:
    """The wall clock, in seconds since 1970."""
    return now().timestamp()
