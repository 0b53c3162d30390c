"""A product upon another platform: which of the two does what has to be told for each requirement."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ai_conformance.submission.findings import Severity
from ai_conformance.submission.product import Status
from ai_conformance.submission.strict.registry import Violation, rule
from ai_conformance.submission.strict.subject import Subject

_LAYERED = re.compile(r"\blayered (?:AI )?(?:[\w-]+ )?(?:product|platform|runtime|component)\b|^Layer:", re.IGNORECASE)
_OWNER = re.compile(r"\b(?:layer(?:ed)?|base|underlying|inherited|host cluster)\b", re.IGNORECASE)


@rule(
    "layers/owner",
    severity=Severity.WARNING,
    title="A layered product says of each requirement which layer meets it.",
    source="the program's frequently asked questions about layered products",
    remedy="Begin the notes with the layer: the product's own component, or the platform below it.",
    explanation="A product calls itself layered in its description or in notes; the requirements whose notes name no "
    "layer leave open what it adds, and who has to be asked when it fails.",
)
def owner(subject: Subject) -> Iterator[Violation]:
    """Implemented requirements without a word about layers, where others have one."""
    texts = [subject.metadata("description")[0], *(entry.notes for entry in subject.entries)]
    if not any(_LAYERED.search(text) for text in texts):
        return
    for entry in subject.entries:
        if entry.status == Status.IMPLEMENTED and not _OWNER.search(entry.notes):
            message = "the notes do not say which layer meets the requirement"
            yield Violation(message=message, node=entry.get("notes"), entry=entry)
