"""Status, level and notes of each requirement: allowed, and saying the same."""

from __future__ import annotations

from collections.abc import Iterator

from ai_conformance.catalog.errors import nearest
from ai_conformance.submission.findings import Correction, Severity
from ai_conformance.submission.product import Entry, Status
from ai_conformance.submission.strict import phrases
from ai_conformance.submission.strict.registry import Violation, rule
from ai_conformance.submission.strict.subject import Subject

_STATUSES = tuple(one.value for one in Status)
_MUST = "MUST"


@rule(
    "status/unknown",
    severity=Severity.ERROR,
    title="The status is one of the four, or empty for a SHOULD without evidence.",
    source="the checklist's template; the program's validator",
    remedy="Write Implemented, Partially Implemented, Not Implemented or N/A.",
    explanation="The validator compares letter by letter. An empty status says that a SHOULD is not claimed; with "
    "evidence beside it, it was forgotten.",
    fixable=True,
)
def unknown(subject: Subject) -> Iterator[Violation]:
    """Other words, other case, or nothing where something has to be."""
    for entry in subject.entries:
        status = entry.status
        if status in _STATUSES or (not status and not entry.evidence and _level(subject, entry) != _MUST):
            continue
        near = next((one for one in _STATUSES if one.lower() == status.strip().lower()), None)
        if not status.strip():
            message = "the status is empty" + (" although there is evidence" if entry.evidence else "")
            yield Violation(message=message, node=entry.get("status"), entry=entry)
        elif near:
            correction = Correction(place=(*entry.path, "status"), value=near)
            message = f"the status is written {status!r}; the checklist has {near!r}"
            yield Violation(message=message, node=entry.get("status"), entry=entry, correction=correction)
        else:
            message = f"the status {status!r} is none of the checklist's{nearest(status, known=_STATUSES)}"
            yield Violation(message=message, node=entry.get("status"), entry=entry)


@rule(
    "status/must",
    severity=Severity.ERROR,
    title="Every MUST is Implemented.",
    source="the program: a product conforms if it does everything that a MUST asks for",
    remedy="Implement it; if the requirement's own condition does not hold here, answer N/A and say why.",
    explanation="Partly or not implemented is an answer for a SHOULD.",
)
def must(subject: Subject) -> Iterator[Violation]:
    """A MUST that is only partly, or not, implemented."""
    for entry in subject.entries:
        if _level(subject, entry) == _MUST and entry.status in (Status.NOT_IMPLEMENTED, Status.PARTIALLY_IMPLEMENTED):
            yield Violation(message=f"a MUST is {entry.status}", node=entry.get("status"), entry=entry)


@rule(
    "status/not-conditional",
    severity=Severity.ERROR,
    title="N/A is for requirements that have a condition.",
    source="the wording of the checklist: some requirements begin with 'if' or are for accelerators that support "
    "something; the others apply to every platform",
    remedy="Answer Implemented with evidence, or, for a SHOULD, Not Implemented or nothing.",
    explanation="A requirement without a condition cannot fail to apply. Tools that a user may install count as well: "
    "what has to be shown is that they work on the platform.",
)
def not_conditional(subject: Subject) -> Iterator[Violation]:
    """N/A where the requirement applies to everybody."""
    for entry in subject.entries:
        if entry.status == Status.NOT_APPLICABLE and entry.id not in subject.conditional:
            must = _level(subject, entry) == _MUST
            yield Violation(
                message=f"{entry.id} applies to every platform; it cannot be N/A",
                node=entry.get("status"),
                entry=entry,
                severity=None if must else Severity.WARNING,
            )


@rule(
    "status/reason",
    severity=Severity.ERROR,
    title="N/A is justified by what the environment is.",
    source="the program's frequently asked questions: not supporting something is no justification",
    remedy="Say in the notes what it is about the hardware or the place where the platform runs, so that the "
    "condition of the requirement does not hold.",
    explanation="A platform on customers' own machines has no nodes to add; an accelerator without partitions has none "
    "to share. That a vendor does not provide or claim something is a decision, not an environment.",
)
def reason(subject: Subject) -> Iterator[Violation]:
    """No reason, or one about will; a warning where words alone cannot settle it."""
    for entry in subject.entries:
        if entry.status != Status.NOT_APPLICABLE or entry.id not in subject.conditional:
            continue
        if not entry.notes.strip():
            yield Violation(message="N/A has no reason in the notes", node=entry.get("notes"), entry=entry)
        elif not phrases.about_environment(entry.notes):
            said = phrases.about_will(entry.notes)
            what = f"says '{said}', which is a decision" if said else "says nothing about the environment"
            message = f"the reason for N/A {what}"
            yield Violation(message=message, node=entry.get("notes"), entry=entry, severity=Severity.WARNING)


@rule(
    "status/contradiction",
    severity=Severity.WARNING,
    title="The notes of what is Implemented do not say that it is missing.",
    source="seen in merged submissions",
    remedy="Correct the status or the notes: say what was installed and seen to work.",
    explanation="A reviewer reads the notes first. Requirements that begin with 'if the platform provides' are met by "
    "a component that was installed and tested; the notes then say which.",
)
def contradiction(subject: Subject) -> Iterator[Violation]:
    """Words of absence beside a claim."""
    name = subject.metadata("platformName")[0].strip()
    for entry in subject.entries:
        if entry.status == Status.IMPLEMENTED and (
            said := phrases.absence(entry.notes, requirement=entry.id, name=name)
        ):
            message = f"the status is Implemented, but the notes say '{said}'"
            yield Violation(message=message, node=entry.get("notes"), entry=entry)


def _level(subject: Subject, entry: Entry) -> str:
    """The checklist's level; what the file says of it may be wrong."""
    return subject.official[entry.id].level
