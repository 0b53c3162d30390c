"""`results.json`, as Go's encoding/json reads it. The answers of the tables were given by a Go program."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.submission.artifacts import ArtifactError, ArtifactKind, ArtifactReport, TestOutcome, read

PASSED = TestOutcome.PASSED
SOUND = b'{"Action":"pass","Test":"T"}'


def report_of(data: bytes) -> ArtifactReport:
    return read(data, kind=ArtifactKind.RESULTS_JSON)


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (b'{"action":"pass","TEST":"T"}', "T"),
        (b'{"Action":"pass","Te\xc5\xbft":"T"}', "T"),
        (b'{"A\\u0063tion":"pass","Test":"T"}', "T"),
        (b'{"Action":"fail","Action":"pass","Test":"S","Test":"T"}', "T"),
        (b'{"Action":"pass","Action":null,"Test":"T"}', "T"),
        (b'\xe2\x80\xa8\v{"Action":"pass","Test":"T"}\xc2\x85\xc2\xa0', "T"),
        (b'{"Action":"pass","Test":"T\xff\xe2\x82"}', "T\ufffd\ufffd\ufffd"),
        (b'{"Action":"pass","Test":"\\ud800\\udc00\\ud800"}', "\U00010000\ufffd"),
        (b'{"Action":"pass","Test":"T","Output":[{"Action":"fail"},[]],"Elapsed":-1.5e+3}', "T"),
        (b'{"Action":"pass","Test":"T","Elapsed":' + b"9" * 9000 + b"}", "T"),
        (b'{"Action":"pass","Test":"T","x":' + b"[" * 9999 + b"]" * 9999 + b"}", "T"),
        (b'{"Action":"pass","Test":"T\x7f"}', "T\x7f"),
    ],
)
def test_an_event_is_taken_as_go_takes_it(event: bytes, name: str) -> None:
    assert report_of(event).tests == {name: PASSED}


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"1",
        b"true",
        b'"x"',
        b"{",
        b"{} {}",
        b"{},",
        b'{"a":1,}',
        b'{"a" 1}',
        b'{"a":[1,]}',
        b'{"a":[}]',
        b'{"a":NaN}',
        b'{"a":01}',
        b'{"a":1.}',
        b'{"a":"\x1f"}',
        b'{"a":"\\x"}',
        b"{'a':1}",
        b'{"Action":1}',
        b'{"Test":{"a":"b"}}',
        b'{"Package":true,"Package":"p"}',
        b'{"x":' + b"[" * 10000 + b"]" * 10000 + b"}",
        b"\x1c{}",
        b"\xff{}",
        b"=== RUN   T",
    ],
)
def test_a_line_that_is_no_event_is_refused_with_its_number(line: bytes) -> None:
    with pytest.raises(ArtifactError, match="line 3 ") as refused:
        report_of(SOUND + b"\n\n" + line + b"\n" + SOUND)
    assert refused.value.line == 3


def test_a_byte_order_mark_is_refused() -> None:
    with pytest.raises(ArtifactError, match="line 1 "):
        report_of(b"\xef\xbb\xbf" + SOUND)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n \n",
        b"null",
        b"{}",
        b'{"Action":"run","Test":"T"}',
        b'{"Action":"Pass","Test":"T"}',
        b'{"Action":"pass"}',
    ],
)
def test_events_without_the_end_of_a_test_are_refused(data: bytes) -> None:
    with pytest.raises(ArtifactError, match="no event says"):
        report_of(data)


def test_null_in_the_place_of_an_event_is_passed_over() -> None:
    assert report_of(b"null\n" + SOUND).tests == {"T": PASSED}


def test_a_package_that_failed_counts_where_no_test_did() -> None:
    package = b'{"Action":"fail","Package":"p"}\n'
    assert report_of(package).failures == ("package p",)
    assert report_of(package + SOUND).failures == ("package p",)
    assert report_of(package + b'{"Action":"fail","Test":"T"}').failures == ("T",)


KEYS = st.sampled_from(["Action", "Test", "Package", "Output", "é", ""])
PLAIN = st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=4))
VALUES = st.recursive(PLAIN, lambda inner: st.one_of(st.lists(inner), st.dictionaries(KEYS, inner)), max_leaves=6)
EVENTS = st.dictionaries(KEYS, VALUES, max_size=5)


@given(event=EVENTS, ascii_only=st.booleans(), indent=st.sampled_from([None, "\t"]))
def test_a_sound_line_says_what_pythons_reader_finds_in_it(
    event: dict[str, object], ascii_only: bool, indent: str | None
) -> None:
    line = json.dumps(event, ensure_ascii=ascii_only, indent=indent).replace("\n", " ").encode("utf-8", "replace")
    texts = {key: event.get(key) or "" for key in ("Action", "Test", "Package")}
    wrong = [key for key in texts if not isinstance(event.get(key), str | None)]
    try:
        report = report_of(SOUND + b"\n" + line)
    except ArtifactError:
        report = None
    assert (report is None) == bool(wrong)
    assert report is None or report.tests["T"] is PASSED or texts["Test"] == "T"


@given(st.lists(st.sampled_from([b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\u00", b"null", b"1", b"\xff", b"\n"])))
def test_whatever_the_bytes_it_is_read_or_refused(pieces: list[bytes]) -> None:
    data = b"".join(pieces) + b"\n" + SOUND
    try:
        tests, line = dict(report_of(data).tests), None
    except ArtifactError as refused:
        tests, line = {}, refused.line
    assert tests == {"T": PASSED} or line in range(1, data.count(b"\n") + 2)
