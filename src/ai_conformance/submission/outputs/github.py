"""Findings as workflow commands of GitHub Actions, which shows them beside the lines of a pull request.

The form is GitHub's "workflow commands": ``::error file=...,line=...::message``, with per cent, line ends and, in
properties, colon and comma encoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ai_conformance.reports import escaping
from ai_conformance.submission.findings import Finding, Report, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def github(reports: Sequence[Report], *, base: Path | None = None) -> str:
    """One command a line; paths are relative to `base`, the root of the checkout, where they lie in it."""
    return "".join(f"{line}\n" for line in _lines(reports, base=base))


def _lines(reports: Sequence[Report], *, base: Path | None) -> Iterator[str]:
    for report in reports:
        for finding in report.findings:
            yield _command(finding, base=base)
        if report.obstacle:
            where = _property(_relative(report.folder, base=base))
            yield f"::error file={where},title=not evaluated::{_data(report.obstacle)}"


def _command(finding: Finding, *, base: Path | None) -> str:
    properties = (
        f"file={_property(_relative(finding.path, base=base))},line={finding.line},col={finding.column},"
        f"title={_property(finding.rule)}"
    )
    message = f"{finding.sentence}. {finding.remedy}" if finding.remedy else finding.sentence
    return f"::{_COMMANDS[finding.severity]} {properties}::{_data(message)}"


def _relative(path: Path, *, base: Path | None) -> str:
    if base is None:
        return path.as_posix()
    absolute = path.absolute()
    return (absolute.relative_to(base.absolute()) if absolute.is_relative_to(base.absolute()) else path).as_posix()


def _data(text: str) -> str:
    return escaping.one_line(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
