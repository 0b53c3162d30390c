"""A run's folder as material for a submission: its record, and artifacts that are of that record and of no other."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ai_conformance.model.records import CheckRecord, RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import artifacts, run_json, writer
from ai_conformance.submission import folders
from ai_conformance.submission.errors import Refused, SubmissionError
from ai_conformance.submission.folders import FolderError

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


def must_be_unchanged(run: Run) -> None:
    """Raise Refused where an artifact in the run's folder is not what its record says."""
    for name, data in artifacts.of(run.record).items():
        path = run.folder / name
        try:
            found = folders.of(run.folder).read(name)
        except FolderError as error:
            raise Refused(f"{run.folder}: {error}; a submission needs all artifacts") from None
        if found != data:
            hint = artifacts.why_different(run.record)
            raise Refused(f"{path} does not say what {writer.RUN_JSON} says: {hint}")
