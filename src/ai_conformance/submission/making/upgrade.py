"""A product carried to another release: the new checklist's own text, with what still holds of the old file.

What holds is what somebody can still read: metadata, public links, notes. What showed the old release does not: files
of the old folder and test artifacts stay behind, and so does "Implemented" where nothing else showed it or where the
requirement itself has changed. Everything of that kind is listed, so that nobody has to find it.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Iterator

from ai_conformance.catalog import hashes
from ai_conformance.model.releases import Release
from ai_conformance.submission.documents import Document, Draft
from ai_conformance.submission.making import init
from ai_conformance.submission.product import METADATA_KEYS, Entry, Product, Status, snake_case, view

_LINK = re.compile(r"https?://", re.IGNORECASE)
_CONFORMANCE = re.compile(r"(/k8s-conformance/tree/[^/]+/)v\d+\.\d+(/)")


class Kind(enum.StrEnum):
    """What became of a requirement or a field on the way."""

    CARRIED = "carried"
    TO_PROVE = "to prove"
    """It held in the old release; that it holds in the new one has to be shown."""
    NEW = "new"
    REMOVED = "removed"
    TO_LOOK_AT = "to look at"
    """Carried, and most likely another value now."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    """What became of one requirement, or of a field of the metadata."""

    subject: str
    kind: Kind
    sentence: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Upgraded:
    """The document for the new release and what is left to do."""

    document: Document
    steps: tuple[Step, ...]


def upgrade(old: Document, checklist: Document, *, release: Release, product: str) -> Upgraded:
    """Carry a file to a release. Raises DocumentError."""
    before = view(old)
    values = {
        key: before.text(key).strip()
        for key in METADATA_KEYS
        if before.get(key) is not None and key != "kubernetesVersion"
    }
    values.setdefault("repoUrl", "")
    if "k8sConformanceUrl" in values:
        values["k8sConformanceUrl"] = _CONFORMANCE.sub(rf"\g<1>v{release}\g<2>", values["k8sConformanceUrl"])
    made = init.new_product(checklist, release=release, product=product, values=values)
    after, draft = view(made), Draft(made)
    steps = [*_metadata(before, values)]
    for entry in after.entries:
        steps += _entry(draft, entry, before.entry(entry.id))
    kept = {entry.id for entry in after.entries}
    for entry in before.entries:
        if entry.id not in kept:
            said = f"is not on the checklist of {release}; it was {entry.status or 'left empty'}"
            steps.append(Step(subject=entry.id or "(no id)", kind=Kind.REMOVED, sentence=said))
    comments = sum(line.lstrip().startswith("#") for line in old.text.splitlines())
    if comments:
        steps.append(Step(subject="comments", kind=Kind.REMOVED, sentence=f"{comments} lines of the old file"))
    return Upgraded(document=draft.finish(), steps=tuple(steps))


def _metadata(before: Product, values: dict[str, str]) -> Iterator[Step]:
    version = f"still {before.text('platformVersion')!r}: name the product's version that is submitted now"
    yield Step(subject="platformVersion", kind=Kind.TO_LOOK_AT, sentence=version)
    url = values.get("k8sConformanceUrl") or "is missing"
    yield Step(subject="k8sConformanceUrl", kind=Kind.TO_LOOK_AT, sentence=f"{url}: see that it is there by then")
    known = {pair.name for pair in before.metadata.pairs} if before.metadata else set()
    for name in sorted(known - {*METADATA_KEYS} - {snake_case(one) for one in METADATA_KEYS}):
        sentence = "is no key of the metadata and was left behind"
        yield Step(subject=name, kind=Kind.REMOVED, sentence=sentence)


def _entry(draft: Draft, entry: Entry, old: Entry | None) -> Iterator[Step]:
    if old is None:
        yield Step(subject=entry.id, kind=Kind.NEW, sentence=f"{entry.level}: {_needed(entry)}")
        return
    links = [one.text for one in old.evidence if _LINK.match(one.text.strip())]
    behind = [one.text for one in old.evidence if one.text not in links]
    changed = hashes.description_sha256(entry.description) != hashes.description_sha256(old.description)
    claimed = old.status.strip() in (Status.IMPLEMENTED, Status.PARTIALLY_IMPLEMENTED)
    holds = bool(old.status.strip()) and not (claimed and (changed or not links))
    if holds:
        draft.set((*entry.path, "status"), old.status)
    if links:
        draft.set((*entry.path, "evidence"), links)
    if old.notes.strip():
        draft.set((*entry.path, "notes"), old.notes)
    why = [
        *(["its text has changed"] if changed else []),
        *([f"it is {entry.level} now and was {old.level}"] if entry.level != old.level else []),
        *([f"evidence of the old release stays behind: {', '.join(behind)}"] if behind else []),
    ]
    if why or (not holds and entry.level == "MUST"):
        reason = "; ".join(why) or "it has no status that could be carried"
        yield Step(subject=entry.id, kind=Kind.TO_PROVE, sentence=f"{reason}. {_needed(entry).capitalize()}")
    else:
        what = f"{old.status or 'left empty'}, {len(links)} link{'s' * (len(links) != 1)}"
        yield Step(subject=entry.id, kind=Kind.CARRIED, sentence=what)


def _needed(entry: Entry) -> str:
    return "it has to be implemented, with evidence" if entry.level == "MUST" else "it may be left empty"
