"""Evidence of another release, or of another requirement, handed in again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ai_conformance.model.releases import Release
from ai_conformance.submission.findings import Severity
from ai_conformance.submission.product import Entry, Status
from ai_conformance.submission.strict import siblings
from ai_conformance.submission.strict.references import ReferenceKind
from ai_conformance.submission.strict.registry import Violation, rule
from ai_conformance.submission.strict.subject import Subject

_FIRST = Release(1, 33)
# A part of a path that is a release alone: /v1.34/, /1.34/, /release-1.34/.
_IN_PATH = re.compile(r"/(?:release-|kubernetes-)?v?(1\.\d{2})(?=/|$)", re.ASCII)
_ALIKE = 0.8
"""Of the words of two notes that they have in common; notes about two requirements share names, not sentences."""
_FEW_WORDS = 10


@rule(
    "reuse/identical-file",
    severity=Severity.WARNING,
    title="Evidence is made anew for every release.",
    source="the program certifies a product in a release: tests have to be run again; seen in merged submissions",
    remedy="Run the test on this release's cluster and put its output here.",
    explanation="The same bytes as in the product's folder of another release were not made by a run on this one. "
    "Looks at local files that are named as evidence, and at the folders of the same name in earlier releases.",
)
def identical_file(subject: Subject) -> Iterator[Violation]:
    """Files that another release's folder has as well."""
    seen: set[str] = set()
    for one in subject.evidence:
        path = one.reference.path
        digest = subject.hashes.get(path, "")
        if not digest or digest == subject.EMPTY or path in seen:
            continue
        seen.add(path)
        earlier = [other for other in subject.siblings if other.release and other.release < subject.release]
        found = [f"v{other.release}" for other in earlier if siblings.has_file(other, digest, like=path)]
        if found:
            message = f"{path} is byte for byte that of {', '.join(found)}"
            yield Violation(message=message, node=one.node, entry=one.entry)


@rule(
    "reuse/other-release",
    severity=Severity.WARNING,
    title="Linked evidence is of the folder's release.",
    source="as reuse/identical-file",
    remedy="Link what was made on this release.",
    explanation="An address with another Kubernetes release as a part of its path shows what another release did. "
    "Versions of other software are not looked at.",
)
def other_release(subject: Subject) -> Iterator[Violation]:
    """Addresses with another release in their path."""
    for one in subject.evidence:
        if one.reference.kind is not ReferenceKind.URL:
            continue
        named = {Release.parse(text) for text in _IN_PATH.findall(one.reference.url)}
        others = sorted(release for release in named if release >= _FIRST)
        if others and subject.release not in named:
            message = f"{one.text.strip()} is of {others[0]}; the folder is v{subject.release}"
            yield Violation(message=message, node=one.node, entry=one.entry)


@rule(
    "reuse/notes",
    severity=Severity.WARNING,
    title="The notes of a requirement are about that requirement.",
    source="seen in merged submissions: notes of one requirement copied to another",
    remedy="Say what was seen for this requirement.",
    explanation="Two requirements with nearly the same sentences: one of them says nothing about its own subject. "
    "Short notes and those of N/A are not compared.",
)
def notes(subject: Subject) -> Iterator[Violation]:
    """Notes that share most of their words with those of an earlier entry."""
    earlier: list[tuple[Entry, frozenset[str]]] = []
    for entry in subject.entries:
        words = frozenset(re.findall(r"\w+", entry.notes.lower()))
        if len(words) < _FEW_WORDS or entry.status == Status.NOT_APPLICABLE or "://" in entry.notes:
            continue
        for other, theirs in earlier:
            if len(words & theirs) / len(words | theirs) >= _ALIKE:
                message = f"the notes are nearly those of {other.id}"
                yield Violation(message=message, node=entry.get("notes"), entry=entry)
                break
        earlier.append((entry, words))
