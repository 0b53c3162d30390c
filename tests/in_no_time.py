"""Run something that waits, with time that jumps: minutes take none."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Coroutine
from typing import Any, TypeVar

from ai_conformance.kube import clock, virtual_time

_Result = TypeVar("_Result")


def run(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """As `virtual_time.run`, and the product's clock is the loop's: it begins with 0."""

    async def timed() -> _Result:
        began = datetime.datetime(2026, 12, 1, tzinfo=datetime.UTC)
        with clock.of(virtual_time.VirtualClock(asyncio.get_running_loop(), began=began)):
            return await coroutine

    return virtual_time.run(timed())
