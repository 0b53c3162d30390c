"""The ways in which an API server, or what is before it, misbehaves in tests; `unruly_api` is what does it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ask:
    """One request, as a trouble sees it."""

    number: int
    """From 1, all requests counted together."""
    method: str
    path: str
    watches: bool
    upgrades: bool
    actor: str = ""
    """Who asks, by the name in parentheses in the User-Agent: ``check/dra_support``, ``run``."""
    begins_with_state: bool = False
    """Whether a watch is to begin with all that there is."""
    is_dry_run: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mischief:
    """What happens to one request."""

    status: int = 0
    """Answer with this error in place of asking the server."""
    retry_after_s: int = 0
    wait_s: float = 0.0
    """Silence before anything happens."""
    unsent: bool = False
    """Break the connection before the server is asked."""
    unanswered: bool = False
    """Ask the server, and break the connection in place of its answer."""
    torn: bool = False
    """Break the connection in the middle of the answer."""
    watch_ends_after_s: float | None = None
    watch_is_gone: bool = False
    """The watch says 410 Gone, as when the server has forgotten the version it was to begin with."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trouble:
    """A way in which an API server or what is before it can fail."""

    name: str
    summary: str
    strikes: Callable[[Ask], Mischief | None]
    named_by: str
    """How a verdict that is not the sound one may name the trouble, a regular expression."""
    bearable: bool = True
    """Whether what is repeated and taken up again is enough for the sound verdict."""


# No answer, or none in time, and what comes of it: a view that was lost, a window with a gap, too short a wait.
_SILENT = (
    r"did not answer|no answer|broke the connection|cannot be connected|Timeout|Broken|the view of the cluster was lost"
    r"|The connection ended before"
)
_LATE = rf"{_SILENT}|[Ww]aited \d|in time|after \d|time-out"


def every(
    nth: int, mischief: Mischief, *, methods: str = "GET POST PUT PATCH DELETE"
) -> Callable[[Ask], Mischief | None]:
    """Strike each nth plain request, or only those of some methods."""

    def strikes(ask: Ask) -> Mischief | None:
        plain = not ask.watches and not ask.upgrades and ask.method in methods.split()
        return mischief if plain and ask.number % nth == 0 else None

    return strikes


def watches(mischief: Mischief, *, nth: int = 1) -> Callable[[Ask], Mischief | None]:
    """Strike each nth watch."""
    seen = 0

    def strikes(ask: Ask) -> Mischief | None:
        nonlocal seen
        seen += ask.watches
        return mischief if ask.watches and seen % nth == 0 else None

    return strikes


def troubles() -> tuple[Trouble, ...]:
    """All of them, made anew: some count what they have struck."""
    return (
        Trouble(
            name="too-many-requests",
            summary="Each fifth request is answered by 429 with Retry-After.",
            strikes=every(5, Mischief(status=429, retry_after_s=1)),
            named_by=r"\b429\b",
        ),
        Trouble(
            name="internal-error",
            summary="Each seventh request that reads is answered by 500.",
            strikes=every(7, Mischief(status=500), methods="GET"),
            named_by=r"\b500\b",
        ),
        Trouble(
            name="unavailable",
            summary="Each seventh request of any kind is answered by 503.",
            strikes=every(7, Mischief(status=503)),
            named_by=r"\b503\b",
            bearable=False,
        ),
        Trouble(
            name="connection-reset",
            summary="The connection of each ninth request breaks before the server is asked.",
            strikes=every(9, Mischief(unsent=True)),
            named_by=_SILENT,
            bearable=False,
        ),
        Trouble(
            name="answer-lost",
            summary="Each ninth request is carried out, and its answer never comes.",
            strikes=every(9, Mischief(unanswered=True)),
            named_by=_SILENT,
            bearable=False,
        ),
        Trouble(
            name="answer-torn",
            summary="The connection of each seventh request that reads breaks in mid-answer.",
            strikes=every(7, Mischief(torn=True), methods="GET"),
            named_by=_SILENT,
        ),
        Trouble(
            name="silence",
            summary="Before each fifteenth request there are 10 s of silence.",
            strikes=every(15, Mischief(wait_s=10.0)),
            named_by=_LATE,
            bearable=False,
        ),
        Trouble(
            name="slow",
            summary="Each request takes 2 s longer.",
            strikes=every(1, Mischief(wait_s=2.0)),
            named_by=_LATE,
            bearable=False,
        ),
        Trouble(
            name="watch-closed",
            summary="Each watch is closed after 2 s.",
            strikes=watches(Mischief(watch_ends_after_s=2.0)),
            named_by=_LATE,
        ),
        Trouble(
            name="watch-gone",
            summary="Each second watch is answered by 410 Gone.",
            strikes=watches(Mischief(watch_is_gone=True), nth=2),
            named_by=rf"\b410\b|{_LATE}",
            bearable=False,
        ),
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outage:
    """The API server is killed while a run goes on, and comes back."""

    name: str
    summary: str
    after_s: float
    """When it is killed, counted from the command's start."""
    down_s: float = 5.0
    """How long nobody is there to be asked; that it then takes to start comes on top."""
    named_by: str = rf"{_LATE}|\b50[0-9]\b|\b429\b"
    """As of a `Trouble`. A server that has just begun refuses some requests with 500, 503 or 429."""
    bearable: bool = False


def outages() -> tuple[Outage, ...]:
    """At the beginning, and when cases wait for pods and the first checks clean up."""
    return tuple(
        Outage(
            name=f"server-killed-after-{after_s}-s",
            summary=f"The API server is killed {after_s} s after the run began, and started again 5 s later.",
            after_s=after_s,
        )
        for after_s in (5, 15)
    )


def names_it(trouble: Trouble | Outage, reason: str) -> bool:
    """Whether a verdict's reason names the trouble, or what comes of it."""
    return re.search(trouble.named_by, reason) is not None


def is_honest(trouble: Trouble | Outage, *, sound: str, verdict: str, reason: str) -> bool:
    """Whether a run under a trouble may say so where a sound run says ``sound``."""
    return verdict == sound or (verdict in ("BLOCKED", "ERROR") and names_it(trouble, reason))
