"""Nothing of a template or of an example is left: what nobody replaced would become a fact on a certificate."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ai_conformance.submission import product as products
from ai_conformance.submission.documents import Node
from ai_conformance.submission.findings import Severity
from ai_conformance.submission.product import Entry
from ai_conformance.submission.strict.registry import Violation, rule
from ai_conformance.submission.strict.subject import Subject

# Domains that belong to nobody (RFC 2606, RFC 6761), and those of the examples that the program gives.
_HOSTS = re.compile(
    r"(?:^|[/@.\s])((?:[\w-]+\.)*(?:example\.(?:com|org|net)|yoyo\.dyne|vendor\.com|[\w-]+\.(?:example|invalid|test))"
    r"|localhost)(?=[/:#?\s]|$)",
    re.IGNORECASE,
)
_NAMES = re.compile(r"turbo[- ]encabulator|yoyo\.dyne", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\[\]]*\]")
_MARKERS = re.compile(
    r"\b(?:TODO|TBD|FIXME|XXX|CHANGEME)\b|lorem ipsum|<(?:your|insert|enter|fill|the)\b[^<>]*>|\b(?:your|insert)[- ]"
    r"(?:company|product|vendor|link|url)[- ]?(?:name|here)\b|\bto be (?:added|filled|completed|provided)\b|"
    r"\bcoming soon\b",
    re.IGNORECASE,
)


@rule(
    "placeholder/template",
    severity=Severity.ERROR,
    title="No placeholder of the template is left.",
    source="the checklist's template writes what has to be replaced in square brackets",
    remedy="Write your product's own value.",
    explanation="Looks for values in square brackets and for words such as TODO, TBD and '<your ...>' in metadata, "
    "evidence and notes.",
)
def template(subject: Subject) -> Iterator[Violation]:
    """Values in brackets, and words that say that something is still to be written."""
    for text, node, entry, what in _values(subject):
        marker = _MARKERS.search(text)
        if _BRACKETS.fullmatch(text.strip()):
            yield Violation(message=f"{what} is still the template's {text.strip()}", node=node, entry=entry)
        elif marker:
            yield Violation(message=f"{what} says '{marker[0]}'", node=node, entry=entry)


@rule(
    "placeholder/example",
    severity=Severity.ERROR,
    title="No value of an example is left.",
    source="the examples of the program's instructions; reserved domains of RFC 2606 and RFC 6761",
    remedy="Write your product's own value, or take an optional key out.",
    explanation="Merged submissions carry the address of the example product of the instructions. Such an address "
    "leads nowhere, and the logo or repository it stands for is missing.",
)
def example(subject: Subject) -> Iterator[Violation]:
    """Addresses and names that belong to examples, where a value is an address or a name."""
    for text, node, entry, what in _values(subject):
        if what in ("the notes", "description"):
            continue
        found = _HOSTS.search(text) or _NAMES.search(text)
        if found:
            yield Violation(message=f"{what} is that of an example: {text.strip()}", node=node, entry=entry)


def _values(subject: Subject) -> Iterator[tuple[str, Node, Entry | None, str]]:
    for pair in products.pairs(subject.product.metadata):
        yield products.text_of(pair.value), pair.value, None, pair.name
    for one in subject.evidence:
        yield one.text, one.node, one.entry, "the evidence"
    for entry in subject.entries:
        node = entry.get("notes")
        if node is not None:
            yield entry.notes, node, entry, "the notes"
