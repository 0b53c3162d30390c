"""PRODUCT.yaml is seen as metadata and entries, whatever form it has; values are what the author wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.submission.documents import DocumentError, parse
from ai_conformance.submission.product import Product, view

FILE = """\
metadata: {platformVersion: 1.0, vendorName: ~, websiteUrl: [x]}
spec:
  security:
    - {id: one, status: N/A, evidence: only.md, notes: 0011}
    - text
    - {id: one, evidence: [a, "", ~, [b], {c: d}, 1.10]}
  operator: none
"""


def product(text: str) -> Product:
    return view(parse(text.encode(), source="x"))


def test_values_are_what_the_author_wrote() -> None:
    found = product(FILE)
    assert (found.text("platformVersion"), found.text("vendorName"), found.text("websiteUrl")) == ("1.0", "", "")
    assert found.entries[0].notes == "0011"


def test_a_second_name_in_snake_case_is_found_behind_the_first() -> None:
    found = product("metadata: {vendor_name: second, website_url: second, websiteUrl: first}")
    assert (found.text("vendorName"), found.text("websiteUrl"), found.text("repoUrl")) == ("second", "first", "")


def test_only_mappings_are_entries_and_each_knows_its_place() -> None:
    found = product(FILE)
    assert [one.path for one in found.entries] == [("spec", "security", 0), ("spec", "security", 2)]
    assert found.entry("one") is found.entries[1]
    assert found.entry("two") is None


def test_evidence_is_a_list_or_a_single_text_and_nothing_blank() -> None:
    first, second = product(FILE).entries
    assert [(one.text, one.path[3:]) for one in first.evidence] == [("only.md", ("evidence",))]
    assert [(one.text, one.path[3:]) for one in second.evidence] == [("a", ("evidence", 0)), ("1.10", ("evidence", 5))]


@pytest.mark.parametrize("text", ["a", "[]", "metadata: 1", "spec: []", "spec: {a: {}}", "? [a]\n: b"])
def test_a_file_of_another_form_has_no_entries(text: str) -> None:
    assert product(text).entries == ()


_YAML = st.recursive(
    st.sampled_from(["x", "~", "1.0", "''"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(
            st.sampled_from(["metadata", "spec", "security", "id", "status", "evidence", "notes"]), inner, max_size=3
        ).map(lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}")
    ),
    max_leaves=15,
)


@given(_YAML)
def test_any_document_has_a_view(text: str) -> None:
    try:
        found = product(text)
    except DocumentError:
        return
    for entry in found.entries:
        texts = (entry.id, entry.level, entry.status, entry.notes, entry.description)
        assert all(isinstance(one, str) for one in texts)
        assert all(one.text.strip() and found.document.at(*one.path) is one.node for one in entry.evidence)
