"""A new product is the official checklist with the vendor's metadata and with comments that help."""

from __future__ import annotations

import sample_program
from ai_conformance.model.releases import Release
from ai_conformance.submission.documents import Document
from ai_conformance.submission.making import init
from ai_conformance.submission.making.fields import FIELDS
from ai_conformance.submission.product import METADATA_KEYS, view


def test_what_is_given_stands_there_and_the_frozen_text_is_the_checklists(checklist: Document, new: Document) -> None:
    product = view(new)
    assert {key: product.text(key) for key in sample_program.ANSWERS} == sample_program.ANSWERS
    assert product.text("kubernetesVersion") == "v1.37"
    frozen = [(one.id, one.level, one.description) for one in view(checklist).entries]
    assert [(one.id, one.level, one.description) for one in product.entries] == frozen
    assert all(not one.status and not one.evidence for one in product.entries)


def test_only_lines_of_ours_are_added_to_the_checklist(checklist: Document, new: Document) -> None:
    added = [line for line in new.text.splitlines() if line not in checklist.text.splitlines()]
    values = [line for line in added if not line.lstrip().startswith("#")]
    assert sorted(line.split(":")[0].strip() for line in values) == sorted(sample_program.ANSWERS)


def test_what_is_not_given_stays_a_placeholder_that_the_validator_refuses(checklist: Document) -> None:
    product = view(init.new_product(checklist, release=Release(1, 37), product="acme", values={}))
    for key in METADATA_KEYS:
        if key != "kubernetesVersion":
            assert product.text(key).startswith("[")
            assert product.text(key).endswith("]")


def test_an_optional_field_that_is_given_as_empty_is_left_out(checklist: Document) -> None:
    made = init.new_product(checklist, release=Release(1, 37), product="acme", values={"repoUrl": ""})
    assert view(made).get("repoUrl") is None


def test_every_field_says_what_it_wants(new: Document) -> None:
    for field in FIELDS:
        assert f"# {field.key}: {field.wants}." in new.text or field.key == "repoUrl"
    assert [field.option for field in FIELDS][:2] == ["--platform-name", "--platform-version"]
