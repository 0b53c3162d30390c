"""Changing a document changes what was asked for and not one byte more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.submission.documents import Document, DocumentError, Draft, Kind, Scalar, parse, read

FILE = """\
# Of the vendor
metadata:
  platformName: "Acme"   # the name
  platformVersion: 1.0
  vendorName: 'Acme''s'

spec:
  security:
    - id: secure  # frozen
      status: ""
      evidence: []
      notes: ""

    # the second
    - id: sandbox
      status:
      evidence:
        - "a.md"   # ours
        - 'b.md'
      notes: |
        Two
        lines.
"""


def document(text: str = FILE) -> Document:
    return read(text.encode(), source="PRODUCT.yaml")


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


SECURE = ("spec", "security", 0)
SANDBOX = ("spec", "security", 1)


def test_nothing_asked_is_nothing_changed() -> None:
    draft = Draft(document())
    assert not draft.changed
    assert draft.finish().encode() == FILE.encode()


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("metadata", "platformName"), "Acme II", '"Acme"   #', '"Acme II"   #'),
        (("metadata", "platformVersion"), "2.0", "1.0", '"2.0"'),
        (("metadata", "platformVersion"), "v2", "1.0", "v2"),
        (("metadata", "platformVersion"), "no", "1.0", '"no"'),
        (("metadata", "vendorName"), "O'Hara", "'Acme''s'", "'O''Hara'"),
        ((*SECURE, "status"), "Implemented", 'status: ""', 'status: "Implemented"'),
        ((*SANDBOX, "status"), "N/A", "status:\n", 'status: "N/A"\n'),
        ((*SANDBOX, "notes"), 'a "b"\nc', "|\n        Two\n        lines.", '"a \\"b\\"\\nc"'),
        ((*SANDBOX, "evidence", 0), "c.md", '"a.md"', '"c.md"'),
        ((*SECURE, "evidence"), ["x", "y"], " []", '\n        - "x"\n        - "y"'),
        ((*SANDBOX, "evidence"), [], "\n        - \"a.md\"   # ours\n        - 'b.md'", " []"),
    ],
)
def test_a_value_is_replaced_in_its_place(path: tuple[str | int, ...], value: str, old: str, new: str) -> None:
    draft = Draft(document())
    draft.set(path, value)
    assert draft.finish().text == changed(FILE, old, new)


def test_a_key_that_is_missing_is_added_after_another() -> None:
    draft = Draft(document())
    draft.set(("metadata", "repoUrl"), "https://x", after="platformName")
    assert draft.finish().text == changed(FILE, "# the name\n", '# the name\n  repoUrl: "https://x"\n')


def test_items_are_added_below_those_that_are_there() -> None:
    draft = Draft(document())
    draft.extend((*SANDBOX, "evidence"), ["file://e2e.log#TestX"])
    draft.extend((*SECURE, "evidence"), ["z"])
    text = changed(FILE, "'b.md'\n", "'b.md'\n        - 'file://e2e.log#TestX'\n")
    assert draft.finish().text == changed(text, "evidence: []", 'evidence:\n        - "z"')


def test_additions_at_one_place_each_go_where_they_belong() -> None:
    draft = Draft(document("- a: b\n  list:\n    - x"))
    draft.insert((), 1, [("a", "c")])
    draft.set((0, "notes"), "n")
    draft.extend((0, "list"), ["y"])
    assert draft.finish().text == '- a: b\n  list:\n    - x\n    - "y"\n  notes: "n"\n- a: "c"'


def test_a_text_in_the_place_of_a_list_becomes_its_first_item() -> None:
    draft = Draft(document("list: x  # one\n"))
    draft.extend(("list",), ["y"])
    assert draft.finish().text == 'list:\n  - "x"\n  - "y"  # one\n'


def test_an_item_goes_with_the_comment_above_it() -> None:
    draft = Draft(document())
    draft.remove(SANDBOX)
    assert draft.finish().text == FILE[: FILE.index("    # the second")]


def test_items_come_and_go_at_once() -> None:
    draft = Draft(document())
    draft.remove(SECURE)
    draft.insert(("spec", "security"), 0, [("id", "new"), ("evidence", [])])
    draft.insert(("spec", "security"), 2, [("id", "last"), ("evidence", ["x"])])
    draft.set((*SANDBOX, "status"), "N/A")
    result = draft.finish()
    assert [result.at("spec", "security", place, "id").text for place in range(3)] == ["new", "sandbox", "last"]  # type: ignore[union-attr]
    assert result.text.endswith('        lines.\n    - id: "last"\n      evidence:\n        - "x"\n')


def test_a_comment_stands_above_its_key() -> None:
    draft = Draft(document())
    draft.comment(("metadata", "vendorName"), ["as in", "the list"])
    assert "1.0\n  # as in\n  # the list\n  vendorName" in draft.finish().text


def test_line_ends_stay_those_of_the_file() -> None:
    draft = Draft(document(FILE.replace("\n", "\r\n")))
    draft.extend((*SANDBOX, "evidence"), ["c"])
    draft.set((*SECURE, "evidence"), ["d"])
    draft.insert(("spec", "security"), 1, [("id", "x")])
    result = draft.finish().text
    assert result.count("\n") == result.count("\r\n")


def test_what_is_written_behind_an_alias_is_not_changed() -> None:
    draft = Draft(document("a: &x\n  b: c\nd: *x\n"))
    with pytest.raises(DocumentError, match="behind an alias"):
        draft.set(("d", "b"), "e")


def test_an_anchor_in_use_is_not_lost() -> None:
    draft = Draft(document("a: &x b\nc: *x\n"))
    draft.set(("a",), "d")
    with pytest.raises(DocumentError, match="would not be valid YAML"):
        draft.finish()


def test_two_changes_of_one_value_are_refused() -> None:
    draft = Draft(document())
    draft.remove(SANDBOX)
    draft.set((*SANDBOX, "status"), "N/A")
    with pytest.raises(DocumentError):
        draft.finish()


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_written_so_that_it_is_read_again(text: str) -> None:
    for path in (("metadata", "platformName"), ("metadata", "platformVersion"), ("metadata", "vendorName")):
        draft = Draft(document())
        draft.set(path, text)
        node = draft.finish().at(*path)
        assert isinstance(node, Scalar)
        assert (node.text, node.kind) == (text, Kind.TEXT)


@given(st.binary(max_size=200) | st.text(alphabet="ab: -[]{}&*!|>'\"#\n\t%?,", max_size=60).map(str.encode))
def test_any_bytes_are_a_document_or_a_sentence_with_a_place(data: bytes) -> None:
    try:
        found = parse(data, source="x")
    except DocumentError as error:
        problems = error.problems
        assert problems
    else:
        problems = found.problems
        assert found.encode() == data
    assert all(one.line >= 1 and one.column >= 1 and one.sentence for one in problems)
