"""For which case of its check a task acts; it travels with the task, as `waiting` does."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CaseName:
    """A case and what it is tried on."""

    name: str
    variant: str = ""


_CASE: contextvars.ContextVar[CaseName | None] = contextvars.ContextVar("ai_conformance_case", default=None)


@contextlib.contextmanager
def within(case: CaseName) -> Iterator[None]:
    """What is asked in this block, and by tasks that are started in it, is asked for the case."""
    token = _CASE.set(case)
    try:
        yield
    finally:
        _CASE.reset(token)


def case() -> CaseName | None:
    """The case that is acted for; None outside of any."""
    return _CASE.get()
