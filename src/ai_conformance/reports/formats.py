"""The formats that a run can be told in, one line each. A writer is imported when it is used, never to list it."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from ai_conformance.model.records import RunRecord
from ai_conformance.reports.html.evidence import Folder


@dataclasses.dataclass(frozen=True, kw_only=True)
class Format:
    """Where the writer of a format is, and what the format is for."""

    module: str
    function: str
    """Takes a `RunRecord`, and gives the whole content: text, which becomes UTF-8, or bytes."""
    told: str
    """A few words for the help."""
    shows_evidence: bool = False
    """Whether the function also takes ``evidence``, a reader of the files in the run's folder."""


FORMATS: Final[Mapping[str, Format]] = {
    "markdown": Format(module="markdown", function="report_text", told="for a person (report.md)"),
    "html": Format(
        module="html", function="html_text", told="for a person, with evidence (report.html)", shows_evidence=True
    ),
    "junit": Format(module="junit", function="junit_bytes", told="JUnit XML (junit.xml)"),
    "gotest": Format(module="gotest", function="log_text", told="the log of a Go test (e2e.log)"),
    "results": Format(module="gotest", function="results_text", told="the events of a Go test (results.json)"),
    "json": Format(module="run_json", function="run_text", told="the record itself (run.json); see --schema"),
    "sarif": Format(module="sarif", function="sarif_text", told="SARIF 2.1.0, for code hosts"),
    "ctrf": Format(module="ctrf", function="ctrf_text", told="Common Test Report Format"),
}


def content(run: RunRecord, *, name: str, folder: Path | None = None) -> bytes:
    """A run in the format of that name, which has to be one of `FORMATS`; ``folder`` is where its evidence is."""
    chosen = FORMATS[name]
    module = importlib.import_module(f"ai_conformance.reports.{chosen.module}")
    function: Callable[..., str | bytes] = getattr(module, chosen.function)
    made = function(run, **({"evidence": Folder(folder)} if chosen.shows_evidence and folder is not None else {}))
    return made if isinstance(made, bytes) else made.encode()
