"""Evidence that is there, can be opened by anyone, and will show the same in a year."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from ai_conformance.submission import addresses, folders
from ai_conformance.submission.findings import Correction, Severity
from ai_conformance.submission.product import Entry, Status
from ai_conformance.submission.strict import markdown, siblings
from ai_conformance.submission.strict.references import ReferenceKind
from ai_conformance.submission.strict.registry import Violation, rule
from ai_conformance.submission.strict.subject import Linked, Subject

_INSTRUCTIONS = "the program's instructions for evidence"
_CLAIMED = (Status.IMPLEMENTED, Status.PARTIALLY_IMPLEMENTED)


@rule(
    "evidence/missing",
    severity=Severity.ERROR,
    title="What is Implemented has evidence.",
    source=f"{_INSTRUCTIONS}; the program's validator asks for none",
    remedy="Link documentation, or a file in the product's folder, that shows it.",
    explanation="A MUST without evidence is a claim. An address in the notes is not looked at by anyone's tools.",
)
def missing(subject: Subject) -> Iterator[Violation]:
    """Nothing in the list; for a SHOULD a warning."""
    for entry in subject.entries:
        if entry.status in _CLAIMED and not entry.evidence:
            must = subject.official[entry.id].level == "MUST"
            linked = re.search(r"https?://\S+", entry.notes)
            yield Violation(
                message=f"{entry.status} without evidence" + ("; there is an address in the notes" if linked else ""),
                node=entry.get("evidence"),
                entry=entry,
                severity=None if must else Severity.WARNING,
                remedy="Move the address from the notes into the evidence." if linked else None,
            )


@rule(
    "evidence/not-a-reference",
    severity=Severity.ERROR,
    title="Every piece of evidence is an address or a file's path.",
    source="the program's validator takes what does not begin with http for a path",
    remedy="Name a file in the product's folder or an address; words belong in the notes.",
    explanation="'N/A' and 'see notes.md' are taken for names of files that are not there.",
    fixable=True,
)
def not_a_reference(subject: Subject) -> Iterator[Violation]:
    """Words; where they name one file that exists, that file is the correction."""
    for one in subject.evidence:
        # A single text in the place of the list is structure/value-type's.
        if one.reference.kind is ReferenceKind.NOTHING and one.place[-1] != "evidence":
            named = one.reference.path
            correction = Correction(place=one.place, value=named) if named in subject.hashes else None
            message = f"{one.text.strip()!r} is neither an address nor a file"
            yield Violation(message=message, node=one.node, entry=one.entry, correction=correction)


@rule(
    "evidence/file",
    severity=Severity.ERROR,
    title="A file of the evidence is a file in the product's own folder.",
    source="the program's validator refuses other folders; folders, devices and paths through '..' "
    "are refused by us alone",
    remedy="Put the file into the product's folder and name it by its path from there, with the case of its letters.",
    explanation="Git keeps upper and lower case apart, and a reviewer sees what is in the pull request alone.",
    fixable=True,
)
def file(subject: Subject) -> Iterator[Violation]:
    """Files that are absent, elsewhere or not files; the nearest name that is there is offered."""
    for one in subject.evidence:
        path = one.reference.path
        if one.reference.kind is not ReferenceKind.FILE:
            continue
        try:
            subject.folder.locate(path)
        except folders.Missing:
            near = siblings.nearest_file(subject.folder, path)
            same = near.lower() == posixpath.normpath(path).lower()
            correction = Correction(place=one.place, value=one.text.replace(path, near)) if near and same else None
            hint = f"; did you mean {near}?" if near else ""
            message = f"there is no {path} in the folder{hint}"
            yield Violation(message=message, node=one.node, entry=one.entry, correction=correction)
        except folders.FolderError as error:
            yield Violation(message=str(error), node=one.node, entry=one.entry)
        else:
            if ".." in path.split("/"):
                message = f"{path} leaves the folder and comes back"
                yield Violation(message=message, node=one.node, entry=one.entry)


@rule(
    "evidence/empty-file",
    severity=Severity.ERROR,
    title="A file of the evidence has content.",
    source="an empty file shows nothing",
    remedy="Put the file's content in, or take the piece out.",
    explanation="Happens where a file was added before it was written.",
)
def empty_file(subject: Subject) -> Iterator[Violation]:
    """Files of no bytes."""
    empty = {path for path, digest in subject.hashes.items() if digest == subject.EMPTY}
    for path in sorted(empty):
        using = [one for one in subject.evidence if one.reference.path == path]
        others = f" (evidence of {len(using)} requirements)" if len(using) > 1 else ""
        yield Violation(message=f"{path} is empty{others}", node=using[0].node, entry=using[0].entry)


@rule(
    "evidence/anchor",
    severity=Severity.WARNING,
    title="The part behind '#' is a heading of the linked file.",
    source="the way GitHub names the headings of a Markdown file; of an artifact it is a test's name",
    remedy="Correct the anchor, or take it away.",
    explanation="Looks at Markdown files in the folder; anchors of addresses are asked for with --online.",
)
def anchor(subject: Subject) -> Iterator[Violation]:
    """Anchors that no heading of a local Markdown file has."""
    for one in subject.evidence:
        path, fragment = one.reference.path, one.reference.fragment
        if path in subject.hashes and path.lower().endswith(".md") and fragment:
            headings = markdown.anchors(subject.folder.read(path).decode("utf-8", "replace"))
            if unquote(fragment).lower() not in headings:
                message = f"{path} has no heading for #{fragment}"
                yield Violation(message=message, node=one.node, entry=one.entry)


@rule(
    "evidence/address",
    severity=Severity.ERROR,
    title="An address of the evidence is one that can be opened.",
    source="RFC 3986",
    remedy="Write the whole address; a blank in it is written %20.",
    explanation="Looks at the form alone; --online asks whether anyone answers.",
)
def address(subject: Subject) -> Iterator[Violation]:
    """Addresses that no browser opens."""
    for one in subject.evidence:
        wrong = addresses.mistake(one.reference.url) if one.reference.kind is ReferenceKind.URL else ""
        if wrong:
            yield Violation(message=f"the address {wrong}: {one.text.strip()}", node=one.node, entry=one.entry)


@rule(
    "evidence/white-space",
    severity=Severity.WARNING,
    title="A piece of evidence has no blanks around it.",
    source="the program's validator does not take an address with a blank before it for one",
    remedy="Take the blanks away.",
    explanation="In quotes a blank belongs to the value.",
    fixable=True,
)
def white_space(subject: Subject) -> Iterator[Violation]:
    """Blanks before or after."""
    for one in subject.evidence:
        if one.text != one.text.strip():
            correction = Correction(place=one.place, value=one.text.strip())
            message = f"{one.text!r} has blanks around it"
            yield Violation(message=message, node=one.node, entry=one.entry, correction=correction)


@rule(
    "evidence/twice",
    severity=Severity.NOTE,
    title="A piece of evidence is named once for a requirement.",
    source="a reader looks for a difference that is not there",
    remedy="Take one of them out.",
    explanation="The same address or file for several requirements is fine; twice for one is a slip.",
)
def twice(subject: Subject) -> Iterator[Violation]:
    """The same text again in one list."""
    for entry in subject.entries:
        seen: set[str] = set()
        for one in entry.evidence:
            if one.text.strip() in seen:
                yield Violation(message=f"{one.text.strip()} is named twice", node=one.node, entry=entry)
            seen.add(one.text.strip())


@rule(
    "evidence/mutable",
    severity=Severity.NOTE,
    title="A file on GitHub is linked at a commit or a tag, not at a branch.",
    source="GitHub's documentation on permanent links; a certificate stands for a year",
    remedy="Link the file at a commit: press 'y' on GitHub's page and copy the address.",
    explanation="A branch moves on: what a reviewer saw may be gone or changed when a user looks. A branch of a pull "
    "request (patch-1) goes when it is merged, which makes a warning.",
)
def mutable(subject: Subject) -> Iterator[Violation]:
    """One finding for each requirement, at its first link of the kind."""
    for entry in subject.entries:
        found = [one for one in subject.evidence if one.entry is entry and _moves(one)]
        if found:
            yield _mutable(entry, found)


def _mutable(entry: Entry, found: list[Linked]) -> Violation:
    files = [addresses.github_file(one.text) for one in found]
    passing = [index for index, one in enumerate(files) if one and re.fullmatch(r"patch-\d+", one.reference)]
    first = passing[0] if passing else 0
    one = files[first]
    assert one is not None
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Violation(
        message=f"{found[first].text.strip()} is linked at the branch {one.reference}, which moves on{more}",
        node=found[first].node,
        entry=entry,
        severity=Severity.WARNING if passing else None,
        remedy=f"Link {one.at('<commit>')}: press 'y' on GitHub's page and copy the address.",
    )


def _moves(one: Linked) -> bool:
    file = addresses.github_file(one.text) if one.reference.kind is ReferenceKind.URL else None
    return file is not None and not file.permanent and not re.match(r"release-\d", file.reference)
