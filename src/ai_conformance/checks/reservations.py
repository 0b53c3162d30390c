"""Who may use which accelerators, so that checks of one run can go side by side without disturbing each other.

A check that fills a node, or that reads meaning from what stays free there, needs the node's accelerators for itself.
All keys of a check are taken together or none is, in the order of asking, so that checks cannot dead-lock.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Hashable, Iterable

from ai_conformance.kube.waiting import waiting


class Reservations:
    """Exclusive use of keys (here: pairs of node and mechanism) for the time of a block."""

    def __init__(self) -> None:
        self._held: set[Hashable] = set()
        self._changed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def hold(self, keys: Iterable[Hashable]) -> AsyncIterator[None]:
        """Wait until all keys are free, hold them for the block."""
        wanted = set(keys)
        async with self._changed:
            if wanted & self._held:
                with waiting("accelerators of another check"):
                    await self._changed.wait_for(lambda: not wanted & self._held)
            self._held |= wanted
        try:
            yield
        finally:
            async with self._changed:
                self._held -= wanted
                self._changed.notify_all()

    def is_free(self, keys: Iterable[Hashable]) -> bool:
        """Whether nobody holds any of the keys now."""
        return not set(keys) & self._held
