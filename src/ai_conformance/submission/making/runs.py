"""A run's folder as material for a submission: its record, and artifacts that are of that record and of no other."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ai_conformance import __version__
from ai_conformance.model.records import CheckRecord, RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import gotest, junit, run_json, writer
from ai_conformance.submission import folders
from ai_conformance.submission.errors import Refused, SubmissionError
from ai_conformance.submission.folders import FolderError

ARTIFACTS = ("e2e.log", "junit.xml", "results.json")
"""Their names are the program's; what they hold is one run."""

_FAILING = (Verdict.FAIL, Verdict.ERROR, Verdict.BLOCKED)
"""What the artifacts show as a failed test."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """A finished run in its folder."""

    folder: Path
    record: RunRecord

    @property
    def failing(self) -> tuple[CheckRecord, ...]:
        """Checks that the artifacts show as failed; the program refuses a submission with one of them."""
        return tuple(one for one in self.record.checks if one.verdict in _FAILING)


def read(folder: Path) -> Run:
    """The run in a folder. Raises SubmissionError where there is none or it cannot be read, Refused where it was
    interrupted."""
    path = folder / writer.RUN_JSON
    try:
        record = run_json.read_run(folders.of(folder).read(writer.RUN_JSON))
    except FolderError as error:
        raise SubmissionError(f"{folder} is no run's folder: {error}") from None
    except run_json.UnreadableRun as error:
        raise SubmissionError(f"{path}: {error}") from None
    if record.interrupted:
        raise Refused(f"the run in {folder} was interrupted; a submission needs a whole one: run it again")
    return Run(folder=folder, record=record)


def artifacts(record: RunRecord) -> dict[str, bytes]:
    """The three artifacts of a record; the same record gives the same bytes."""
    return {
        "e2e.log": gotest.log_text(record).encode(),
        "junit.xml": junit.junit_bytes(record),
        "results.json": gotest.results_text(record).encode(),
    }


def must_be_unchanged(run: Run) -> None:
    """Raise Refused where an artifact in the run's folder is not what its record says."""
    for name, data in artifacts(run.record).items():
        path = run.folder / name
        try:
            found = folders.of(run.folder).read(name)
        except FolderError as error:
            raise Refused(f"{run.folder}: {error}; a submission needs all artifacts") from None
        if found != data:
            written = run.record.tool_version
            hint = (
                "it was changed, or is of another run"
                if written == __version__
                else f"it was changed, or version {written}, which wrote it, has to be the one that packs it"
            )
            raise Refused(f"{path} does not say what {writer.RUN_JSON} says: {hint}")
