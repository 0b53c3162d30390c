"""`e2e.log`: what `go test -v` prints. Only the lines that say how a test ended count."""

from __future__ import annotations

import re

from ai_conformance.submission.artifacts import lines
from ai_conformance.submission.artifacts.outcomes import ArtifactError, ArtifactReport, Recorder, TestOutcome

# White space is Go's: ASCII without the vertical tab. On bytes, since a name may hold any.
_RESULT = re.compile(rb"[\t\n\f\r ]*--- (PASS|FAIL|SKIP): ([^\t\n\f\r ]+)")
_OUTCOMES = {b"PASS": TestOutcome.PASSED, b"FAIL": TestOutcome.FAILED, b"SKIP": TestOutcome.SKIPPED}


def read(data: bytes) -> ArtifactReport:
    """The tests of a log. Raises ArtifactError if no line says how one ended."""
    recorder = Recorder()
    for _, line in lines.numbered(data):
        if found := _RESULT.match(line):
            recorder.record(found[2].decode("utf-8", "surrogateescape"), _OUTCOMES[found[1]])
    report = recorder.report()
    if not report.tests:
        raise ArtifactError("no line begins with '--- PASS:', '--- FAIL:' or '--- SKIP:', as those of 'go test -v' do")
    return report
