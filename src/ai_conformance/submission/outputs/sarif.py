"""Findings as SARIF 2.1.0 (OASIS), the format that code hosts and editors read.

One run per set of rules, each with the rules that it knows, whether they found something or not. The log goes through
a library's models of the standard's schema before it is printed, so that one that breaks it cannot leave the tool.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from ai_conformance import __version__
from ai_conformance.reports import escaping
from ai_conformance.submission.findings import Finding, Report, Verdict
from ai_conformance.submission.rules import Rule

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE: Final = "SRCROOT"


def sarif(reports: Sequence[Report], *, rules: Mapping[str, Rule], base: Path | None = None) -> str:
    """The log as JSON; paths in `base`, the root of the checkout, are relative to it, as a code host wants them."""
    from fluidattacks_core.sarif import SarifLog  # noqa: PLC0415 - a third of a second, for this format alone

    names = dict.fromkeys(one.rules for one in reports)
    content = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [_run([one for one in reports if one.rules == name], rules=rules, base=base) for name in names],
    }
    log = SarifLog.model_validate(content)
    return log.model_dump_json(by_alias=True, exclude_unset=True, indent=2) + "\n"


def _run(reports: Sequence[Report], *, rules: Mapping[str, Rule], base: Path | None) -> dict[str, Any]:
    found = [finding for report in reports for finding in report.findings]
    unlisted = dict.fromkeys(one.rule for one in found if one.rule not in rules)
    described = [*(_rule(one) for one in rules.values()), *({"id": one} for one in unlisted)]
    indices = {rule["id"]: number for number, rule in enumerate(described)}
    return {
        "tool": {"driver": {"name": "ai-conformance", "semanticVersion": __version__, "rules": described}},
        "automationDetails": {"id": f"submission-check/{reports[0].rules}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": all(one.verdict is not Verdict.NOT_EVALUATED for one in reports),
                "toolExecutionNotifications": [_obstacle(one, base=base) for one in reports if one.obstacle],
            }
        ],
        "results": [_result(one, indices=indices, base=base) for one in found],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": f"{rule.remedy}\n\nSource: {rule.source}"},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(finding: Finding, *, indices: Mapping[str, int], base: Path | None) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(finding.path, base=base),
            "region": {"startLine": finding.line, "startColumn": finding.column},
        }
    }
    if finding.requirement:
        location["logicalLocations"] = [{"name": finding.requirement, "kind": "requirement"}]
    message = f"{finding.message}. {finding.remedy}" if finding.remedy else finding.message
    return {
        "ruleId": finding.rule,
        "ruleIndex": indices[finding.rule],
        "level": finding.severity.value,
        "message": {"text": escaping.one_line(message)},
        "locations": [location],
    }


def _obstacle(report: Report, *, base: Path | None) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": escaping.one_line(report.obstacle)},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(report.folder, base=base)}}],
    }


def _artifact(path: Path, *, base: Path | None) -> dict[str, str]:
    absolute, root = path.absolute(), (base or Path.cwd()).absolute()
    if absolute.is_relative_to(root):
        return {"uri": quote(os.fsencode(absolute.relative_to(root))), "uriBaseId": _BASE}
    return {"uri": absolute.as_uri()}
