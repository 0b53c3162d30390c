"""What happens in a run, told as it happens: to the journal, to the live display, to nobody in particular."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ai_conformance.model.records import CaseRecord, CheckRecord


@dataclasses.dataclass(frozen=True, kw_only=True)
class CheckStarted:
    """A check has begun."""

    requirement: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class CaseFinished:
    """A case has its verdict."""

    requirement: str
    record: CaseRecord


@dataclasses.dataclass(frozen=True, kw_only=True)
class CheckFinished:
    """A check has its verdict and has cleaned up."""

    record: CheckRecord
    redacted: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """What was taken out of all evidence of the run so far, by rule."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Waiting:
    """A check begins or ends to wait for something."""

    requirement: str
    what: str
    since_s: float
    """Monotonic clock."""
    over: bool


Event = CheckStarted | CaseFinished | CheckFinished | Waiting
Listener = Callable[[Event], None]
