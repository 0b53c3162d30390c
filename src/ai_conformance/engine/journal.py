"""The run's journal: one JSON line for each thing that happened, written before the next thing begins.

A check's end is on the disk before anybody is told of it: a run that was killed is taken up again from there. A journal
is locked as long as its run goes on, so that no other process cleans up after it, or takes it up, meanwhile.
"""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ai_conformance.engine import events
from ai_conformance.evidence import redaction
from ai_conformance.kube import clock
from ai_conformance.reports import run_json

if TYPE_CHECKING:
    from ai_conformance.engine.events import Event


class Journal:
    """Appends events to a file. Raises OSError when the disk does not take them, and BlockingIOError: see `in_use`."""

    def __init__(self, path: Path, *, rules: tuple[redaction.Rule, ...] = ()) -> None:
        self._rules = rules
        self._file = path.open("a", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise
        if is_torn(path):  # so that the next event does not become part of the torn line
            self._file.write("\n")

    def write(self, event: str, /, **fields: Any) -> None:
        """Write one line and flush it. Without the user's rules: by such lines a run knows its cluster again."""
        said = redaction.redact_object(fields, report=redaction.Report())
        line = {"at": clock.now().isoformat(), "event": event, **said}
        self._file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        self._file.flush()

    def event(self, event: Event) -> None:
        """Write an event of the run, cut by the user's rules too."""
        fields = {field.name: run_json.plain(getattr(event, field.name)) for field in dataclasses.fields(event)}
        cut = redaction.redact_object(fields, report=redaction.Report(own=self._rules))
        self.write(type(event).__name__, **cut)
        if isinstance(event, events.CheckFinished):
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def is_torn(path: Path) -> bool:
    """Whether the last line of a file has no end."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def in_use(path: Path) -> bool:
    """Whether the run of this journal goes on, on this machine."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
