"""Files as the validator loads them. What is expected here is what yaml.v3 answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.submission.upstream import go_document
from ai_conformance.submission.upstream.go_nodes import LimitError, YamlError


def metadata_of(text: str) -> dict[str, str | None]:
    fields = go_document.load(text.encode()).metadata
    assert fields is not None
    return {name: "" if field.value.nothing else field.value.text for name, field in fields.items()}


def entry_of(text: str) -> go_document.Entry:
    spec = go_document.load(f"spec:\n  c:\n    - {text}\n".encode()).spec
    assert spec is not None
    return spec["c"][0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.0", None),
        ("2026-02-19", None),
        ("0011", None),
        ("true", None),
        ("[a]", None),
        ("{a: b}", None),
        ("'1.0'", "1.0"),
        ("yes", "yes"),
        ("!!str 1.0", "1.0"),
        ("!own 1.0", "1.0"),
        ("!!binary aGk=", "hi"),
        ("<<", "<<"),
        ("~", ""),
        ("", ""),
        ("v1.35 # a comment", "v1.35"),
        ('"\\u0041"', "A"),
        ("|\n    a\n    b", "a\nb\n"),
    ],
)
def test_a_value_of_the_metadata_is_a_text_or_it_is_not(value: str, text: str | None) -> None:
    assert metadata_of(f"metadata:\n  a: {value}\n") == {"a": text}


@pytest.mark.parametrize("value", ["1.0", "0011", "2026-02-19", "true", "0x1F", "'0011'"])
def test_a_text_field_takes_what_is_written_whatever_it_is(value: str) -> None:
    assert entry_of(f"id: {value}").id.text == value.strip("'")


def test_nothing_is_an_empty_text_and_no_item_of_a_list() -> None:
    entry = entry_of("{id: ~, status: null, notes: , evidence: [a, ~, 1.0, 'b']}")
    assert (entry.id.text, entry.status.text, entry.notes.text) == ("", "", "")
    assert [link.text for link in entry.evidence] == ["a", "1.0", "b"]


def test_a_null_item_is_no_requirement_and_a_null_category_is_an_empty_one() -> None:
    document = go_document.load(b"spec:\n  a: [~, {id: x}]\n  b:\n")
    assert document.spec is not None
    assert [entry.id.text for entry in document.spec["a"]] == ["x"]
    assert document.spec["b"] == ()


@pytest.mark.parametrize(
    "text",
    ["", "# only a comment", "---\n...\n", "~", "metadata:\nspec: ~", "other: {a: a, a: b}"],
)
def test_a_section_that_is_missing_or_nothing_is_none(text: str) -> None:
    document = go_document.load(text.encode())
    assert document.metadata is None
    assert document.spec is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("just a text", 1),
        ("[a, b]", 1),
        ("metadata: a text", 1),
        ("metadata: {}\nmetadata: {}", 2),
        ("metadata:\n  a: 1\n  b: {x: 1, x: 2}", 3),
        ("metadata:\n  b: {[a]: 1}", 2),
        ("metadata:\n  b: !!int x", 2),
        ("metadata:\n  b: !!binary '*'", 2),
        ("metadata:\n  <<: x", 2),
        ("metadata:\n  a: &a [*a]", 2),
        ("metadata:\n  a: *b", 2),
        ("metadata:\n  a: [https://x?y]", 2),
        ('metadata:\n  a: "\\/"', 2),
        ("spec: []", 1),
        ("spec:\n  unknown: a text", 2),
        ("spec:\n  c:\n    - a text", 3),
        ("spec:\n  c:\n    - evidence: a text", 3),
        ("spec:\n  c:\n    - evidence: ''", 3),
        ("spec:\n  c:\n    - evidence: [[a]]", 3),
        ("spec:\n  c:\n    - evidence: [{a: b}]", 3),
        ("spec:\n  c:\n    - notes: {a: b}", 3),
        ("spec:\n  c:\n    - notes: [a]", 3),
        ("a:\n\tb: c", 2),
        ("a: 'b", 1),
        ("a: b: c", 1),
    ],
)
def test_what_the_library_refuses_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(YamlError) as refused:
        go_document.load(text.encode())
    assert refused.value.line == line


@pytest.mark.parametrize("data", [b"a: \xff", b"a: \x00", b"a: \x07", b"\xff\xfea\x00"])
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    with pytest.raises(YamlError):
        go_document.load(data)


def test_a_mark_and_another_encoding_are_read() -> None:
    assert go_document.load("metadata: {a: é}".encode("utf-16")).metadata is not None
    assert go_document.load(b"\xef\xbb\xbfmetadata: {a: b}").metadata is not None


def test_a_second_document_is_not_read_but_its_first_tokens() -> None:
    assert metadata_of("metadata: {a: b}\n---\nc: d\ne: f: g") == {"a": "b"}
    with pytest.raises(YamlError):
        go_document.load(b"metadata: {a: b}\n---\n\tc")


def test_what_is_merged_does_not_replace_what_is_written() -> None:
    text = "x: &x {a: 1x, b: 2x}\nmetadata:\n  <<: [*x, {b: 3x, c: 4x}]\n  a: 0x\n"
    assert metadata_of(text) == {"a": "0x", "b": "2x", "c": "4x"}
    assert entry_of("{<<: {id: x, status: y}, id: z}").id.text == "z"


def test_aliases_that_multiply_are_refused_before_they_cost_anything() -> None:
    levels = "".join(f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 9))
    with pytest.raises(YamlError, match="aliases"):
        go_document.load(f"metadata:\n  l0: &l0 [x]\n{levels}".encode())


@pytest.mark.parametrize(
    "text",
    [
        "metadata: " + "[" * 500 + "]" * 500,
        "metadata:\n  l0: &l0 [x]\n" + "".join(f"  l{n}: &l{n} [*l{n - 1}]\n" for n in range(1, 900)),
    ],
)
def test_what_is_too_deep_is_not_judged(text: str) -> None:
    with pytest.raises(LimitError):
        go_document.load(text.encode())


PIECES = [
    "metadata",
    "spec",
    ": ",
    "\n",
    "  ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "'",
    '"',
    "|",
    "?",
    "~",
    "x",
]


@given(st.lists(st.sampled_from([*PIECES, "!!str ", "<<", "---", "\t", "#", "\\", "1.0", "id", "evidence"])))
def test_whatever_the_text_it_is_loaded_or_refused(pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    try:
        document = go_document.load(data)
    except (YamlError, LimitError) as refused:
        document = None
        lines = getattr(refused, "line", 1)
        assert lines <= data.count(b"\n") + 1
    assert document is None or set(document.places) <= {"metadata", "spec"} | {
        f"spec.{one}" for one in document.spec or ()
    }
