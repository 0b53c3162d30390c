"""Take up a run that was killed or interrupted, from its journal: what had finished is kept, the rest begins anew.

Kept are the checks whose end is in the journal, whatever they found, but for those that could not observe (ERROR): an
interruption is one of their causes, and they are what somebody takes a run up for. Nothing is kept of another cluster,
another server version or another version of this tool, because one run has one answer.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ai_conformance.model.records import CheckRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import run_json

STARTED = "RunStarted"
RESUMED = "RunResumed"
FINISHED = "RunFinished"


class CannotResume(Exception):  # noqa: N818 - it says what cannot be done
    """There is nothing to take up, or not here and now; the message says why and what to do instead."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Begun:
    """A run as far as it came."""

    run_id: str
    cluster_uid: str
    server_version: str
    release: str
    tool_version: str
    command: tuple[str, ...]
    started_at: datetime
    resumed_at: tuple[datetime, ...]
    finished: Mapping[str, CheckRecord]
    """By requirement."""
    unfinished: tuple[str, ...]
    """Requirements of the checks that had begun and have to begin anew."""
    redacted: Mapping[str, int]

    def must_be_of(self, *, cluster_uid: str, server_version: str, tool_version: str) -> None:
        """Raise CannotResume where what was seen then would not be seen now."""
        for what, then, now in (
            ("on another cluster (UID of kube-system", self.cluster_uid, cluster_uid),
            ("when the cluster had another version (", self.server_version, server_version),
            ("made by another version of this tool (", self.tool_version, tool_version),
        ):
            if then != now:
                raise CannotResume(f"the run was {what} {then}, now {now}); begin a new one with run --output DIR")


def read(journal: Path) -> Begun:
    """The run of a journal. Raises CannotResume."""
    try:
        text = journal.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CannotResume(f"{journal.parent} is not the folder of a run ({journal.name}: {reason})") from error
    return of_lines(text.split("\n"), source=str(journal))


def of_lines(lines: Iterable[str], *, source: str) -> Begun:
    """As `read`. A line that a kill has torn is passed over, which is one that nothing but a resumption follows."""
    events: list[Mapping[str, Any]] = []
    torn = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        event = _event(line)
        if torn and (event is None or event["event"] != RESUMED):
            raise CannotResume(f"{source}:{torn} is no line of a journal")
        torn = 0 if event else number
        events += [event] if event else []
    if not events or events[0]["event"] != STARTED:
        raise CannotResume(f"{source} does not tell how its run began; begin a new one with run --output DIR")
    finished: dict[str, CheckRecord] = {}
    begun: list[str] = []
    resumed: list[datetime] = []
    redacted: Mapping[str, int] = {}
    try:
        for event in events:
            match event["event"]:
                case "CheckStarted":
                    begun.append(event["requirement"])
                case "CheckFinished":
                    record = run_json.read_check(event["record"])
                    finished[record.requirement] = record
                    redacted = event["redacted"]
                case "RunResumed":
                    resumed.append(datetime.fromisoformat(event["at"]))
        kept = {name: record for name, record in finished.items() if record.verdict is not Verdict.ERROR}
        return Begun(
            run_id=events[0]["run"],
            cluster_uid=events[0]["cluster"],
            server_version=events[0]["server"],
            release=events[0]["release"],
            tool_version=events[0]["tool"],
            command=tuple(events[0]["command"]),
            started_at=datetime.fromisoformat(events[0]["at"]),
            resumed_at=tuple(resumed),
            finished=kept,
            unfinished=tuple(name for name in dict.fromkeys(begun) if name not in kept),
            redacted=redacted,
        )
    except (KeyError, TypeError, ValueError, run_json.UnreadableRun) as error:
        raise CannotResume(f"{source} is not a journal that this version reads: {error}") from error


def _event(text: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("event"), str) else None
