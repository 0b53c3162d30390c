"""What a word without quotes is to the validator. The answers were given by yaml.v3."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.submission.upstream.go_scalars import ScalarKind, TagError, kind_of

WORDS = {
    ScalarKind.TEXT: (
        "v1.35 1.35.1 yes No on 1:30 08:00 0x 0xg 0b2 ._5 .5_ .5__0 1_000_000x .e5 . -. +-1 1e 1e999 0o8 --1 "
        "2026-13-01 2026-02-29 2026-1-32 26-01-01 2026-01 2026-01-01T10:00:00 2026-01-01T10:00:00+25:00 nUll tRue"
    ),
    ScalarKind.NOTHING: "~ null Null NULL",
    ScalarKind.BOOLEAN: "true True FALSE",
    ScalarKind.INTEGER: (
        "0 -0 +12 0011 00 0x1F 0X1f -0x1F 0b101 0B1 0o17 0O17 1_000 1__0 1__ 0b-101 "
        "18446744073709551615 -9223372036854775808"
    ),
    ScalarKind.FLOAT: (
        "1.0 1. .5 08 09.5 1e3 -1E-3 1.5_0 .5_0e1_0 .inf -.Inf +.INF .NaN 1e-999 "
        "18446744073709551616 +9223372036854775808"
    ),
    ScalarKind.TIMESTAMP: (
        "2026-02-19 2026-2-9 2024-02-29 0000-01-01 2026-01-01T1:2:3Z 2026-01-01t10:00:00.123456789012+24:60"
    ),
    ScalarKind.MERGE: "<<",
}


@pytest.mark.parametrize(("text", "kind"), [(one, kind) for kind, words in WORDS.items() for one in words.split()])
def test_a_word_is_what_the_library_takes_it_for(text: str, kind: ScalarKind) -> None:
    assert kind_of(text) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", ScalarKind.NOTHING),
        ("2026-01-01 10:00:00", ScalarKind.TIMESTAMP),
        ("2026-01-01   1:2:3,5", ScalarKind.TIMESTAMP),
        ("2026-01-01 10:00:00 ", ScalarKind.TEXT),
        ("2026-01-01 10:00:00Z", ScalarKind.TEXT),
        ("1" * 5000, ScalarKind.TEXT),
        ("0x" + "f" * 5000, ScalarKind.TEXT),
        ("1 2", ScalarKind.TEXT),
    ],
)
def test_a_text_with_spaces_or_of_any_length_is_what_the_library_takes_it_for(text: str, kind: ScalarKind) -> None:
    assert kind_of(text) is kind


@pytest.mark.parametrize(
    ("text", "tag", "kind"),
    [
        ("1.0", "!!str", ScalarKind.TEXT),
        ("1", "!!float", ScalarKind.FLOAT),
        ("1", "!own", ScalarKind.TEXT),
        ("x", "!!map", ScalarKind.TEXT),
        ("", "!!null", ScalarKind.NOTHING),
    ],
)
def test_a_tag_decides_where_the_text_agrees(text: str, tag: str, kind: ScalarKind) -> None:
    assert kind_of(text, tag=tag) is kind


@pytest.mark.parametrize(
    ("text", "tag"),
    [("1.0", "!!int"), ("x", "!!int"), ("yes", "!!bool"), ("1", "!!null"), ("x", "!!timestamp"), ("2026-1-1", "!!int")],
)
def test_a_text_that_is_not_what_its_tag_says_is_refused(text: str, tag: str) -> None:
    with pytest.raises(TagError):
        kind_of(text, tag=tag)


@given(st.text(alphabet="0123456789+-._eExXbBoOaF:T Z", max_size=14))
def test_a_word_that_python_reads_as_a_plain_number_is_a_number(text: str) -> None:
    kind = kind_of(text)
    if text.isdecimal():
        assert kind in (ScalarKind.INTEGER, ScalarKind.FLOAT)
    if kind is ScalarKind.TIMESTAMP:
        assert text[:4].isdecimal()
        assert text[4] == "-"
