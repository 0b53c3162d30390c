"""What the checklist says is not the vendor's to change: level and description of every requirement."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from ai_conformance.submission.findings import Correction, Severity
from ai_conformance.submission.strict.registry import Violation, rule
from ai_conformance.submission.strict.subject import Subject

_SOURCE = "the program's checklist of the release; its instructions ask for status, evidence and notes alone"


@rule(
    "frozen/level",
    severity=Severity.ERROR,
    title="The level of a requirement is the checklist's.",
    source=_SOURCE,
    remedy="Write the level of this release's checklist.",
    explanation="Levels change between releases: one that was carried over from another release makes a MUST look like "
    "a SHOULD, or the other way round.",
    fixable=True,
)
def level(subject: Subject) -> Iterator[Violation]:
    """Levels that differ or are missing."""
    for entry in subject.entries:
        wanted = subject.official[entry.id].level
        if entry.level != wanted:
            said = entry.level or "missing"
            message = f"the level is {said}; in {subject.release} it is {wanted}"
            correction = Correction(place=(*entry.path, "level"), value=wanted)
            yield Violation(message=message, node=entry.get("level"), entry=entry, correction=correction)


@rule(
    "frozen/description",
    severity=Severity.ERROR,
    title="The description of a requirement is the checklist's, word for word.",
    source=_SOURCE,
    remedy="Restore the checklist's text.",
    explanation="A shortened or rewritten requirement asks for less than what is certified, or for something else. "
    "Blanks and line breaks do not count. The text differs between releases in single words.",
    fixable=True,
)
def description(subject: Subject) -> Iterator[Violation]:
    """Descriptions that differ in more than white space."""
    for entry in subject.entries:
        wanted = subject.official[entry.id].description
        if entry.description.split() != wanted.split():
            message = f"the description is not that of {subject.release}: {_difference(entry.description, wanted)}"
            correction = Correction(place=(*entry.path, "description"), value=" ".join(wanted.split()))
            yield Violation(message=message, node=entry.get("description"), entry=entry, correction=correction)


def _difference(said: str, wanted: str) -> str:
    """How many words are missing and how many were added, with the first of each."""
    left, right = said.split(), wanted.split()
    if not left:
        return "it is missing"
    steps = difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    added = [left[start:end] for kind, start, end, _, _ in steps if kind != "equal" and end > start]
    missing = [right[start:end] for kind, _, _, start, end in steps if kind != "equal" and end > start]
    return "; ".join(_counted(runs, what) for runs, what in ((missing, "missing"), (added, "added")) if runs)


def _counted(runs: list[list[str]], what: str) -> str:
    number = sum(len(run) for run in runs)
    first = " ".join(runs[0][:6]) + (" ..." if len(runs[0]) > 6 else "")
    return f"{number} word{'' if number == 1 else 's'} {what}, first '{first}'"
