"""``junit.xml``: the same tests and outcomes as the Go artifacts, for continuous integration systems.

FAIL becomes ``failure``; ERROR and BLOCKED become ``error``, because nothing was learnt about the platform; what Go
skips becomes ``skipped``. The verdict is the ``type`` of that element. Characters that XML 1.0 forbids cannot occur,
since all text is escaped first (`escaping`).
"""

from __future__ import annotations

import io
from datetime import UTC
from typing import Final

import junitparser

from ai_conformance.model.records import RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import escaping, gotest, outcomes
from ai_conformance.reports.outcomes import Outcome, TestNode

_OBSERVED_NOTHING: Final = (Verdict.ERROR, Verdict.BLOCKED)


def junit_bytes(run: RunRecord) -> bytes:
    """The content of ``junit.xml``, UTF-8."""
    package = gotest.package_of(run)
    duration_s = max(round((run.ended_at - run.started_at).total_seconds(), 3), 0.0)
    suite = junitparser.TestSuite(package)
    suite.timestamp = run.started_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    for name, value in _properties(run).items():
        suite.add_property(name, escaping.one_line(value))
    nodes = [node for test in outcomes.tests_of(run) for node in test.walk()]
    suite.add_testcases([_case(node, package=package) for node in nodes])
    root = junitparser.JUnitXml("ai-conformance")
    root.add_testsuite(suite)
    root.update_statistics()  # type: ignore[no-untyped-call]
    # A parent's time contains that of the tests below it, so the sum would count it twice.
    suite.time = root.time = duration_s
    content = io.BytesIO()
    root.write(content, pretty=False)
    return content.getvalue() + b"\n"


def _properties(run: RunRecord) -> dict[str, str]:
    return {
        "version": run.tool_version,
        "run": run.run_id,
        "release": run.release,
        "profile": run.profile,
        "cluster": run.cluster.uid,
        "server": run.cluster.server_version,
        "interrupted": str(run.interrupted).lower(),
    }


def _case(node: TestNode, *, package: str) -> junitparser.TestCase:
    case = junitparser.TestCase(node.name, classname=package, time=node.duration_s)
    result = _result(node)
    if result is not None:
        case.result = result
    case.system_out = "\n".join(gotest.transcript(node))
    return case


def _result(node: TestNode) -> junitparser.junitparser.FinalResult | None:
    if node.outcome is Outcome.PASS:
        return None
    kind: type[junitparser.junitparser.FinalResult] = junitparser.Skipped
    if node.outcome is Outcome.FAIL:
        kind = junitparser.Error if node.verdict in _OBSERVED_NOTHING else junitparser.Failure
    # A test may fail by a test below it while its own verdict is a softer one.
    message = escaping.one_line(node.reason) or f"{node.verdict}; see the tests below it"
    return kind(message, node.verdict.value)
