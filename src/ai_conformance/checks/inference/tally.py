"""What came back of many requests: counted by who answered, or how it failed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from ai_conformance.kube.errors import MalformedResult

_LINE = re.compile(
    r"TALLY (?P<label>\S+) (?P<count>[0-9]+) (?P<kind>backend|status|stranger|trouble)(?: (?P<what>.*))?"
)
_EVENT = re.compile(r"EVENT (?P<at>[0-9]+\.[0-9]+) data: (?P<number>[0-9]+)")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Tally:
    """The answers to the requests of one kind."""

    backends: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """Answers of our own backends, by name."""
    statuses: Mapping[int, int] = dataclasses.field(default_factory=dict)
    """Error answers, by HTTP status."""
    strangers: int = 0
    """Answers without an error that none of our backends has given."""
    troubles: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """Requests without an answer, by what the client said."""

    @property
    def total(self) -> int:
        return self.answered + sum(self.troubles.values())

    @property
    def answered(self) -> int:
        """Requests to which something over HTTP came back."""
        return self.served + sum(self.statuses.values()) + self.strangers

    @property
    def served(self) -> int:
        """Requests that reached a backend of ours."""
        return sum(self.backends.values())

    def only(self, backend: str) -> bool:
        """Whether every request was answered by this backend."""
        return self.served == self.total == self.backends.get(backend, 0) > 0

    def refused(self, *statuses: int) -> bool:
        """Whether every request was answered by one of these statuses."""
        return sum(self.statuses.get(one, 0) for one in statuses) == self.total > 0

    def __str__(self) -> str:
        parts = [f"backend {name}: {count}" for name, count in sorted(self.backends.items())]
        parts += [f"HTTP {status}: {count}" for status, count in sorted(self.statuses.items())]
        parts += [f"answers of somebody else: {self.strangers}"] if self.strangers else []
        parts += [f"no answer ({said}): {count}" for said, count in sorted(self.troubles.items())]
        return ", ".join(parts) or "nothing"


def parse(text: str) -> dict[str, Tally]:
    """Tallies by the label of the requests. Raises `MalformedResult` for one that cannot be read."""
    found: dict[str, _Counting] = {}
    for line in text.splitlines():
        if not line.startswith("TALLY "):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise MalformedResult(f"The client printed {line[:200]!r}, which is no tally.")
        counting, count, what = found.setdefault(match["label"], _Counting()), int(match["count"]), match["what"] or ""
        match match["kind"]:
            case "backend":
                counting.backends[what] = counting.backends.get(what, 0) + count
            case "status":
                status = int(what) if what.isdigit() else 0
                counting.statuses[status] = counting.statuses.get(status, 0) + count
            case "stranger":
                counting.strangers += count
            case _:
                counting.troubles[what] = counting.troubles.get(what, 0) + count
    return {label: counting.done() for label, counting in found.items()}


@dataclasses.dataclass(kw_only=True)
class _Counting:
    backends: dict[str, int] = dataclasses.field(default_factory=dict)
    statuses: dict[int, int] = dataclasses.field(default_factory=dict)
    strangers: int = 0
    troubles: dict[str, int] = dataclasses.field(default_factory=dict)

    def done(self) -> Tally:
        return Tally(backends=self.backends, statuses=self.statuses, strangers=self.strangers, troubles=self.troubles)


def arrivals(text: str) -> list[float]:
    """When each event of a stream arrived, in seconds after the first; events have to come in order, from 1."""
    seen = [match for line in text.splitlines() if (match := _EVENT.fullmatch(line.rstrip("\r")))]
    if [int(one["number"]) for one in seen] != list(range(1, len(seen) + 1)):
        raise MalformedResult(f"The events of a stream came out of order: {text[-300:]!r}.")
    return [round(float(one["at"]) - float(seen[0]["at"]), 2) for one in seen]
