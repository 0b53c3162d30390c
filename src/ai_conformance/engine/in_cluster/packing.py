"""What a run in a pod leaves for those outside: its bundle, or what to say where there is none, and last the mark that
it is there."""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
from pathlib import Path

import junitparser

from ai_conformance.engine.in_cluster import layout
from ai_conformance.engine.in_cluster.layout import Outcome, Results
from ai_conformance.evidence.bundle import making
from ai_conformance.evidence.bundle.errors import BundleError


def leave(results: Results, *, exit_code: int, trouble: str = "") -> Outcome:
    """Pack what the run has left, tell how it ended, and say that it is done. Raises OSError where the disk fails.

    ``trouble`` is what is known of a run that did not end by itself.
    """
    size, digest = 0, ""
    try:
        if not results.run.exists():
            raise BundleError("it did not begin; its log says why")
        making.create(results.run, results.bundle, replace=True)
    except BundleError as error:
        trouble = f"{trouble}; {error}" if trouble else str(error)
        for_sonobuoy = results.junit
        layout.write(for_sonobuoy, _junit(trouble, exit_code=exit_code))
    else:
        size, digest = _measured(results.bundle)
        for_sonobuoy = results.compressed
        _compress(results.bundle, for_sonobuoy)
    outcome = Outcome(exit_code=exit_code, trouble="" if digest else trouble, size_bytes=size, sha256=digest)
    layout.write(results.done, str(for_sonobuoy).encode())
    layout.write(results.outcome, outcome.text().encode())
    return outcome


def _measured(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


def _compress(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.tmp")
    with source.open("rb") as raw, gzip.GzipFile(temporary, "wb", mtime=0) as packed:
        shutil.copyfileobj(raw, packed)
    temporary.replace(target)


def _junit(trouble: str, *, exit_code: int) -> bytes:
    """A run without a record has no results, and Sonobuoy would take no file for no trouble."""
    case = junitparser.TestCase("run", classname="ai-conformance")
    case.result = junitparser.Error(f"exit code {exit_code}: {trouble}; see the container's log", "ERROR")
    suite = junitparser.TestSuite("ai-conformance")
    suite.add_testcase(case)
    content = io.BytesIO()
    report = junitparser.JUnitXml("ai-conformance")
    report.add_testsuite(suite)
    report.update_statistics()  # type: ignore[no-untyped-call]
    report.write(content, pretty=False)
    return content.getvalue()
