"""The files that vendors did submit are read, and written back byte for byte."""

from __future__ import annotations

from pathlib import Path

from ai_conformance.submission import program_copy
from ai_conformance.submission.documents import DocumentError, Draft, read
from ai_conformance.submission.product import view


def test_every_submitted_file_keeps_every_byte(program_dir: Path) -> None:
    products = program_copy.open_copy(str(program_dir), tell=str).products()
    assert len(products) == 55
    for product in products:
        data = product.product_file.read_bytes()
        assert Draft(read(data, source=str(product.product_file))).finish().encode() == data


def test_a_note_in_every_entry_changes_that_line_alone(program_dir: Path) -> None:
    refused = []
    for product in program_copy.open_copy(str(program_dir), tell=str).products():
        document = read(product.product_file.read_bytes(), source=str(product.product_file))
        draft = Draft(document)
        entries = view(document).entries
        for entry in entries:
            draft.set((*entry.path, "notes"), f"About {entry.id}")
            draft.extend((*entry.path, "evidence"), [f"{entry.id}.md"])
        try:
            found = view(draft.finish())
        except DocumentError as error:
            refused.append(str(error))
            continue
        for before, after in zip(entries, found.entries, strict=True):
            assert (after.notes, after.status) == (f"About {before.id}", before.status)
            assert [one.text for one in after.evidence] == [
                *(one.text for one in before.evidence),
                f"{before.id}.md",
            ]
    assert refused == []
