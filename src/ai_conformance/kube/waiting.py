"""What is being waited for now, so that a person sees it, and how long each wait took, so that a report can say it.

`waiting("pod running")` goes around every wait in this room. The command line installs an observer; a check's waits
are added up in the `Waits` that its task has installed. Both travel with the task (contextvars), so checks that run
side by side do not mix.
"""

from __future__ import annotations

import collections
import contextlib
import contextvars
import dataclasses
from collections.abc import Callable, Iterator, Mapping

from ai_conformance.kube import clock


@dataclasses.dataclass(frozen=True, kw_only=True)
class Waiting:
    """One wait, as it begins or as it ends."""

    what: str
    since: float
    """`clock.monotonic` of its beginning, in seconds."""
    waited_s: float | None = None
    """None while it lasts."""


class Waits:
    """Adds up seconds by the name of the wait, and knows which last."""

    def __init__(self, observer: Callable[[Waiting], None] | None = None) -> None:
        self._observer = observer
        self._seconds: collections.defaultdict[str, float] = collections.defaultdict(float)
        self._current: dict[int, Waiting] = {}

    @property
    def seconds(self) -> Mapping[str, float]:
        """Finished waits: seconds by name. Waits side by side are counted each."""
        return dict(self._seconds)

    @property
    def current(self) -> tuple[Waiting, ...]:
        """What is being waited for, the longest first."""
        return tuple(sorted(self._current.values(), key=lambda wait: wait.since))

    def _begin(self, wait: Waiting) -> None:
        self._current[id(wait)] = wait
        if self._observer is not None:
            self._observer(wait)

    def _end(self, wait: Waiting) -> None:
        del self._current[id(wait)]
        waited_s = clock.monotonic() - wait.since
        self._seconds[wait.what] += waited_s
        if self._observer is not None:
            self._observer(dataclasses.replace(wait, waited_s=waited_s))


_WAITS: contextvars.ContextVar[Waits | None] = contextvars.ContextVar("ai_conformance_waits", default=None)


@contextlib.contextmanager
def observed(waits: Waits) -> Iterator[Waits]:
    """Within this block (and the tasks that are started in it) waits are told to ``waits``."""
    token = _WAITS.set(waits)
    try:
        yield waits
    finally:
        _WAITS.reset(token)


@contextlib.contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say that something is being waited for, from here to the end of the block."""
    waits = _WAITS.get()
    if waits is None:
        yield
        return
    wait = Waiting(what=what, since=clock.monotonic())
    waits._begin(wait)
    try:
        yield
    finally:
        waits._end(wait)
