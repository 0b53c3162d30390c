"""An event loop whose time jumps to the next timer as soon as nothing is left to do: minutes of waiting take none.

It has no network: whoever tries to connect or to listen on it has made a mistake.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any, NoReturn, TypeVar

_Result = TypeVar("_Result")


class Stalled(Exception):  # noqa: N818 - it says what has happened
    """Everybody waits for something that nobody will do."""


class NoNetwork(AssertionError):  # noqa: N818 - as above
    """A bug: a replay asks nobody."""


class _Jumping(selectors.BaseSelector):
    """Waits for nothing: it tells the loop how long it would have waited."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        self._files: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key = selectors.SelectorKey(fileobj, fileobj if isinstance(fileobj, int) else fileobj.fileno(), events, data)
        self._files[fileobj] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._files.pop(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stalled("nothing is left to do, and nobody is done")
        self.passed_s += max(0.0, timeout)
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._files


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time begins with 0."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Seconds that would have passed."""
        return self._jumping.passed_s

    async def create_connection(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """No."""
        raise NoNetwork("a connection was asked for in a replay")

    async def create_datagram_endpoint(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """No."""
        raise NoNetwork("a socket was asked for in a replay")

    async def create_server(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """No."""
        raise NoNetwork("a server was asked for in a replay")

    async def sock_connect(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """No."""
        raise NoNetwork("a connection was asked for in a replay")

    async def getaddrinfo(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """No."""
        raise NoNetwork("a name was looked up in a replay")

    def run_in_executor(self, *_arguments: Any) -> NoReturn:  # type: ignore[override]
        """No: a thread has its own time."""
        raise NoNetwork("a thread was asked for in a replay")


class VirtualClock:
    """Of a loop: `clock.Clock` that began at some moment."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, began: datetime) -> None:
        self._loop = loop
        self._began = began

    def monotonic(self) -> float:
        """Seconds since the loop's beginning."""
        return self._loop.time()

    def now(self) -> datetime:
        """The date and the time of day, UTC."""
        return self._began + timedelta(seconds=self._loop.time())


def run(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """As `asyncio.run`, in virtual time. Raises Stalled."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)
