"""Verdicts become status, evidence and notes; nothing unknown becomes Implemented, nothing written is lost."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.model.records import RunRecord
from ai_conformance.model.releases import Release
from ai_conformance.model.verdicts import Verdict
from ai_conformance.submission.documents import Document, Draft
from ai_conformance.submission.errors import Refused
from ai_conformance.submission.making.fill import Filled, Outcome, fill
from ai_conformance.submission.product import Entry, view

RELEASE = Release(1, 37)
GANG = "gang_scheduling"


def with_verdict(record: RunRecord, verdict: Verdict, *, reason: str = "as seen") -> RunRecord:
    checks = tuple(
        dataclasses.replace(one, verdict=verdict, reason=reason) if one.requirement == GANG else one
        for one in record.checks
    )
    return dataclasses.replace(record, checks=checks)


def written(document: Document, **values: str | list[str]) -> Document:
    draft, entry = Draft(document), view(document).entry(GANG)
    assert entry is not None
    for key, value in values.items():
        draft.set((*entry.path, key), value)
    return draft.finish()


def gang(filled: Filled) -> Entry:
    found = view(filled.document).entry(GANG)
    assert found is not None
    return found


def outcomes(filled: Filled) -> dict[str, Outcome]:
    return {one.field: one.outcome for one in filled.steps if one.requirement == GANG}


def test_pass_becomes_implemented_with_links_to_its_test(new: Document, record: RunRecord) -> None:
    entry = gang(fill(new, record, release=RELEASE))
    assert entry.status == "Implemented"
    assert [one.text for one in entry.evidence] == [
        "file://e2e.log#TestGangScheduling",
        "file://junit.xml#TestGangScheduling",
    ]
    assert "TestGangScheduling" in entry.notes
    assert "NegativeGangScheduling, " in entry.notes, "what passed is named, so that no two notes are alike"


def test_not_applicable_becomes_na_with_the_observation(new: Document, record: RunRecord) -> None:
    seen = "the cluster serves no group of autoscaling"
    entry = gang(fill(new, with_verdict(record, Verdict.NOT_APPLICABLE, reason=seen), release=RELEASE))
    assert (entry.status, entry.notes, entry.evidence) == ("N/A", seen, ())


@given(verdict=st.sampled_from(Verdict), force=st.booleans(), status=st.sampled_from(["", "N/A", "Not Implemented"]))
def test_nothing_but_pass_ever_becomes_implemented(
    new: Document, record: RunRecord, verdict: Verdict, force: bool, status: str
) -> None:
    filled = fill(written(new, status=status), with_verdict(record, verdict), release=RELEASE, force=force)
    implemented = verdict is Verdict.PASS and (force or not status)
    assert (gang(filled).status == "Implemented") is implemented


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.ERROR, Verdict.BLOCKED, Verdict.NOT_APPLICABLE])
def test_a_claim_that_the_run_does_not_bear_out_is_named_and_stays(
    new: Document, record: RunRecord, verdict: Verdict
) -> None:
    filled = fill(written(new, status="Implemented"), with_verdict(record, verdict), release=RELEASE)
    assert [one.requirement for one in filled.contradictions] == [GANG]
    assert gang(filled).status == "Implemented"
    assert gang(filled).notes == ""


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.NOT_APPLICABLE])
def test_no_note_is_put_beside_a_status_that_it_contradicts(new: Document, record: RunRecord, verdict: Verdict) -> None:
    filled = fill(written(new, status="Not Implemented"), with_verdict(record, verdict), release=RELEASE)
    assert (gang(filled).status, gang(filled).notes) == ("Not Implemented", "")


def test_a_test_without_an_official_name_is_linked_by_the_name_it_has(new: Document, record: RunRecord) -> None:
    checks = tuple(dataclasses.replace(one, artifact=None) if one.requirement == GANG else one for one in record.checks)
    entry = gang(fill(new, dataclasses.replace(record, checks=checks), release=RELEASE))
    assert entry.evidence[0].text == "file://e2e.log#TestGangScheduling"
    assert entry.notes.startswith("TestGangScheduling of")


@pytest.mark.parametrize("verdict", [Verdict.SKIPPED, Verdict.NOT_TESTED])
def test_what_was_not_looked_at_is_no_contradiction(new: Document, record: RunRecord, verdict: Verdict) -> None:
    changed = with_verdict(record, verdict)
    automated = verdict is Verdict.SKIPPED
    checks = tuple(
        dataclasses.replace(one, automated=automated) if one.requirement == GANG else one for one in changed.checks
    )
    changed = dataclasses.replace(changed, checks=checks)
    assert fill(written(new, status="Implemented"), changed, release=RELEASE).contradictions == ()


def test_what_a_person_wrote_stays_and_its_evidence_is_added_to(new: Document, record: RunRecord) -> None:
    mine = written(new, status="Not Implemented", notes="Ours.", evidence=["https://docs.acme.example"])
    filled = fill(mine, record, release=RELEASE)
    assert (gang(filled).status, gang(filled).notes) == ("Not Implemented", "Ours.")
    assert gang(filled).evidence[0].text == "https://docs.acme.example"
    assert outcomes(filled) == {"status": Outcome.KEPT, "evidence": Outcome.FILLED}


def test_force_replaces_status_and_notes_and_never_evidence(new: Document, record: RunRecord) -> None:
    mine = written(new, status="Not Implemented", notes="Ours.", evidence=["https://docs.acme.example"])
    filled = fill(mine, record, release=RELEASE, force=True)
    assert gang(filled).status == "Implemented"
    assert "Ours." not in gang(filled).notes
    assert len(gang(filled).evidence) == 3
    assert outcomes(filled)["status"] is Outcome.REPLACED


def test_filling_twice_changes_nothing_the_second_time(new: Document, record: RunRecord) -> None:
    once = fill(new, record, release=RELEASE).document
    assert fill(once, record, release=RELEASE).document is once


def test_only_lines_of_what_passed_change(new: Document, record: RunRecord) -> None:
    before, after = new.text.splitlines(), fill(new, record, release=RELEASE).document.text.splitlines()
    lost = [line for line in before if line not in after]
    assert lost == []
    comments = [line for line in before if line.lstrip().startswith("#")]
    assert [line for line in after if line.lstrip().startswith("#")] == comments


def test_a_run_of_another_release_is_refused(new: Document, record: RunRecord) -> None:
    with pytest.raises(Refused, match=r"run --release 1\.36"):
        fill(new, record, release=Release(1, 36))


def test_keys_that_are_missing_are_added(new: Document, record: RunRecord) -> None:
    draft, entry = Draft(new), view(new).entry(GANG)
    assert entry is not None
    for key in ("status", "evidence", "notes"):
        draft.remove((*entry.path, key))
    found = gang(fill(draft.finish(), record, release=RELEASE))
    assert [pair.name for pair in found.node.pairs] == ["id", "description", "level", "status", "evidence", "notes"]
