"""Whether the files of a run say the same: the artifacts are made of the record anew and compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator

from ai_conformance.model.records import RunRecord
from ai_conformance.reports import artifacts, markdown, run_json, writer

_REPORT = "report.md"


class NoRecord(Exception):  # noqa: N818 - it says what the file is
    """run.json cannot be read by this version; the message says why."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Difference:
    """A file that does not say what the record says."""

    name: str
    """In the run's folder."""
    sentence: str
    """Without a subject: ``does not say what run.json says``."""
    judged: bool = True
    """False where another version wrote it, which may have said the same in other words."""


def record(data: bytes) -> RunRecord:
    """The record in ``run.json``. Raises NoRecord."""
    try:
        return run_json.read_run(data)
    except run_json.UnreadableRun as error:
        raise NoRecord(str(error)) from None


def differences(record: RunRecord, *, files: Collection[str], read: Callable[[str], bytes]) -> Iterator[Difference]:
    """The artifacts that are not what the record says. The report for people may be missing, the artifacts may not."""
    made = {**artifacts.of(record), _REPORT: markdown.report_text(record).encode()}
    for name, data in made.items():
        if name not in files:
            if name != _REPORT:
                yield Difference(name=name, sentence="is missing; a run's folder has all artifacts")
        elif read(name) != data:
            yield Difference(
                name=name,
                sentence=f"does not say what {writer.RUN_JSON} says: {artifacts.why_different(record)}",
                judged=artifacts.written_by_this_version(record),
            )


def missing_evidence(record: RunRecord, *, files: Collection[str]) -> tuple[str, ...]:
    """Evidence that the record names and that is not among the files."""
    named = {path for check in record.checks for case in check.cases for path in case.evidence}
    return tuple(sorted(named - set(files)))
