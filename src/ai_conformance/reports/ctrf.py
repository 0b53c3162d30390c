"""A run in the Common Test Report Format (ctrf.io), for dashboards and bots that read it.

One test for each requirement and one for each case, the latter in the suite of its requirement, as in ``junit.xml``;
all requirements are there, those too that no check covers. ``rawStatus`` is our verdict. How it becomes one of the
format's five states, of which readers take ``passed`` alone for green and most fail a pipeline by ``failed`` alone:

- PASS is passed, and nothing else is.
- FAIL, ERROR and BLOCKED are failed, as in the Go artifacts. The format's ``other`` would be nearer to the latter two,
  but a pipeline that counts failures would then be green for a cluster of which nothing is known.
- NOT_APPLICABLE and SKIPPED are skipped; NOT_TESTED is pending, because a person still has to attest.
- A requirement with a failed case is failed, whatever its own verdict says.

Times are of the record, identifiers are made from it: the same run gives the same bytes.
"""

from __future__ import annotations

import json
import mimetypes
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from ai_conformance.model.records import CaseRecord, CheckRecord, RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import escaping

SPEC_VERSION: Final = "0.0.0"
"""What the format's own schema and tools call the version that is described today."""

STATUS: Final = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.ERROR: "failed",
    Verdict.BLOCKED: "failed",
    Verdict.NOT_APPLICABLE: "skipped",
    Verdict.SKIPPED: "skipped",
    Verdict.NOT_TESTED: "pending",
}
_STATES: Final = ("passed", "failed", "skipped", "pending", "other")

# Any constant does: it makes names of ours differ from everybody else's.
_NAMESPACE: Final = uuid.UUID("5c3ad6a5-8a3e-4f0e-9b0f-0d6f0f8f5a11")


def ctrf_text(run: RunRecord) -> str:
    """The report as JSON, ASCII only."""
    return json.dumps(_report(run), indent=2, allow_nan=False) + "\n"


def _report(run: RunRecord) -> dict[str, Any]:
    tests = list(_tests(run))
    counts = Counter(test["status"] for test in tests)
    start, stop = _milliseconds(run.started_at), _milliseconds(run.ended_at)
    return {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "reportId": str(uuid.uuid5(_NAMESPACE, _text(run.run_id))),
        "runId": _text(run.run_id) or "-",
        "timestamp": run.ended_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "generatedBy": "ai-conformance",
        "results": {
            "tool": {"name": "ai-conformance", "version": _text(run.tool_version)},
            "summary": {
                "tests": len(tests),
                **{state: counts[state] for state in _STATES},
                "suites": len({tuple(test["suite"]) for test in tests}),
                "start": start,
                "stop": stop,
                "duration": max(stop - start, 0),
            },
            "tests": tests,
            "environment": {
                "appName": f"Kubernetes {_text(run.cluster.server_version)}",
                "testEnvironment": _text(run.cluster.uid),
                "extra": {
                    "release": _text(run.release),
                    "profile": _text(run.profile),
                    "nodes": run.cluster.nodes,
                    "accelerators": [_text(line) for line in run.cluster.accelerators],
                    "interrupted": run.interrupted,
                },
            },
        },
    }


def _tests(run: RunRecord) -> Iterator[dict[str, Any]]:
    top = f"Kubernetes AI Conformance {_text(run.release)}"
    for check in run.checks:
        yield _requirement(check, top=top)
        for case in check.cases:
            yield _case(case, check=check, top=top)


def _requirement(check: CheckRecord, *, top: str) -> dict[str, Any]:
    name = _text(check.requirement) or "-"
    below = any(STATUS[case.verdict] == "failed" for case in check.cases)
    test = _test(check, name=name, status="failed" if below else STATUS[check.verdict], identity=(check.requirement,))
    test["suite"] = [top]
    test["type"] = "requirement"
    test["tags"] = [tag for tag in (_text(check.level), "automated" if check.automated else "by hand") if tag]
    test["extra"] = {"title": _text(check.title), "nextStep": _text(check.next_step), "apiRequests": check.api_requests}
    if check.artifact:
        test["extra"]["goTest"] = _text(check.artifact)
    return test


def _case(case: CaseRecord, *, check: CheckRecord, top: str) -> dict[str, Any]:
    requirement = _text(check.requirement) or "-"
    name = _text(f"{case.name} ({case.variant})" if case.variant else case.name) or "-"
    identity = (check.requirement, case.name, case.variant)
    test = _test(case, name=name, status=STATUS[case.verdict], identity=identity)
    test["suite"] = [top, requirement]
    test["type"] = "case"
    test["tags"] = [tag for tag in (_text(check.level), case.kind.value) if tag]
    test["attachments"] = [_attachment(path) for path in case.evidence]
    test["extra"] = {"expected": _text(case.expected), "observed": [_text(seen) for seen in case.observed]}
    return test


def _test(record: CheckRecord | CaseRecord, *, name: str, status: str, identity: tuple[str, ...]) -> dict[str, Any]:
    """What both have. ``message`` is for whatever did not pass; a reader shows it as an error."""
    start = _milliseconds(record.started_at)
    duration = round(max(record.duration_s, 0.0) * 1000)
    test: dict[str, Any] = {
        "testId": str(uuid.uuid5(_NAMESPACE, "\0".join(_text(part) for part in identity))),
        "name": name,
        "status": status,
        "rawStatus": record.verdict.value,
        "duration": duration,
        "start": start,
        "stop": start + duration,
        "stdout": [line for entry in record.log for line in escaping.lines(entry.text)],
    }
    if status != "passed":
        test["message"] = f"{record.verdict}: {_text(record.reason)}"
    return test


def _attachment(path: str) -> dict[str, str]:
    kind = mimetypes.types_map.get(f".{path.rpartition('.')[2].lower()}", "application/octet-stream")
    return {"name": _text(path.rpartition("/")[2]), "contentType": kind, "path": _text(path)}


def _text(text: str) -> str:
    return escaping.one_line(text)


def _milliseconds(at: datetime) -> int:
    """Since 1970, without the detour over a float."""
    since = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000
