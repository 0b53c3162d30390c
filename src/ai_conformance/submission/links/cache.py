"""Answers of the last day, so that a file that is checked ten times in an hour does not ask a server ten times.

Only answers that a server gave are kept; what could not be reached is tried again. Damaged or foreign content counts
as empty: the cache is a courtesy, never a source of errors.
"""

from __future__ import annotations

import dataclasses
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ai_conformance.submission.links.states import Answer, LinkState

FRESH_S = 24 * 3600
_VERSION = 1
_KEPT = (LinkState.OK, LinkState.AUTH_WALL, LinkState.DEAD)
_MOST = 5000
"""Answers kept at most, the newest."""


@dataclasses.dataclass(kw_only=True)
class Cache:
    """A JSON file of answers."""

    path: Path
    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""
    _entries: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)

    def load(self) -> None:
        """Read what is fresh."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            entries = content["answers"] if content["version"] == _VERSION else {}
            now = self.clock()
            self._entries = {
                url: entry
                for url, entry in entries.items()
                if 0 <= now - float(entry["at"]) < FRESH_S and LinkState(entry["state"]) in _KEPT
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._entries = {}

    def get(self, url: str, *, anchors: bool) -> Answer | None:
        """A fresh answer; with the page's anchors if they are wanted."""
        entry = self._entries.get(url)
        if entry is None:
            return None
        ids = entry.get("anchors")
        if anchors and not isinstance(ids, list) and entry["state"] == LinkState.OK:
            return None
        found = frozenset(map(str, ids)) if isinstance(ids, list) else None
        status = entry.get("status", 0)
        return Answer(
            url=url, state=LinkState(entry["state"]), status=status if isinstance(status, int) else 0, anchors=found
        )

    def add(self, answers: Iterable[Answer]) -> None:
        """Note answers."""
        for one in answers:
            if one.state in _KEPT:
                entry: dict[str, Any] = {"at": self.clock(), "state": one.state.value, "status": one.status}
                if one.anchors is not None:
                    entry["anchors"] = sorted(one.anchors)
                self._entries[one.url] = entry

    def save(self) -> None:
        """Write it in one step; where that is not possible, do without."""
        newest = sorted(self._entries.items(), key=lambda item: -float(item[1]["at"]))[:_MOST]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                json.dump({"version": _VERSION, "answers": dict(newest)}, stream)
            Path(name).replace(self.path)
        except OSError:
            return
