"""Writes a recording line by line: nothing that `Redaction` has not seen, and what comes again only once."""

from __future__ import annotations

import collections
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ai_conformance.kube import clock
from ai_conformance.kube.chance import Chance
from ai_conformance.kube.recording import parts, place
from ai_conformance.kube.recording.brief import brief
from ai_conformance.kube.transport import Answer

FORMAT = 1
LONGEST_FILE = 256 * 1024 * 1024
"""Characters of one session. A run of all checks on a lab has a few millions; a cluster of thousands of nodes has lists
that are long, and each object that has not changed is in it once."""
_TICK_S = 1e-6
"""No two stamps are the same: a replay has its answers in the order of the run."""
_ANSWERS = 100
"""Whole answers that are known again when they come again, as they do to those who poll."""


class Redaction(Protocol):
    """Takes out what nobody may keep."""

    def cut(self, value: Any) -> Any:
        """A copy of JSON-like data without secrets, in which what was equal stays equal and no more than that."""

    def cut_answer(self, value: Any) -> Any:
        """The same of what a cluster said, which may be about what is not ours."""

    def nameless(self, value: Any) -> Any:
        """The same of data that was cut before, and of data that was not."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer, for people: cut, and short (`brief`)."""

    actor: str
    case: place.CaseName | None
    at: datetime
    """UTC, when it was sent."""
    duration_s: float
    method: str
    """``EXEC`` for a command, ``WATCH`` for a watch that has ended, ``EVENT`` for what it told."""
    path: str
    """With the query as far as that is harmless."""
    status: int | None = None
    sent: Any = None
    read: Any = None
    trouble: str = ""


class Recorder:
    """Writes a recording line by line."""

    def __init__(
        self,
        *,
        sink: Callable[[str], None],
        redaction: Redaction,
        observer: Callable[[Exchange], None] = lambda _exchange: None,
    ) -> None:
        """``sink`` takes lines without their ends; ``observer`` is told of every exchange."""
        self._sink = sink
        self.redaction = redaction
        self._observer = observer
        self.chance = Chance()
        self._begun_at, self._zero, self._last = clock.now(), clock.monotonic(), -1.0
        self._number = 0
        self._written = 0
        self._packer = parts.Packer(lambda name, written: self._line(f'{{"part":"{name}","value":{written}}}'))
        self._answers: collections.OrderedDict[bytes, tuple[Any, Any]] = collections.OrderedDict()
        self.note("session", {"format": FORMAT, "at": self._begun_at.isoformat(), "seed": self.chance.seed})

    def note(self, word: str, content: Any) -> None:
        """Write something that is no answer."""
        self._tell({word: content, "at": self.stamp()})

    def stamp(self) -> float:
        """Seconds since the session's beginning; another each time."""
        now = round(clock.monotonic() - self._zero, 6)
        self._last = now if now > self._last else round(self._last + _TICK_S, 6)
        return self._last

    def number(self) -> int:
        """What a call is known by; in the order in which they began."""
        self._number += 1
        return self._number

    def tell(self, line: Mapping[str, Any], *, packed: Mapping[str, Any] | None = None) -> None:
        """Write a line; ``packed`` is what is in parts, and has been cut."""
        self._tell({**line, **{key: self._packer.pack(value) for key, value in (packed or {}).items()}})

    def observe(self, exchange: Exchange) -> None:
        """Tell of an exchange."""
        self._observer(exchange)

    def answered(self, answer: Answer) -> tuple[dict[str, Any], Any]:
        """An answer as it is written down, and in short."""
        digest = hashlib.sha256(answer.body).digest()
        known = self._answers.get(digest)
        if known is None:
            known = self._kept(answer)
            self._answers[digest] = known
            if len(self._answers) > _ANSWERS:
                self._answers.popitem(last=False)
        else:
            self._answers.move_to_end(digest)
        content, in_short = known
        media = answer.headers.get("Content-Type", "")
        return {"status": answer.status, "type": media[:200], **content}, in_short

    def _kept(self, answer: Answer) -> tuple[dict[str, Any], Any]:
        try:
            data = json.loads(answer.body)
        except (ValueError, RecursionError):
            cut = self.redaction.cut(answer.text)
            return {"text": self._packer.pack(cut)}, brief(cut)
        cut = self.redaction.cut_answer(data)
        return {"answer": self._packer.pack(cut)}, brief(cut)

    def _tell(self, line: Mapping[str, Any]) -> None:
        self._line(json.dumps(line, separators=(",", ":")))

    def _line(self, line: str) -> None:
        if self._written > LONGEST_FILE:
            return
        self._written += len(line) + 1
        self._sink(line if self._written <= LONGEST_FILE else json.dumps({"full": LONGEST_FILE}))


def fingerprint(data: Any, *, redaction: Redaction) -> str:
    """The same for the same JSON data, whether it has been cut before or not."""
    return hashlib.sha256(json.dumps(redaction.nameless(data), sort_keys=True).encode()).hexdigest()
