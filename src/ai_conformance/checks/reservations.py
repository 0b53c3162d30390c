"""Who may use which accelerators, so that checks of one run can go side by side without disturbing each other.

A check that fills a node, or that names single devices there, needs the node's accelerators for itself. One that takes
some of them, whichever they are, needs a part, and goes beside others that do so. All that a check asks for is given
together or not at all, so that checks cannot dead-lock. Whoever fits goes in, also past one that waits for more: a
check asks a few times only, so nobody waits for ever, and accelerators are idle for less time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Hashable, Iterable, Mapping
from fractions import Fraction

from ai_conformance.kube.waiting import waiting

Parts = Mapping[Hashable, Fraction]


class Reservations:
    """Use of keys (here: pairs of node and mechanism), wholly or in part, for the time of a block."""

    def __init__(self) -> None:
        self._held: dict[Hashable, Fraction] = {}
        self._changed = asyncio.Condition()

    @contextlib.asynccontextmanager
    async def hold(
        self, keys: Iterable[Hashable] = (), *, parts: Iterable[tuple[Hashable, Fraction]] = ()
    ) -> AsyncIterator[None]:
        """Wait until the keys are free, and so much of the others as the parts say; hold them for the block."""
        wanted = _together([*((key, Fraction(1)) for key in keys), *parts])
        async with self._changed:
            if not self._fits(wanted):
                with waiting("accelerators of another check"):
                    await self._changed.wait_for(lambda: self._fits(wanted))
            for key, part in wanted.items():
                self._held[key] = self._held.get(key, Fraction(0)) + part
        try:
            yield
        finally:
            async with self._changed:
                for key, part in wanted.items():
                    self._held[key] -= part
                self._changed.notify_all()

    def _fits(self, wanted: Parts) -> bool:
        return all(self._held.get(key, Fraction(0)) + part <= 1 for key, part in wanted.items())


def _together(parts: Iterable[tuple[Hashable, Fraction]]) -> Parts:
    """The parts of each key added up, to the whole at most."""
    summed: dict[Hashable, Fraction] = {}
    for key, part in parts:
        summed[key] = min(Fraction(1), summed.get(key, Fraction(0)) + part)
    return summed
