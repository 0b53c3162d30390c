"""`junit.xml`: test cases in suites, however deep; the counters and the name of the root say nothing."""

from __future__ import annotations

import dataclasses

from ai_conformance.submission.artifacts import xml_tokens
from ai_conformance.submission.artifacts.outcomes import ArtifactError, ArtifactReport, Recorder, TestOutcome

_DEPTH = 10_000
"""Go's limit for elements within each other, which holds for those that it keeps."""


@dataclasses.dataclass(slots=True)
class _Case:
    name: str = ""
    failed: bool = False
    skipped: bool = False

    @property
    def outcome(self) -> TestOutcome:
        if self.failed:
            return TestOutcome.FAILED
        return TestOutcome.SKIPPED if self.skipped else TestOutcome.PASSED


@dataclasses.dataclass(slots=True)
class _Suite:
    cases: list[_Case] = dataclasses.field(default_factory=list)
    suites: list[_Suite] = dataclasses.field(default_factory=list)


def read(data: bytes) -> ArtifactReport:
    """The test cases of the first element. Raises ArtifactError if it is no XML to Go, or has none."""
    recorder = Recorder()
    waiting = [_tree(data)]
    while waiting:
        suite = waiting.pop()
        # The order decides which of two records of a name is the last: a suite's own cases, then its suites.
        for case in suite.cases:
            recorder.record(case.name, case.outcome)
        waiting.extend(reversed(suite.suites))
    report = recorder.report()
    if not report.tests:
        raise ArtifactError("it has no element <testcase>")
    return report


def _tree(data: bytes) -> _Suite:
    root = _Suite()
    # What each open element is kept as; None for those that are passed over.
    kept: list[_Suite | _Case | None] = []
    for token in xml_tokens.elements(data):
        if isinstance(token, xml_tokens.End):
            kept.pop()
            if not kept:
                # Go does not read on, so whatever follows is tolerated.
                return root
        else:
            kept.append(_kept(token, kept[-1], depth=len(kept) + 1) if kept else root)
    raise ArtifactError("it has no element")


def _kept(start: xml_tokens.Start, parent: _Suite | _Case | None, *, depth: int) -> _Suite | _Case | None:
    found: _Suite | _Case | None = None
    match parent, start.name:
        case _Suite(), "testsuite":
            found = _Suite()
            parent.suites.append(found)
        case _Suite(), "testcase":
            # Of two attributes of the name, whatever their prefixes, the last counts.
            names = [value for key, value in start.attributes if key == "name"]
            found = _Case(name=names[-1] if names else "")
            parent.cases.append(found)
        case _Case(), "failure" | "error":
            parent.failed = True
        case _Case(), "skipped":
            parent.skipped = True
        case _:
            return None
    if depth > _DEPTH:
        raise ArtifactError(f"its elements are nested more than {_DEPTH} levels deep")
    return found
