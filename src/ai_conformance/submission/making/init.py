"""A new PRODUCT.yaml: the official checklist of a release with the product's metadata and comments that help.

The text is the program's own, read from a copy of its repository; only values, comments of ours and the key that the
program's validator requires and its checklists lack are added.
"""

from __future__ import annotations

from collections.abc import Mapping

from ai_conformance.model.releases import Release
from ai_conformance.submission import documents
from ai_conformance.submission.documents import Document, Draft
from ai_conformance.submission.making.fields import FIELDS, suggestion
from ai_conformance.submission.product import FILE_NAME
from ai_conformance.submission.program_copy import ProgramCopy

_ABOUT_ENTRIES = (
    "Of each requirement only status, evidence and notes are yours; id, description and level stay as they are.",
    'status: "Implemented", "Not Implemented", "Partially Implemented" or "N/A"; a MUST has to be "Implemented".',
    "evidence: public links, or files in this folder (file://e2e.log#TestGangScheduling).",
    'notes: how it is done; for "N/A", what about the environment makes the requirement not apply.',
)


def template(program: ProgramCopy, *, release: Release) -> Document:
    """The official checklist as a document. Raises DocumentError, SubmissionError and CatalogError."""
    program.checklist(release)
    path = program.checklist_file(release)
    return documents.read(path.read_bytes(), source=str(path))


def new_product(checklist: Document, *, release: Release, product: str, values: Mapping[str, str]) -> Document:
    """The document of a new product. A field that is not given keeps the checklist's placeholder; an optional one
    that is given as empty is left out."""
    draft = Draft(checklist)
    for field in FIELDS:
        path = ("metadata", field.key)
        known, given = checklist.at(*path) is not None, values.get(field.key)
        if given == "" and field.optional:
            if known:
                draft.remove(path)
            continue
        if given:
            draft.set(path, given)
        elif not known:
            draft.set(path, f"[{suggestion(field.key, release=release, product=product) or field.key}]")
        if known:
            draft.comment(path, [f"{field.key}: {field.wants}."])
    draft.comment(("spec",), _ABOUT_ENTRIES)
    made = draft.finish()
    # A key that was not in the checklist can be commented on only now that it stands somewhere.
    added = Draft(made)
    for field in FIELDS:
        if checklist.at("metadata", field.key) is None and made.at("metadata", field.key) is not None:
            added.comment(("metadata", field.key), [f"{field.key}: {field.wants}."])
    return documents.read(added.finish().encode(), source=FILE_NAME)
