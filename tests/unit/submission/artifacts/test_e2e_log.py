"""`e2e.log`, as Go's regexp and bufio read it. The answers of the table were given by a Go program."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.submission.artifacts import ArtifactError, ArtifactKind, TestOutcome, read

PASSED, FAILED, SKIPPED = TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.SKIPPED
MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"--- PASS: T (0.00s)", "T"),
        (b"    --- PASS: T/a_b#01 (0.00s)", "T/a_b#01"),
        (b"\t\f\r --- PASS: T", "T"),
        (b"--- PASS: T\v(0.00s)", "T\v(0.00s)"),
        (b"--- PASS: T\xc2\xa0x", "T\xa0x"),
        (b"--- PASS: \xe2\x80\xa8", "\u2028"),
        (b"--- PASS: T\xff", "T\udcff"),
        (b"--- PASS: T\r", "T"),
        (b"--- PASS: T: x", "T:"),
    ],
)
def test_a_line_that_says_how_a_test_ended_is_found(line: bytes, name: str) -> None:
    assert read(line, kind=ArtifactKind.E2E_LOG).tests == {name: PASSED}


@pytest.mark.parametrize(
    "line",
    [
        b"\v--- PASS: T",
        b"\xc2\x85--- PASS: T",
        b"\xe2\x80\xa8--- PASS: T",
        b"\x1c--- PASS: T",
        b"x --- PASS: T",
        b"--- pass: T",
        b"--- PASS:  T",
        b"---  PASS: T",
        b"--- PASS: ",
        b"--- PASS: \n T",
        b"--- BENCH: T",
        b"\x1b[32m--- PASS: T",
        b"\xef\xbb\xbf--- PASS: T",
        b"PASS\nok  \tpackage\t1.0s\n",
        b"",
    ],
)
def test_a_log_without_such_a_line_is_refused(line: bytes) -> None:
    with pytest.raises(ArtifactError, match="--- PASS:"):
        read(line, kind=ArtifactKind.E2E_LOG)


def test_a_failure_stays_and_otherwise_the_last_record_counts() -> None:
    log = b"--- PASS: A\n--- FAIL: A\n--- PASS: A\n--- PASS: B\n--- SKIP: B\n--- FAIL: A\n"
    report = read(log, kind=ArtifactKind.E2E_LOG)
    assert report.tests == {"A": FAILED, "B": SKIPPED}
    assert report.failures == ("A",)


@pytest.mark.parametrize("end", [b"", b"\n", b"\nmore\n"])
def test_a_line_of_16_mebibytes_is_refused_and_one_byte_less_is_read(end: bytes) -> None:
    head = b"--- PASS: T "
    short = head + b"x" * (16 * MEBIBYTE - 1 - len(head))
    assert read(short + end, kind=ArtifactKind.E2E_LOG).tests == {"T": PASSED}
    with pytest.raises(ArtifactError, match="16 MiB") as refused:
        read(b"--- PASS: A\n" + short + b"x" + end, kind=ArtifactKind.E2E_LOG)
    assert refused.value.line == 2


@given(st.lists(st.sampled_from([b"--- ", b"PASS", b"FAIL", b": ", b" ", b"\r", b"\n", b"\v", b"T", b"\xff"])))
def test_whatever_the_bytes_it_is_read_or_refused(pieces: list[bytes]) -> None:
    log = b"".join(pieces)
    try:
        report = read(log, kind=ArtifactKind.E2E_LOG)
    except ArtifactError:
        report = None
    if report is None:
        assert b"--- PASS: T" not in log.split(b"\n")
    else:
        assert set(report.failures) == {name for name, outcome in report.tests.items() if outcome is FAILED}
