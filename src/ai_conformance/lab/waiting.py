"""The lab's one poller, for things that no event announces: a server that begins to listen, a cgroup that empties."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from ai_conformance.lab.errors import LabError

T = TypeVar("T")
TICK_S = 0.05
"""Short beside the second or so that a component needs to start, long beside the millisecond that a look costs."""


class WaitTimeoutError(LabError):
    """What was waited for did not come in time."""


class ProcessEndedError(LabError):
    """A process on which the wait depends has ended."""


def poll_until(
    look: Callable[[], T | None],
    *,
    what: str,
    timeout_s: float,
    processes: Sequence[int] = (),
) -> T:
    """Call ``look`` until it returns something true, and give that back.

    Ends early when one of ``processes`` (pids) ends: between two looks the caller waits on their pidfds, not on a
    timer.

    Raises:
        WaitTimeoutError: not within ``timeout_s``.
        ProcessEndedError: one of ``processes`` ended first.
    """
    deadline = time.monotonic() + timeout_s
    descriptors: list[int] = []
    poller = select.poll()
    try:
        for pid in processes:
            descriptors.append(_pidfd(pid, what=what))
            poller.register(descriptors[-1], select.POLLIN)
        while True:
            if (found := look()) is not None and found is not False:
                return found
            if poller.poll(TICK_S * 1000):
                raise ProcessEndedError(f"A process ended while waiting for {what}.")
            if time.monotonic() > deadline:
                raise WaitTimeoutError(f"Waited {timeout_s:.0f} s in vain for {what}.")
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _pidfd(pid: int, *, what: str) -> int:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError as error:
        raise ProcessEndedError(f"A process ended while waiting for {what}.") from error
