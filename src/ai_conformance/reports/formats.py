"""The formats that a run can be told in, one line each. A writer is imported when it is used, never to list it."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Mapping
from typing import Final

from ai_conformance.model.records import RunRecord


@dataclasses.dataclass(frozen=True, kw_only=True)
class Format:
    """Where the writer of a format is, and what the format is for."""

    module: str
    function: str
    """Takes a `RunRecord` and nothing else, and gives the whole content: text, which becomes UTF-8, or bytes."""
    told: str
    """A few words for the help."""


FORMATS: Final[Mapping[str, Format]] = {
    "markdown": Format(module="markdown", function="report_text", told="for a person (report.md)"),
    "junit": Format(module="junit", function="junit_bytes", told="JUnit XML (junit.xml)"),
    "gotest": Format(module="gotest", function="log_text", told="the log of a Go test (e2e.log)"),
    "results": Format(module="gotest", function="results_text", told="the events of a Go test (results.json)"),
    "json": Format(module="run_json", function="run_text", told="the record itself (run.json); see --schema"),
    "sarif": Format(module="sarif", function="sarif_text", told="SARIF 2.1.0, for code hosts"),
    "ctrf": Format(module="ctrf", function="ctrf_text", told="Common Test Report Format"),
}


def content(run: RunRecord, *, name: str) -> bytes:
    """A run in the format of that name, which has to be one of `FORMATS`."""
    chosen = FORMATS[name]
    module = importlib.import_module(f"ai_conformance.reports.{chosen.module}")
    function: Callable[[RunRecord], str | bytes] = getattr(module, chosen.function)
    made = function(run)
    return made if isinstance(made, bytes) else made.encode()
