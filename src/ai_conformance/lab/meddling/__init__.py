"""A meddler: it stands before the monitoring system of a lab and answers queries wrongly. One of the lab's faults."""

from __future__ import annotations

import enum


class Meddling(enum.StrEnum):
    """In which way."""

    CONSTANT = "constant"
    """Whatever is asked, the answer is the same number; nothing is evaluated."""
    COUNTERS_RESTART = "counters-restart"
    """Counters begin anew now and then, though what they count goes on."""
    COUNTS_TWICE = "counts-twice"
    """Counters have twice of what there is."""
    NEVER_FORGETS = "never-forgets"
    """What was there once is there for good."""


PORT = 9090
BEHIND = 9091
"""Where the real system listens then."""
EVERY = 7
"""A counter begins anew after so many."""
