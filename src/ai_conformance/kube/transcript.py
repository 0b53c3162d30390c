"""A record of every request and of who made it: evidence, and the count of what a check costs.

It holds method, path, status and sizes: never a header, never a body, and from the query only what is known to be
harmless, so that no secret can get into it.
"""

from __future__ import annotations

import collections
import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TextIO
from urllib.parse import urlencode

# A query can hold anything where a request goes through the API server's proxy to a workload, so the rest is cut.
_HARMLESS = frozenset(
    {
        "allowWatchBookmarks",
        "container",
        "dryRun",
        "fieldManager",
        "fieldSelector",
        "follow",
        "force",
        "gracePeriodSeconds",
        "labelSelector",
        "limit",
        "previous",
        "propagationPolicy",
        "resourceVersion",
        "resourceVersionMatch",
        "sendInitialEvents",
        "stderr",
        "stdin",
        "stdout",
        "tailLines",
        "timeoutSeconds",
        "tty",
        "watch",
    }
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry:
    """One request that was sent, or that could not be."""

    at: datetime
    """UTC, when it was sent."""
    actor: str
    """Who asked: ``check/gang_scheduling``, ``lab``, ``clean``."""
    method: str
    path: str
    """With the query."""
    status: int | None
    """None where no answer came."""
    duration_s: float
    """Until the whole answer was read; for a watch, until it ended."""
    sent_bytes: int
    received_bytes: int
    retry: int = 0
    """0 for the first try."""
    trouble: str = ""
    """The kind of error where no answer came; never a message, which could quote a secret."""

    def as_json(self) -> str:
        """One JSON line, without the line's end."""
        return json.dumps(
            {**dataclasses.asdict(self), "at": self.at.isoformat(), "duration_s": round(self.duration_s, 6)},
            ensure_ascii=False,
        )


class Transcript:
    """Collects entries: counts them by actor and hands each to a sink."""

    def __init__(self, sink: Callable[[Entry], None] | None = None) -> None:
        self._sink = sink
        self._requests: collections.Counter[str] = collections.Counter()
        self._retries: collections.Counter[str] = collections.Counter()

    def add(self, entry: Entry) -> None:
        """Count an entry and pass it on."""
        self._requests[entry.actor] += 1
        if entry.retry:
            self._retries[entry.actor] += 1
        if self._sink is not None:
            self._sink(entry)

    def requests(self, actor: str) -> int:
        """How many requests an actor has made, retries included."""
        return self._requests[actor]

    def retries(self, actor: str) -> int:
        """How many of an actor's requests were repetitions."""
        return self._retries[actor]

    @property
    def total(self) -> int:
        """How many requests were made by all."""
        return self._requests.total()


def json_lines(stream: TextIO) -> Callable[[Entry], None]:
    """A sink that writes one JSON line per request and flushes it, so that a killed run has it."""

    def write(entry: Entry) -> None:
        stream.write(entry.as_json() + "\n")
        stream.flush()

    return write


def shown(path: str, params: Mapping[str, str]) -> str:
    """Path and query as they may be written down."""
    if not params:
        return path
    return f"{path}?" + urlencode(
        {key: value if key in _HARMLESS else "(cut)" for key, value in params.items()}, safe="/,=()"
    )
