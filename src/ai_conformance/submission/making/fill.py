"""The verdicts of a run become status, evidence and notes, without touching what a person wrote.

PASS becomes Implemented with links to its test in the artifacts, NOT_APPLICABLE becomes N/A with what was observed as
the note's draft. No other verdict ever becomes anything: nobody saw that the platform does it.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator

from ai_conformance.model.records import CheckRecord, RunRecord
from ai_conformance.model.releases import Release
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import outcomes
from ai_conformance.submission.documents import Document, Draft
from ai_conformance.submission.errors import Refused
from ai_conformance.submission.product import ENTRY_KEYS, Entry, Status, view

_LINKED = ("e2e.log", "junit.xml")
"""The artifacts that a link is made to; results.json says the same and is for programs."""


class Outcome(enum.StrEnum):
    """What became of one field of one entry."""

    FILLED = "filled"
    REPLACED = "replaced"
    """With `force`."""
    KEPT = "kept"
    """A person wrote something else there."""
    CONTRADICTS = "contradicts"
    """The file says Implemented, and the run did not pass: to be settled before anybody else sees it."""
    LEFT = "left"
    """The run says nothing that could be entered."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    """One field, or a whole entry, and what became of it."""

    requirement: str
    field: str
    outcome: Outcome
    sentence: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Filled:
    """The filled document and everything that was and was not done."""

    document: Document
    steps: tuple[Step, ...]

    @property
    def contradictions(self) -> tuple[Step, ...]:
        """What the file claims and the run does not bear out."""
        return tuple(one for one in self.steps if one.outcome is Outcome.CONTRADICTS)


def fill(document: Document, record: RunRecord, *, release: Release | None, force: bool = False) -> Filled:
    """Take a run into a document. Raises Refused where the run is of another release, and DocumentError."""
    if release is not None and str(release) != record.release:
        raise Refused(f"the run is of release {record.release}, the folder of {release}; run --release {release}")
    product, draft = view(document), Draft(document)
    steps: list[Step] = []
    for check in record.checks:
        entry = product.entry(check.requirement)
        if entry is None:
            sentence = "is not in the file; it is not on its checklist, or was taken out"
            steps.append(Step(requirement=check.requirement, field="", outcome=Outcome.LEFT, sentence=sentence))
        else:
            steps += _entry(draft, entry, check, record, force=force)
    return Filled(document=draft.finish() if draft.changed else document, steps=tuple(steps))


def links(check: CheckRecord) -> tuple[str, ...]:
    """The evidence of a check that passed, as paths in the product's folder."""
    return tuple(f"file://{name}#{outcomes.test_name(check)}" for name in _LINKED)


def _entry(draft: Draft, entry: Entry, check: CheckRecord, record: RunRecord, *, force: bool) -> Iterator[Step]:
    if check.verdict is Verdict.PASS:
        yield from _status(draft, entry, Status.IMPLEMENTED, force=force)
        yield from _evidence(draft, entry, links(check))
        yield from _notes(draft, entry, _note(check, record), status=Status.IMPLEMENTED, force=force)
    elif check.verdict is Verdict.NOT_APPLICABLE and (force or entry.status.strip() != Status.IMPLEMENTED):
        yield from _status(draft, entry, Status.NOT_APPLICABLE, force=force)
        yield from _notes(draft, entry, check.reason, status=Status.NOT_APPLICABLE, force=force)
    else:
        said = f"{check.verdict}: {check.reason}"
        # Without an automated check a person attests, and nothing here knows better.
        claimed = (
            entry.status.strip() == Status.IMPLEMENTED and check.automated and check.verdict is not Verdict.SKIPPED
        )
        outcome = Outcome.CONTRADICTS if claimed else Outcome.LEFT
        sentence = f"says Implemented, the run says {said}" if claimed else said
        yield Step(requirement=entry.id, field="status", outcome=outcome, sentence=sentence)


def _note(check: CheckRecord, record: RunRecord) -> str:
    """What passed, by the names of its cases: notes that would do for any requirement tell a reviewer nothing."""
    names = dict.fromkeys(case.name for case in check.cases if case.verdict is Verdict.PASS)
    named = f" ({', '.join(names)})" if names else ""
    return (
        f"{outcomes.test_name(check)} of kube-ai-conformance {record.tool_version} passed on Kubernetes "
        f"{record.cluster.server_version}: {check.reason}{named}."
    )


def _status(draft: Draft, entry: Entry, value: Status, *, force: bool) -> Iterator[Step]:
    yield from _text(draft, entry, "status", value.value, force=force)


def _notes(draft: Draft, entry: Entry, value: str, *, status: Status, force: bool) -> Iterator[Step]:
    """The note, unless it would stand beside a person's other status and contradict it."""
    if force or entry.status.strip() in ("", status):
        yield from _text(draft, entry, "notes", value, force=force)


def _text(draft: Draft, entry: Entry, field: str, value: str, *, force: bool) -> Iterator[Step]:
    present = entry.text(field)
    if present == value:
        return
    outcome = Outcome.FILLED
    if present.strip():
        outcome = Outcome.REPLACED if force else Outcome.KEPT
    if outcome is not Outcome.KEPT:
        draft.set((*entry.path, field), value, after=_after(entry, field))
    sentence = f"{present!r} stays; --force replaces it by {value!r}" if outcome is Outcome.KEPT else repr(value)
    yield Step(requirement=entry.id, field=field, outcome=outcome, sentence=sentence)


def _evidence(draft: Draft, entry: Entry, wanted: tuple[str, ...]) -> Iterator[Step]:
    present = {one.text.strip() for one in entry.evidence}
    added = [one for one in wanted if one not in present]
    if added:
        path = (*entry.path, "evidence")
        if entry.get("evidence") is None:
            draft.set(path, added, after=_after(entry, "evidence"))
        else:
            draft.extend(path, added)
        yield Step(requirement=entry.id, field="evidence", outcome=Outcome.FILLED, sentence=", ".join(added))


def _after(entry: Entry, field: str) -> str:
    """The key below which a missing one belongs."""
    above = ENTRY_KEYS[: ENTRY_KEYS.index(field)]
    return next((one for one in reversed(above) if entry.get(one) is not None), "id")
