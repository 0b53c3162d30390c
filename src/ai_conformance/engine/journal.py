"""The run's journal: one JSON line for each thing that happened, on the disk before the next thing begins."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ai_conformance.evidence import redaction

if TYPE_CHECKING:
    from ai_conformance.engine.events import Event


class Journal:
    """Appends events to a file. Raises OSError when the disk does not take them."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def write(self, event: str, /, **fields: Any) -> None:
        """Write one line and flush it."""
        said = redaction.redact_object(fields, report=redaction.Report())
        line = {"at": datetime.now(UTC).isoformat(), "event": event, **said}
        self._file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        self._file.flush()

    def event(self, event: Event) -> None:
        """Write an event of the run."""
        self.write(type(event).__name__, **dataclasses.asdict(event))

    def close(self) -> None:
        """Close the file."""
        self._file.close()
