"""When a server could not be asked: what a platform did not do meanwhile is then no fault of it.

Only silence counts: a connection that is refused, broken or never answered. A server that answers with an error is
there, and the error may be another's (a webhook, a workload behind the API server's proxy).
"""

from __future__ import annotations

from ai_conformance.kube import clock

TOLERATED_S = 2.0
"""Shorter ones are dealt with by repeating the request."""


class Outages:
    """The times without an answer on one connection."""

    def __init__(self) -> None:
        self._answered_at = clock.monotonic()
        self._since: float | None = None
        self._spans: list[tuple[float, float]] = []

    def answered(self) -> None:
        """The server has answered something."""
        now = clock.monotonic()
        if self._since is not None:
            self._spans.append((self._since, now))
        self._since, self._answered_at = None, now

    def failed(self, *, begun: float) -> None:
        """A request that was begun then, in monotonic seconds, got no answer."""
        if self._since is None:
            self._since = max(begun, self._answered_at)

    def longest_s(self, *, since: float) -> float:
        """The longest time without an answer that reaches beyond a moment; 0 where each was tolerable."""
        now = [(self._since, clock.monotonic())] if self._since is not None else []
        spans = [to - begun for begun, to in (*self._spans, *now) if to > since]
        longest = max(spans, default=0.0)
        return longest if longest > TOLERATED_S else 0.0
