"""Do several things at once and leave none running: what is created after a clean-up would be left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

_Result = TypeVar("_Result")


async def together(things: Iterable[Coroutine[Any, Any, _Result]]) -> list[_Result]:
    """The results in the order given. Where one fails, the others are cancelled and its exception is raised.

    The exception itself, not a group of them: a case's outcome is an exception, and of several the first tells enough.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(thing) for thing in things]
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None
    return [task.result() for task in tasks]
