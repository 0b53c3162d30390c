"""Bars of a time line: where they lie, in percent of a span, and in which lane where they would cover one another.

Percentages stay readable at any width, and as attributes of SVG they need no style, which the page's policy forbids.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from ai_conformance.model.verdicts import Verdict

# A bar of no length is still to be seen.
_NARROWEST = 0.4


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar."""

    left: str
    width: str
    lane: int
    verdict: Verdict
    label: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Span:
    """What the whole width stands for."""

    start: datetime
    seconds: float

    def offset_s(self, at: datetime) -> float:
        """Seconds from the beginning."""
        return (at - self.start).total_seconds()

    def place(self, *, start_s: float, duration_s: float) -> tuple[float, float]:
        """Left edge and width in percent, within the whole."""
        whole = max(self.seconds, 1e-9)
        left = min(max(start_s / whole * 100, 0.0), 100.0 - _NARROWEST)
        right = min(max((start_s + duration_s) / whole * 100, left + _NARROWEST), 100.0)
        return left, right - left


@dataclasses.dataclass(frozen=True, kw_only=True)
class Piece:
    """What shall become a bar."""

    at: datetime
    duration_s: float
    verdict: Verdict
    label: str


def bars(pieces: Sequence[Piece], *, span: Span) -> tuple[Bar, ...]:
    """Each piece in the first lane that is free when it begins; in the order given."""
    placed = [span.place(start_s=span.offset_s(one.at), duration_s=one.duration_s) for one in pieces]
    ends: list[float] = []
    lanes = [0] * len(pieces)
    for index in sorted(range(len(pieces)), key=lambda index: (placed[index][0], index)):
        left, width = placed[index]
        lane = next((number for number, end in enumerate(ends) if end <= left), len(ends))
        ends[lane:] = [left + width] if lane == len(ends) else [left + width, *ends[lane + 1 :]]
        lanes[index] = lane
    return tuple(
        Bar(left=f"{left:.2f}%", width=f"{width:.2f}%", lane=lane, verdict=piece.verdict, label=piece.label)
        for piece, (left, width), lane in zip(pieces, placed, lanes, strict=True)
    )


def ticks(seconds: float) -> tuple[tuple[str, str], ...]:
    """Marks at round times, at most seven: where they lie and what they say."""
    if seconds <= 0:
        return ()
    step = next((one for one in _STEPS_S if seconds / one <= 6), seconds / 6)
    return tuple(
        (f"{number * step / seconds * 100:.2f}%", took(number * step)) for number in range(int(seconds / step) + 1)
    )


_STEPS_S = (0.01, 0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400)


def took(seconds: float) -> str:
    """A duration for people: milliseconds, then seconds, then minutes, then hours."""
    if 0 < seconds < 0.001:
        return "under 1 ms"
    if 0 < seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds % 1 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
