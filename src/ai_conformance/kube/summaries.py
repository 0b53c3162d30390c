"""Objects in a few words, for messages that say what a wait has last seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def summary(objects: Iterable[Mapping[str, Any]]) -> str:
    """A few words on each object: its name, its phase, and the conditions that do not hold."""
    lines: list[str] = []
    for obj in sorted(objects, key=lambda one: str(one["metadata"]["name"])):
        status = obj.get("status") or {}
        words = [str(status["phase"])] if "phase" in status else []
        words += [
            f"{condition['type']}={condition['status']} {condition.get('reason', '')}: {condition.get('message', '')}"
            for condition in status.get("conditions") or ()
            if condition.get("status") != "True"
        ]
        lines.append(f"{obj['metadata']['name']} ({'; '.join(words) or 'no status'})"[:400])
    more = f" and {len(lines) - 5} more" if len(lines) > 5 else ""
    return (", ".join(lines[:5]) + more) or "no such object"
