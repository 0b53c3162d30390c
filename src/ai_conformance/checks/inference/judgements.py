"""What is right and wrong about answers that were counted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ai_conformance.checks.inference.tally import Tally

DEVIATIONS = 4.0
"""How many standard deviations a split may be off: a sound random one is refused once in some ten thousand times.

An exact split, as weighted round robin makes it, is as good. With 500 requests 80/20 is told from 70/30.
"""
SPREAD = 0.5
"""The share of the time between the first and the last event that has to be left of it at the client."""


def split(tally: Tally, *, weights: Mapping[str, int]) -> list[str]:
    """What is wrong with a split; nothing where it is as the weights say, as far as chance lets one tell."""
    wrong = [] if tally.total else ["no request was sent"]
    if tally.served != tally.total:
        wrong.append(f"{tally.total - tally.served} of {tally.total} requests reached no backend")
    wrong += [
        f"backend {backend}, which the route does not name, got {tally.backends[backend]}"
        for backend in sorted(tally.backends.keys() - weights.keys())
    ]
    whole = sum(weights.values())
    for backend, weight in weights.items():
        got, share = tally.backends.get(backend, 0), weight / whole
        if weight == 0:
            if got:
                wrong.append(f"backend {backend} has the weight 0 and got {got}")
            continue
        expected = tally.served * share
        allowed = DEVIATIONS * math.sqrt(tally.served * share * (1 - share))
        if abs(got - expected) > allowed:
            wrong.append(f"backend {backend} got {got}, expected {expected:.0f} ± {allowed:.0f}")
    return wrong


def piecewise(arrived_s: Sequence[float], *, events: int, apart_s: float) -> str:
    """Why a stream of events that are sent so far apart did not come piecewise; empty where it did.

    What a stream took at another time is no measure: a busy node was seen to send one at half the speed of the next.
    """
    if len(arrived_s) != events:
        return f"{len(arrived_s)} of {events} events arrived"
    sent_over_s = (events - 1) * apart_s
    if arrived_s[-1] < SPREAD * sent_over_s:
        return (
            f"all {events} events came within {arrived_s[-1]:.2f} s; they are sent over {sent_over_s:.2f} s or longer"
        )
    return ""


def parent(route: Mapping[str, Any], *, gateway: str) -> Mapping[str, Any]:
    """What a route's status says of one Gateway; empty where it says nothing."""
    parents = (route.get("status") or {}).get("parents") or ()
    return next((one for one in parents if (one.get("parentRef") or {}).get("name") == gateway), {})


def state(part: Mapping[str, Any], kind: str) -> str:
    """The status of one condition (True, False, Unknown); empty where it is not there."""
    return next((str(one["status"]) for one in part.get("conditions") or () if one["type"] == kind), "")


def conditions(part: Mapping[str, Any]) -> str:
    """All conditions, for a person."""
    said = [
        f"{one['type']}={one['status']} {one.get('reason', '')} (generation {one.get('observedGeneration', '?')})"
        for one in part.get("conditions") or ()
    ]
    return ", ".join(said) or "no condition"
