"""What changed between two submissions, by requirement: for a reviewer who knows the one and has to read the other."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Mapping

from ai_conformance.submission.documents import Pair
from ai_conformance.submission.product import Entry, Product, pairs, text_of


class Kind(enum.StrEnum):
    """What happened to one field."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Change:
    """One field that differs; `subject` is a requirement's id or ``metadata``."""

    subject: str
    field: str
    """Empty where a whole requirement came or went."""
    kind: Kind
    before: str = ""
    after: str = ""
    line: int = 1
    """In the new file; in the old one for what was removed."""


def compare(before: Product, after: Product) -> tuple[Change, ...]:
    """The differences: metadata first, then requirements in the order of the new file, then those that are gone."""
    return tuple(_changes(before, after))


def _changes(before: Product, after: Product) -> Iterator[Change]:
    old = {pair.name: pair for pair in pairs(before.metadata)}
    new = {pair.name: pair for pair in pairs(after.metadata)}
    for name in [*new, *(one for one in old if one not in new)]:
        place = (new.get(name) or old[name]).key.line
        yield from _text("metadata", name, _value(old, name), _value(new, name), line=place)
    ids = {entry.id for entry in after.entries}
    for entry in after.entries:
        # The last of two entries with one id is the one that counts.
        if entry is after.entry(entry.id):
            yield from _entry(before.entry(entry.id), entry)
    for entry in before.entries:
        if entry.id not in ids and entry is before.entry(entry.id):
            line, said = entry.node.line, f"{entry.level} {entry.status}".strip()
            yield Change(subject=entry.id, field="", kind=Kind.REMOVED, before=said, line=line)


def _value(of: Mapping[str, Pair], name: str) -> str | None:
    return text_of(of[name].value) if name in of else None


def _entry(before: Entry | None, after: Entry) -> Iterator[Change]:
    line = after.node.line
    if before is None:
        said = f"{after.level} {after.status}".strip()
        yield Change(subject=after.id, field="", kind=Kind.ADDED, after=said, line=line)
        return
    if before.category != after.category:
        yield from _text(after.id, "category", before.category, after.category, line=line)
    for field in ("level", "description", "status", "notes"):
        node = after.get(field)
        place = node.line if node else line
        if " ".join(before.text(field).split()) != " ".join(after.text(field).split()):
            yield from _text(after.id, field, before.text(field) or None, after.text(field) or None, line=place)
    old = {one.text.strip(): one for one in before.evidence}
    new = {one.text.strip(): one for one in after.evidence}
    for text, one in new.items():
        if text not in old:
            yield Change(subject=after.id, field="evidence", kind=Kind.ADDED, after=text, line=one.node.line)
    for text, one in old.items():
        if text not in new:
            yield Change(subject=after.id, field="evidence", kind=Kind.REMOVED, before=text, line=one.node.line)


def _text(subject: str, field: str, before: str | None, after: str | None, *, line: int) -> Iterator[Change]:
    if before == after:
        return
    kind = Kind.ADDED if before is None else Kind.REMOVED if after is None else Kind.CHANGED
    yield Change(subject=subject, field=field, kind=kind, before=before or "", after=after or "", line=line)
