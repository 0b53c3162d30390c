"""A run is taken up from its journal: what had finished is kept, whatever a kill has torn."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.engine import events, journal, resumption
from ai_conformance.engine.journal import Journal
from ai_conformance.engine.resumption import CannotResume
from ai_conformance.model.records import CaseKind, CaseRecord, CheckRecord, LogLine
from ai_conformance.model.verdicts import Verdict

AT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
CHECKS = ("dra_support", "gang_scheduling", "ai_inference")
FIRST = {
    "run": "abc123",
    "cluster": "uid-1",
    "server": "v1.37.2",
    "release": "1.37",
    "tool": "1.0",
    "command": ["--profile=lab"],
}


def finished(requirement: str, verdict: Verdict = Verdict.PASS) -> CheckRecord:
    case = CaseRecord(
        name="Works",
        kind=CaseKind.POSITIVE,
        verdict=verdict,
        reason="it \ud800 works",
        expected="it works",
        started_at=AT,
        duration_s=0.5,
    )
    return CheckRecord(
        requirement=requirement,
        level="MUST",
        title="x",
        artifact="TestX",
        automated=True,
        verdict=verdict,
        reason="all 1 cases passed",
        started_at=AT,
        duration_s=1.5,
        cases=(case,),
        log=(LogLine(at=AT, text="a line"),),
        waits_s={"pod": 1.0},
    )


def written(path: Path, *verdicts: Verdict) -> Path:
    """A journal in which the first checks have finished and the next has begun."""
    kept = Journal(path)
    kept.write(resumption.STARTED, **FIRST)
    for name, verdict in zip(CHECKS, verdicts, strict=False):
        kept.event(events.CheckStarted(requirement=name))
        kept.event(events.Waiting(requirement=name, what="a pod", since_s=1.0, over=False))
        kept.event(events.CheckFinished(record=finished(name, verdict), redacted={"jwt": len(name)}))
    kept.event(events.CheckStarted(requirement=CHECKS[len(verdicts)]))
    kept.close()
    return path


def test_finished_checks_are_kept_whole_and_the_one_at_work_is_not(tmp_path: Path) -> None:
    begun = resumption.read(written(tmp_path / "journal.jsonl", Verdict.FAIL, Verdict.PASS))
    assert list(begun.finished) == ["dra_support", "gang_scheduling"]
    assert begun.finished["dra_support"].verdict is Verdict.FAIL
    seen = begun.finished["gang_scheduling"]
    assert (seen.cases[0].started_at, seen.waits_s, seen.log[0].text) == (AT, {"pod": 1.0}, "a line")
    assert begun.unfinished == ("ai_inference",)
    assert (begun.run_id, begun.command, begun.redacted) == ("abc123", ("--profile=lab",), {"jwt": 15})


def test_a_check_that_could_not_observe_begins_anew(tmp_path: Path) -> None:
    begun = resumption.read(written(tmp_path / "journal.jsonl", Verdict.ERROR, Verdict.BLOCKED))
    assert list(begun.finished) == ["gang_scheduling"]
    assert begun.unfinished == ("dra_support", "ai_inference")


@given(data=st.data())
def test_a_journal_torn_anywhere_keeps_a_check_or_not_and_nothing_between(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = written(tmp_path_factory.mktemp("x") / "journal.jsonl", Verdict.PASS, Verdict.PASS).read_bytes()
    end = data.draw(st.integers(min_value=0, max_value=len(whole)))
    lines = whole[:end].decode("utf-8", "replace").split("\n")
    if whole[:end].count(b"\n") == 0 and end < whole.index(b"\n"):
        with pytest.raises(CannotResume, match="how its run began"):
            resumption.of_lines(lines, source="journal.jsonl")
        return
    begun = resumption.of_lines(lines, source="journal.jsonl")
    ends = [json.loads(line)["event"] == "CheckFinished" for line in whole.decode().splitlines()]
    complete = whole[:end].count(b"\n") + (end < len(whole) and whole[end : end + 1] == b"\n")
    assert len(begun.finished) == sum(ends[:complete])


def test_what_a_kill_has_torn_stays_harmless_when_the_run_was_taken_up_before(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.jsonl", Verdict.PASS)
    path.write_bytes(path.read_bytes()[:-20])
    again = Journal(path)
    again.write(resumption.RESUMED)
    again.event(events.CheckStarted(requirement="gang_scheduling"))
    again.close()
    begun = resumption.read(path)
    assert list(begun.finished) == ["dra_support"]
    assert begun.unfinished == ("gang_scheduling",)
    assert len(begun.resumed_at) == 1


def test_a_line_that_no_kill_has_torn_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.jsonl", Verdict.PASS)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], "scribble", *lines[2:]]))
    with pytest.raises(CannotResume, match=r"journal\.jsonl:3 is no line of a journal"):
        resumption.read(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cluster_uid": "uid-2"}, "another cluster"),
        ({"server_version": "v1.38.0"}, "the cluster had another version"),
        ({"tool_version": "2.0"}, "another version of this tool"),
    ],
)
def test_nothing_is_kept_of_another_world(tmp_path: Path, change: dict[str, str], said: str) -> None:
    begun = resumption.read(written(tmp_path / "journal.jsonl", Verdict.PASS))
    same = {"cluster_uid": "uid-1", "server_version": "v1.37.2", "tool_version": "1.0"}
    begun.must_be_of(**same)
    with pytest.raises(CannotResume, match=said):
        begun.must_be_of(**(same | change))


def test_a_folder_without_a_journal_is_not_a_runs(tmp_path: Path) -> None:
    with pytest.raises(CannotResume, match="is not the folder of a run"):
        resumption.read(tmp_path / "journal.jsonl")


def test_a_journal_is_locked_as_long_as_its_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    assert not journal.in_use(path)
    kept = Journal(path)
    assert journal.in_use(path)
    with pytest.raises(BlockingIOError):
        Journal(path)
    kept.close()
    assert not journal.in_use(path)
