"""The three artifacts of a run, made from its record: what they hold, and whether found ones still say it."""

from __future__ import annotations

from typing import Final

from ai_conformance import __version__
from ai_conformance.model.records import RunRecord
from ai_conformance.reports import gotest, junit

NAMES: Final = ("e2e.log", "junit.xml", "results.json")
"""Their names are the program's; what they hold is one run."""


def of(record: RunRecord) -> dict[str, bytes]:
    """The three artifacts of a record; the same record gives the same bytes."""
    return {
        "e2e.log": gotest.log_text(record).encode(),
        "junit.xml": junit.junit_bytes(record),
        "results.json": gotest.results_text(record).encode(),
    }


def written_by_this_version(record: RunRecord) -> bool:
    """Whether artifacts of the record can be compared with those that this version makes of it."""
    return record.tool_version == __version__


def why_different(record: RunRecord) -> str:
    """What it may mean that a found artifact is not what `of` makes of the record."""
    if written_by_this_version(record):
        return "it was changed, or is of another run"
    return f"it was changed, or version {record.tool_version}, which wrote it, has to be the one that looks at it"
