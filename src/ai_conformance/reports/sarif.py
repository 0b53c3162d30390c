"""A run as SARIF 2.1.0 (OASIS), so that a code host lists what does not conform as alerts.

**Results.** One for each check and each case that is FAIL, ERROR or BLOCKED; a requirement is the rule. The standard
has ``kind: open`` for what could not be decided, but readers such as GitHub's code scanning look at ``level`` alone,
show nothing at ``none`` and show results of every kind as alerts. So every result is of the kind ``fail``, what could
not be observed is one level lower than what was seen to be wrong, and what passed or does not apply is no result. A
requirement that nobody tested is no alert either, but is told as a notification of the tool: an empty list of results
must not look as if all was tested.

**Places.** No source file is at fault; code scanning demands one all the same. The artifact of a result is the run's
own record ``run.json``, the line that where the check or the case begins: it exists, an editor can jump to it, and its
name is the same in every run, without which alerts would be opened anew each time. What is at fault is told as logical
location: requirement, case, variant. Fingerprints are made from these three alone, for lines move from run to run.

**Category.** The release of the checklist, not the cluster: a pipeline that makes a cluster for each run would
otherwise leave alerts that no later run closes. Whoever uploads several clusters' runs gives the upload a category.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from ai_conformance import catalog
from ai_conformance.checks import registry
from ai_conformance.model.records import CaseRecord, CheckRecord, RunRecord
from ai_conformance.model.requirements import Level
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import escaping, run_json, writer

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

# (what was seen to be wrong, what could not be observed); a requirement that the release does not have binds nobody.
_LEVELS: Final = {Level.MUST.value: ("error", "warning"), Level.SHOULD.value: ("warning", "note")}
_NOT_BINDING: Final = ("note", "note")
_ALERTS: Final = (Verdict.FAIL, Verdict.ERROR, Verdict.BLOCKED)
_UNTESTED: Final = (Verdict.NOT_TESTED, Verdict.SKIPPED)

_FOLDER: Final = "RUN"
# Code scanning takes 1024 characters of a description; what is beyond it is read in the record.
_LONGEST: Final = 1000
_CUT: Final = f" ... (all of it is in {writer.RUN_JSON})"
_SEMANTIC: Final = re.compile(r"\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)


def sarif_text(run: RunRecord) -> str:
    """The log as JSON. It goes through a library's models of the standard's schema before it is given away."""
    from fluidattacks_core.sarif import SarifLog  # noqa: PLC0415 - a fifth of a second, for this format alone

    log = SarifLog.model_validate({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(run)]})
    return log.model_dump_json(by_alias=True, exclude_unset=True, indent=2, ensure_ascii=True) + "\n"


def _run(run: RunRecord) -> dict[str, Any]:
    rules: dict[str, dict[str, Any]] = {}
    for check in run.checks:
        rules.setdefault(_id(check.requirement), _rule(check))
    indices = {name: number for number, name in enumerate(rules)}
    version = escaping.one_line(run.tool_version)
    driver = {"name": "ai-conformance", "version": version or "unknown", "rules": list(rules.values())}
    if _SEMANTIC.fullmatch(version):
        driver["semanticVersion"] = version
    untold = f"The folder of run {_short(run.run_id)}; where it is, the record does not say."
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"run/{_segment(run.release)}/{_segment(run.run_id)}"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_FOLDER: {"description": {"text": untold}}},
        "artifacts": [{"location": _artifact(writer.RUN_JSON), "mimeType": "application/json"}],
        "invocations": [_invocation(run)],
        "results": list(_results(run, indices=indices)),
        "properties": {
            "cluster": escaping.one_line(run.cluster.uid),
            "serverVersion": escaping.one_line(run.cluster.server_version),
            "release": escaping.one_line(run.release),
            "profile": escaping.one_line(run.profile),
        },
    }


def _invocation(run: RunRecord) -> dict[str, Any]:
    notes = []
    if run.interrupted:
        notes.append({"level": "error", "message": {"text": "The run was interrupted; what had not ended is unknown."}})
    for check in run.checks:
        if check.verdict in _UNTESTED:
            must = check.level == Level.MUST
            text = f"{_id(check.requirement)} ({_short(check.level)}): {check.verdict}: {_short(check.reason)}"
            notes.append({"level": "warning" if must else "note", "message": {"text": text}})
    return {
        "executionSuccessful": not run.interrupted and not any(one.verdict is Verdict.ERROR for one in run.checks),
        "startTimeUtc": _moment(run.started_at),
        "endTimeUtc": _moment(run.ended_at),
        "commandLine": escaping.escape(shlex.join(("ai-conformance", "run", *run.command))),
        "toolExecutionNotifications": notes,
    }


def _rule(check: CheckRecord) -> dict[str, Any]:
    """A requirement: as this version knows it where it does, else as the record has it."""
    name = _id(check.requirement)
    entry = next((one for one in catalog.load().all_requirements if one.id == check.requirement), None)
    known = registry.get(entry.id) if entry else None
    help_lines = []
    if known:
        help_lines += [known.summary, f"On FAIL: {known.on_fail}", f"On BLOCKED: {known.on_blocked}"]
    help_lines.append(f"All of it: ai-conformance explain {name}" if entry else "This version does not know it.")
    wrong, _unknown = _LEVELS.get(check.level, _NOT_BINDING)
    return {
        "id": name,
        "shortDescription": {"text": _short(check.title) or name},
        "fullDescription": {"text": _short(entry.summary if entry else check.title) or name},
        "help": {"text": "\n\n".join(help_lines)},
        "defaultConfiguration": {"level": wrong},
        "properties": {
            "tags": [_short(check.level) or "-", *([entry.category.value] if entry else [])],
            "requirementLevel": _short(check.level),
        },
    }


def _results(run: RunRecord, *, indices: dict[str, int]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for check, (line, case_lines) in zip(run.checks, run_json.lines_of_records(run), strict=True):
        parts = itertools.chain([(None, line)], zip(check.cases, case_lines, strict=True))
        for case, where in parts:
            if (case or check).verdict in _ALERTS:
                key = _fingerprint(check, case)
                seen[key] += 1
                made = _result(check, case, line=where)
                made["ruleIndex"] = indices[made["ruleId"]]
                made["partialFingerprints"] = {"primaryLocationLineHash": f"{key}:{seen[key]}"}
                yield made


def _result(check: CheckRecord, case: CaseRecord | None, *, line: int) -> dict[str, Any]:
    subject = case or check
    name = _id(check.requirement)
    about = f"{name}, {_named(case)}" if case else name
    sentences = [f"{about}: {subject.verdict}: {_short(subject.reason) or 'no reason was recorded'}"]
    if case and case.expected:
        sentences.append(f"Expected: {_short(case.expected)}")
    if not case and check.next_step:
        sentences.append(f"Next step: {_short(check.next_step)}")
    wrong, unknown = _LEVELS.get(check.level, _NOT_BINDING)
    result: dict[str, Any] = {
        "ruleId": name,
        "kind": "fail",
        "level": wrong if subject.verdict is Verdict.FAIL else unknown,
        "message": {"text": ". ".join(one.rstrip(".") for one in sentences) + "."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(writer.RUN_JSON),
                    "region": {"startLine": line, "startColumn": 1, "endLine": line, "endColumn": 2},
                },
                "logicalLocations": [_logical(name, case)],
            }
        ],
        "properties": {"verdict": subject.verdict.value, "requirementLevel": _short(check.level)},
    }
    if case and case.evidence:
        result["relatedLocations"] = [
            {"physicalLocation": {"artifactLocation": _artifact(path)}} for path in case.evidence
        ]
    return result


def _logical(requirement: str, case: CaseRecord | None) -> dict[str, str]:
    if case is None:
        return {"name": requirement, "fullyQualifiedName": requirement, "kind": "requirement"}
    parts = (requirement, _short(case.name), *([_short(case.variant)] if case.variant else []))
    return {"name": _named(case), "fullyQualifiedName": "/".join(parts), "kind": "case"}


def _named(case: CaseRecord) -> str:
    return _short(f"{case.name} ({case.variant})" if case.variant else case.name) or "unnamed case"


def _fingerprint(check: CheckRecord, case: CaseRecord | None) -> str:
    """Of requirement, case and variant: that which stays when its verdict, its reason and its place change."""
    parts = [check.requirement, *([case.name, case.variant] if case else [])]
    return hashlib.sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()[:16]


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(path.encode(errors="backslashreplace")) or ".", "uriBaseId": _FOLDER}


def _id(requirement: str) -> str:
    return _short(requirement) or "unnamed requirement"


def _short(text: str) -> str:
    shown = escaping.one_line(text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - len(_CUT)] + _CUT


def _segment(text: str) -> str:
    """A part of a path-like name, which no text of a record may split."""
    return quote(_short(text), safe="") or "-"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
