"""`results.json`: what `go test -json` prints, one event a line."""

from __future__ import annotations

from ai_conformance.submission.artifacts import json_objects, lines
from ai_conformance.submission.artifacts.outcomes import ArtifactError, ArtifactReport, Recorder, TestOutcome

_OUTCOMES = {"pass": TestOutcome.PASSED, "fail": TestOutcome.FAILED, "skip": TestOutcome.SKIPPED}
_KEYS = ("Action", "Package", "Test")
# What Go's unicode package calls space; Python's `strip` would also take the separators U+001C to U+001F.
_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def read(data: bytes) -> ArtifactReport:
    """The tests of the events. Raises ArtifactError with the line that is no event, or if no test ended."""
    recorder = Recorder()
    failed_packages: list[str] = []
    for number, line in lines.numbered(data):
        text = line.decode("utf-8", "surrogateescape").strip(_SPACE)
        if not text:
            continue
        try:
            event = json_objects.texts(text, keys=_KEYS)
        except json_objects.RefusedError as error:
            raise ArtifactError(f"line {number} is no event of 'go test -json': {error}", line=number) from None
        outcome = _OUTCOMES.get(event.get("Action", ""))
        if outcome is None:
            continue
        if test := event.get("Test", ""):
            recorder.record(test, outcome)
        elif outcome is TestOutcome.FAILED:
            failed_packages.append(event.get("Package", ""))
    report = recorder.report(failed_packages=tuple(failed_packages))
    if not report.tests and not report.failures:
        raise ArtifactError("no event says how a test ended")
    return report
