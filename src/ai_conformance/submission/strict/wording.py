"""What a submission must not say of itself: nobody is certified before the certificate, and not by a tool."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ai_conformance.submission import product as products
from ai_conformance.submission.findings import Severity
from ai_conformance.submission.strict.registry import Violation, rule
from ai_conformance.submission.strict.subject import Subject

_CLAIMS = re.compile(
    r"\bcertified by (?:the )?(?:CNCF|Cloud Native Computing Foundation)\b"
    r"|\b(?:CNCF|Kubernetes)[- ](?:certified )?AI[- ](?:Conformance )?certified\b"
    r"|\bcertified (?:Kubernetes )?AI[- ](?:platform|conforman\w+)\b"
    r"|\b(?:official(?:ly)? )?endorsed by (?:the )?(?:CNCF|Kubernetes)\b",
    re.IGNORECASE,
)


@rule(
    "wording/certified",
    severity=Severity.WARNING,
    title="The texts do not claim a certificate of the AI conformance.",
    source="the terms of the CNCF's certification programs: the mark follows the certificate",
    remedy="Say what the product does; the list of certified products says the rest.",
    explanation="The submission asks for the certificate, so it cannot have it yet. 'Certified Kubernetes' names the "
    "other program and is fine where it is true.",
)
def certified(subject: Subject) -> Iterator[Violation]:
    """Claims in the metadata and in notes."""
    for pair in products.pairs(subject.product.metadata):
        claim = _CLAIMS.search(products.text_of(pair.value))
        if claim:
            yield Violation(message=f"{pair.name} says '{claim[0]}'", node=pair.value)
    for entry in subject.entries:
        claim = _CLAIMS.search(entry.notes)
        if claim:
            yield Violation(message=f"the notes say '{claim[0]}'", node=entry.get("notes"), entry=entry)
