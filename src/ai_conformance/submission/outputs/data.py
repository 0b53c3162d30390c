"""Findings as JSON for other programs; its form is promised in `schema/check.schema.json`.

A key may be added within a version of the format; one that goes or changes its meaning makes a new version.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ai_conformance import __version__
from ai_conformance.submission import findings
from ai_conformance.submission.findings import Finding, Report, Severity, Verdict

FORMAT_VERSION: Final = 1
SCHEMA_PATH: Final = Path(__file__).parent / "schema" / "check.schema.json"


def data(reports: Sequence[Report]) -> str:
    """Every report with all that it holds, indented, ASCII only."""
    content = {
        "format_version": FORMAT_VERSION,
        "tool_version": __version__,
        "exit_code": findings.exit_code(reports).value,
        "reports": [_report(one) for one in reports],
    }
    return json.dumps(content, indent=2) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of the format."""
    content: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    return content


def _report(report: Report) -> dict[str, Any]:
    return {
        "folder": report.folder.as_posix(),
        "rules": report.rules,
        "verdict": _VERDICTS[report.verdict],
        "obstacle": report.obstacle or None,
        "left_out": list(report.left_out),
        "counts": {severity.value: report.count(severity) for severity in Severity},
        "findings": [_finding(one) for one in report.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "path": finding.path.as_posix(),
        "line": finding.line,
        "column": finding.column,
        "requirement": finding.requirement,
        "remedy": finding.remedy or None,
        "fixable": finding.fixable,
    }


_VERDICTS: Final = {
    Verdict.CONFORMS: "conforms",
    Verdict.DOES_NOT_CONFORM: "does-not-conform",
    Verdict.NOT_EVALUATED: "not-evaluated",
}
