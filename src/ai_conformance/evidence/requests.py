"""What was asked for each case, with times, as it was sent and as it was read: a line of JSON for each request.

    evidence/<requirement>/<Case>[/<variant>]/requests.jsonl
    evidence/<requirement>/requests.jsonl                     what belongs to the check and to none of its cases

Appended while the case goes on, so that a killed run has it. It is for people; a replay has the recording.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ai_conformance.evidence import recorder

if TYPE_CHECKING:
    from ai_conformance.kube.recording.recorder import Exchange

_OF_A_CHECK: Final = "check/"


class Requests:
    """Writes the files of all cases of a run. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is the run's."""
        self._folder = folder
        self._sizes: dict[Path, int] = {}

    def take(self, exchange: Exchange) -> None:
        """Write one down; what is of no check is not evidence of one."""
        if not exchange.actor.startswith(_OF_A_CHECK):
            return
        requirement = exchange.actor.removeprefix(_OF_A_CHECK)
        case = exchange.case
        parts = [requirement, *([case.name] if case else []), *([case.variant] if case and case.variant else [])]
        path = self._folder.joinpath(recorder.ROOT, *map(recorder.safe_name, parts), recorder.REQUESTS)
        size = self._sizes.get(path)
        if size is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            size = 0
        if size > recorder.JSON_LIMIT_BYTES:
            return
        line = _line(exchange)
        if size + len(line) > recorder.JSON_LIMIT_BYTES:
            line, size = json.dumps({"cut": "more is not kept"}) + "\n", recorder.JSON_LIMIT_BYTES
        with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(line)
        self._sizes[path] = size + max(len(line), 1)


def _line(exchange: Exchange) -> str:
    said: dict[str, Any] = {
        "at": exchange.at.isoformat(),
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "duration_s": round(exchange.duration_s, 6),
        "trouble": exchange.trouble,
        "sent": exchange.sent,
        "read": exchange.read,
    }
    return json.dumps({key: value for key, value in said.items() if value not in (None, "")}, ensure_ascii=False) + "\n"
