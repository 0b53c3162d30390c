"""Who waits for something in a view (`mirror`): each looks after every event, in its own task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ai_conformance.kube import errors


class _Waiter:
    def __init__(self, look: Callable[[], Any]) -> None:
        self.look = look
        self.turn = asyncio.Event()
        self.looked = asyncio.Event()


class Waiters:
    """All that wait; the view does not go on before all have looked."""

    def __init__(self) -> None:
        self._all: dict[_Waiter, None] = {}  # in the order in which they came, so that a replay has the same turns
        self._refused: errors.KubeError | None = None

    async def first(self, look: Callable[[], Any]) -> Any:
        """What ``look`` says first that is not None: now, or after any event. Runs in the waiter's own task."""
        waiter = _Waiter(look)
        self._all[waiter] = None
        try:
            while True:
                if self._refused is not None:
                    raise self._refused
                found = waiter.look()
                if found is not None:
                    return found
                waiter.looked.set()
                await waiter.turn.wait()
                waiter.turn.clear()
        finally:
            self._all.pop(waiter, None)
            waiter.looked.set()

    async def wake(self) -> None:
        """Let every waiter look at this state, before it is followed by another."""
        waiters = tuple(self._all)
        for waiter in waiters:
            waiter.looked.clear()
            waiter.turn.set()
        for waiter in waiters:
            await waiter.looked.wait()

    def refuse(self, trouble: errors.KubeError) -> None:
        """There will be no more events: raise this to all, now and later."""
        self._refused = trouble
        for waiter in self._all:
            waiter.turn.set()
