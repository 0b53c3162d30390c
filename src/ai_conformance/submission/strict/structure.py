"""The form of PRODUCT.yaml: known keys in their places, each once, each with a value of the right kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from ai_conformance.catalog.errors import nearest
from ai_conformance.submission import product as products
from ai_conformance.submission.documents import Kind, Mapping, Node, ProblemKind, Scalar, Sequence, Style
from ai_conformance.submission.findings import Correction, Severity
from ai_conformance.submission.product import ENTRY_KEYS, METADATA_KEYS, Entry
from ai_conformance.submission.strict.registry import Violation, rule
from ai_conformance.submission.strict.subject import Subject

_CHECKLIST = "the program's checklist, whose form PRODUCT.yaml keeps"
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?", re.ASCII)
_SNAKE_KEYS = tuple(products.snake_case(one) for one in METADATA_KEYS)


@rule(
    "structure/folder",
    severity=Severity.ERROR,
    title="The folder is vX.Y/<product>/ in the root of the program's repository.",
    source="the program's instructions; its validator takes any path with a vX.Y in it",
    remedy="Move the product's folder to vX.Y/<product>/.",
    explanation="The validator judges a folder that is deeper in the repository by the first vX.Y of its path. What "
    "looks for certified products looks for vX.Y/<product>/ alone, and does not find it.",
)
def folder(subject: Subject) -> Iterator[Violation]:
    """Another depth, or something in front of the release's folder."""
    if not subject.folder.ordinary:
        yield Violation(message=f"the product is in {subject.folder.place}/, not in v{subject.release}/<product>/")


@rule(
    "structure/document",
    severity=Severity.ERROR,
    title="The file is one plain YAML document.",
    source="YAML 1.2.2; the program's validator decodes the file strictly",
    remedy="Correct the line that is named.",
    explanation="A key twice, a second document, a tag or a byte order mark is read differently by different tools: "
    "what a reviewer sees would not be what is judged.",
)
def document(subject: Subject) -> Iterator[Violation]:
    """Problems that the reader went past."""
    for one in subject.product.document.problems:
        mark = one.kind is ProblemKind.BYTE_ORDER_MARK
        yield Violation(message=one.sentence, line=one.line, severity=Severity.WARNING if mark else None)


@rule(
    "structure/unknown-key",
    severity=Severity.ERROR,
    title="Every key is one that the checklist has, in the place where it has it.",
    source=_CHECKLIST,
    remedy="Rename the key, move it to its place, or take it out.",
    explanation="A key that nobody reads is a value that is lost: a misspelt one leaves the real one empty.",
)
def unknown_key(subject: Subject) -> Iterator[Violation]:
    """Keys of the file, the metadata and the entries."""
    root = subject.product.document.root
    for pair in products.pairs(root):
        if pair.name not in ("metadata", "spec"):
            misplaced = pair.name in (*METADATA_KEYS, *_SNAKE_KEYS)
            hint = "; it belongs under 'metadata'" if misplaced else nearest(pair.name, known=["metadata", "spec"])
            yield Violation(message=f"the key {pair.name!r} has no meaning here{hint}", node=pair.key)
    for pair in products.pairs(subject.product.metadata):
        if pair.name not in (*METADATA_KEYS, *_SNAKE_KEYS):
            hint = nearest(pair.name, known=METADATA_KEYS)
            yield Violation(message=f"the metadata key {pair.name!r} is not known{hint}", node=pair.key)
    for entry in subject.product.entries:
        for pair in entry.node.pairs:
            if pair.name not in ENTRY_KEYS:
                hint = nearest(pair.name, known=ENTRY_KEYS)
                message = f"the key {pair.name!r} is not known here{hint}"
                yield Violation(message=message, node=pair.key, entry=entry)


@rule(
    "structure/key-style",
    severity=Severity.NOTE,
    title="Metadata keys are written as in the checklist.",
    source="checklists since 1.33 write camelCase; the program's validator takes snake_case as a second name",
    remedy="Write the key in camelCase, as the checklist does.",
    explanation="Both are read today. A file with both for one field has one that is silently ignored.",
)
def key_style(subject: Subject) -> Iterator[Violation]:
    """One finding for the whole file; a field in both styles is one of its own and weighs more."""
    pairs = products.pairs(subject.product.metadata)
    names = {pair.name for pair in pairs}
    snake = [one for one in pairs if one.name in _SNAKE_KEYS and one.name not in METADATA_KEYS]
    twice = [one for one in snake if METADATA_KEYS[_SNAKE_KEYS.index(one.name)] in names]
    for pair in twice:
        camel = METADATA_KEYS[_SNAKE_KEYS.index(pair.name)]
        message = f"{pair.name} is ignored, since {camel} is there too"
        yield Violation(message=message, node=pair.key, severity=Severity.WARNING, remedy=f"Keep {camel} alone.")
    if snake and not twice:
        wanted = ", ".join(f"{METADATA_KEYS[_SNAKE_KEYS.index(one.name)]}" for one in snake)
        yield Violation(message=f"keys in snake_case; the checklist has {wanted}", node=snake[0].key)


@rule(
    "structure/value-type",
    severity=Severity.ERROR,
    title="A text is a text and a list is a list.",
    source="the program's validator refuses other types; YAML takes 1.0 for a number and loses its zero",
    remedy="Put the value in quotes.",
    explanation="Without quotes 1.0 is a number, 2026-02-19 a date and 0011 an octal number to a YAML reader. Evidence "
    "is a list of texts, even if there is one piece.",
    fixable=True,
)
def value_type(subject: Subject) -> Iterator[Violation]:
    """Metadata values, and the values of entries."""
    for pair in products.pairs(subject.product.metadata):
        if wrong := _no_text(pair.value):
            yield _quoted(f"{pair.name} is {wrong}, not a text", pair.value, ("metadata", pair.name))
    for entry in subject.product.entries:
        for pair in entry.node.pairs:
            if pair.name == "evidence":
                yield from _evidence(entry, pair.value)
            elif pair.name in ENTRY_KEYS and (wrong := _no_text(pair.value)):
                place = (*entry.path, pair.name)
                yield _quoted(f"{pair.name} is {wrong}, not a text", pair.value, place, entry=entry)


def _evidence(entry: Entry, value: Node) -> Iterator[Violation]:
    if isinstance(value, Sequence):
        for index, item in enumerate(value.items):
            if isinstance(item, Scalar) and item.kind is Kind.NULL:
                remedy = "Take the item out or name what it should say."
                yield Violation(
                    message="an item of the evidence is empty",
                    node=item,
                    entry=entry,
                    severity=Severity.WARNING,
                    remedy=remedy,
                )
            elif wrong := _no_text(item):
                place = (*entry.path, "evidence", index)
                yield _quoted(f"an item of the evidence is {wrong}, not a text", item, place, entry=entry)
    elif not (isinstance(value, Scalar) and value.kind is Kind.NULL):
        what = "a mapping" if isinstance(value, Mapping) else f"the single text {products.text_of(value)!r}"
        remedy = "Write a list: a line '- \"...\"' for each piece, or [] for none."
        yield Violation(message=f"evidence is {what}, not a list", node=value, entry=entry, remedy=remedy)


@rule(
    "structure/requirement",
    severity=Severity.ERROR,
    title="Every requirement of the checklist is there once, in its category, and no other.",
    source=_CHECKLIST,
    remedy="Write the requirement as the checklist of the release has it.",
    explanation="Of two entries with one id the validator judges the last alone; one that the release does not have is "
    "judged by nobody; a SHOULD that is left out says nothing, not even that it is not implemented.",
)
def requirement(subject: Subject) -> Iterator[Violation]:
    """Missing, unknown, misplaced and repeated requirements."""
    official = subject.official
    found = Counter(entry.id for entry in subject.product.entries)
    last = {entry.id: entry for entry in subject.product.entries}
    for entry in subject.product.entries:
        node = entry.get("id") or entry.node
        wanted = official.get(entry.id)
        if wanted is None:
            yield Violation(message=_unknown(entry, official, subject), node=node, entry=entry)
        elif entry.category != wanted.category:
            message = f"{entry.id} stands under {entry.category}; it belongs under {wanted.category}"
            yield Violation(message=message, node=node, entry=entry)
        elif found[entry.id] > 1 and last[entry.id] is not entry:
            yield Violation(
                message=f"{entry.id} is there again further down; this one is ignored", node=node, entry=entry
            )
    spec = subject.product.document.at("spec")
    for name, one in official.items():
        if name not in found:
            message = f"the requirement ({one.level}, {one.category}) is missing"
            yield Violation(
                message=message, node=subject.product.document.at("spec", one.category) or spec, requirement=name
            )


def _unknown(entry: Entry, official: Collection[str], subject: Subject) -> str:
    if not entry.id:
        return "an entry without an id"
    return f"{entry.id} is not on the checklist of {subject.release}{nearest(entry.id, known=list(official))}"


def _no_text(node: Node) -> str:
    """What it is, if it is not a text and not nothing."""
    if isinstance(node, Scalar):
        # No date to YAML 1.2, but one to the validator's reader, which still knows YAML 1.1.
        if node.style is Style.PLAIN and not node.tag and _DATE.fullmatch(node.text):
            return "a date"
        return "" if node.kind in (Kind.TEXT, Kind.NULL) else node.kind.value
    return "a mapping" if isinstance(node, Mapping) else "a list"


def _quoted(message: str, node: Node, place: tuple[str | int, ...], *, entry: Entry | None = None) -> Violation:
    correction = Correction(place=place, value=node.text) if isinstance(node, Scalar) and not node.tag else None
    return Violation(message=message, node=node, entry=entry, correction=correction)
