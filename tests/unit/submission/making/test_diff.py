"""Two submissions are compared by requirement, and nothing that means the same is a difference."""

from __future__ import annotations

from ai_conformance.submission.documents import parse
from ai_conformance.submission.making.diff import Change, Kind, compare
from ai_conformance.submission.product import Product, view

FILE = """\
metadata:
  platformVersion: "1.0"
  website: x
spec:
  security:
    - id: one
      level: SHOULD
      description: Some text.
      status: ""
      evidence: [a, b]
    - id: two
      level: MUST
      status: Implemented
"""


def product(text: str = FILE) -> Product:
    return view(parse(text.encode(), source="x"))


def changes(old: str, new: str) -> list[Change]:
    assert old in FILE
    return list(compare(product(), product(FILE.replace(old, new))))


def test_a_file_does_not_differ_from_itself_however_it_is_written() -> None:
    assert changes('"1.0"', "'1.0'") == []
    assert changes("[a, b]", "\n        - 'b'\n        - a") == []
    assert changes("Some text.", '"Some\\n  text. "') == []


def test_each_field_says_what_it_was_and_is() -> None:
    (change,) = changes('status: ""', "status: N/A")
    assert change == Change(subject="one", field="status", kind=Kind.ADDED, after="N/A", line=9)
    (change,) = changes("level: SHOULD", "level: MUST")
    assert (change.kind, change.before, change.after) == (Kind.CHANGED, "SHOULD", "MUST")
    (change,) = changes("  website: x\n", "")
    assert (change.subject, change.field, change.kind, change.line) == ("metadata", "website", Kind.REMOVED, 3)


def test_evidence_is_compared_as_a_set() -> None:
    found = changes("[a, b]", "[b, c]")
    assert [(one.kind, one.before or one.after) for one in found] == [(Kind.ADDED, "c"), (Kind.REMOVED, "a")]


def test_requirements_come_and_go() -> None:
    found = changes("id: two", "id: three")
    assert [(one.subject, one.field, one.kind) for one in found] == [
        ("three", "", Kind.ADDED),
        ("two", "", Kind.REMOVED),
    ]


def test_a_requirement_that_moved_is_said_to_have_moved() -> None:
    found = list(compare(product(), product(FILE.replace("security:", "operator:"))))
    assert [(one.subject, one.field, one.after) for one in found] == [
        ("one", "category", "operator"),
        ("two", "category", "operator"),
    ]


def test_of_two_entries_with_one_id_the_last_counts() -> None:
    found = changes("id: one", "id: two")
    assert [(one.subject, one.kind) for one in found] == [("one", Kind.REMOVED)]


def test_files_of_any_form_can_be_compared() -> None:
    for text in ("a", "[]", "metadata: []\nspec: {}", "spec: {x: [1, {id: []}, {evidence: {a: b}}]}"):
        assert all(isinstance(one, Change) for one in compare(product(), product(text)))
