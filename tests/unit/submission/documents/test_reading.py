"""What a vendor wrote is read with its place and nothing is interpreted; what cannot be read is said with a place."""

from __future__ import annotations

import pytest

from ai_conformance.submission.documents import DocumentError, Kind, Mapping, ProblemKind, Scalar, parse, read, walk
from ai_conformance.submission.documents.composing import MAX_NODES
from ai_conformance.submission.documents.reading import MAX_BYTES


def refusal(data: bytes) -> tuple[ProblemKind, int, int]:
    with pytest.raises(DocumentError) as caught:
        read(data, source="PRODUCT.yaml")
    (problem,) = caught.value.problems
    assert str(caught.value) == f"PRODUCT.yaml:{problem.line}:{problem.column}: {problem.sentence}"
    return problem.kind, problem.line, problem.column


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("1.0", Kind.FLOAT),
        ("0011", Kind.INT),
        ("2026-02-19", Kind.TEXT),
        ("no", Kind.TEXT),
        ("true", Kind.BOOL),
        ("~", Kind.NULL),
        ("v1.37", Kind.TEXT),
        ("1_000", Kind.TEXT),
        ("1:30", Kind.TEXT),
        ("!!str 1.0", Kind.TEXT),
        ("! 1.0", Kind.TEXT),
        ("'1.0'", Kind.TEXT),
        ("!!float 1.0", Kind.FLOAT),
    ],
)
def test_a_scalar_keeps_its_text_and_knows_what_yaml_takes_it_for(written: str, kind: Kind) -> None:
    node = read(f"a: {written}\n".encode(), source="x").at("a")
    assert isinstance(node, Scalar)
    assert node.kind is kind
    assert node.text == written.rsplit(maxsplit=1)[-1].strip("'")


def test_every_value_has_its_place() -> None:
    found = parse("a:\n  - b: ü\n    c:\n    d:   x\n".encode(), source="x")
    places = {one.text: (one.line, one.column) for one in walk(found.root) if isinstance(one, Scalar)}
    assert places == {"a": (1, 1), "b": (2, 5), "ü": (2, 8), "c": (3, 5), "": (3, 7), "d": (4, 5), "x": (4, 10)}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", (ProblemKind.EMPTY, 1, 1)),
        (b"# nothing\n", (ProblemKind.EMPTY, 1, 1)),
        (b"a:\n\t- b\n", (ProblemKind.SYNTAX, 2, 1)),
        (b"a: b\na: c\n", (ProblemKind.DUPLICATE_KEY, 2, 1)),
        (b"a: b\n---\nc: d\n", (ProblemKind.SECOND_DOCUMENT, 2, 1)),
        (b"\xef\xbb\xbfa: b\n", (ProblemKind.BYTE_ORDER_MARK, 1, 1)),
        ("a: b\n".encode("utf-16"), (ProblemKind.ENCODING, 1, 1)),
        ("a: b\n".encode("utf-32"), (ProblemKind.ENCODING, 1, 1)),
        ("a: b\nc: ü\n".encode("latin-1"), (ProblemKind.ENCODING, 2, 4)),
        (b"a: b\nc: \0\n", (ProblemKind.ENCODING, 2, 4)),
        (b"a: !!python/object/apply:os.system [x]\n", (ProblemKind.TAG, 1, 4)),
        (b"a: !run {b: c}\n", (ProblemKind.TAG, 1, 4)),
        (b"a: *b\n", (ProblemKind.SYNTAX, 1, 4)),
        (b"a: &b [*b]\n", (ProblemKind.SYNTAX, 1, 8)),
        (b"a: 'b\n", (ProblemKind.SYNTAX, 2, 1)),
        (b"[" * 1000, (ProblemKind.SIZE, 1, 33)),
        (b"a: b\n" * (MAX_BYTES // 5 + 1), (ProblemKind.SIZE, 1, 1)),
        (b"- x\n" * (MAX_NODES + 1), (ProblemKind.SIZE, MAX_NODES, 3)),
        (b"a: &a b\nc: [" + b"*a," * 101 + b"]\n", (ProblemKind.SIZE, 2, 305)),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(data: bytes, expected: tuple[ProblemKind, int, int]) -> None:
    assert refusal(data) == expected


def test_aliases_that_stand_for_too_much_are_refused_before_they_cost_anything() -> None:
    bomb = "\n".join(["a0: &a0 [x]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 5)}]" for i in range(1, 20))])
    kind, line, _ = refusal(bomb.encode())
    assert kind is ProblemKind.SIZE
    assert line < 10


def test_problems_that_can_be_gone_past_leave_a_tree() -> None:
    found = parse(b"\xef\xbb\xbfa: b\na: c\n---\n", source="x")
    assert [one.kind for one in found.problems] == [
        ProblemKind.BYTE_ORDER_MARK,
        ProblemKind.DUPLICATE_KEY,
        ProblemKind.SECOND_DOCUMENT,
    ]
    assert isinstance(found.root, Mapping)
    assert len(found.root.pairs) == 2
    assert found.at("a") is found.root.pairs[1].value


def test_an_alias_stands_at_its_own_place() -> None:
    found = parse(b"a: &x {b: c}\nd: *x\n", source="x").at("d")
    assert isinstance(found, Mapping)
    assert (found.alias, found.line, found.column) == (True, 2, 4)
    assert found.get("b") is not None


def test_a_path_to_nothing_is_nothing() -> None:
    found = parse(b"a: [b]\n", source="x")
    assert [found.at("a", 1), found.at("b"), found.at("a", "b"), found.at(0)] == [None] * 4
