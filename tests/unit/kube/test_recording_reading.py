"""A recording's file: session after session, torn lines where a kill can have torn them, anything else refused."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.kube.recording import reading

SESSION = {"session": {"format": 1, "at": "2026-11-24T10:00:00+00:00", "seed": "s"}, "at": 0.0}
CALL = {"call": 1, "actor": "run", "method": "GET", "path": "/version", "begin": 0.1, "end": 0.2, "answer": {}}
WATCH = {"watch": 2, "actor": "run", "method": "WATCH", "path": "/api/v1/pods", "begin": 0.3}
EVENT = {"event": 2, "at": 0.4, "type": "ADDED", "object": {}}
END = {"end": 2, "at": 0.5, "by": "server"}


def lines(*content: object) -> list[str]:
    return [one if isinstance(one, str) else json.dumps(one) for one in content]


def test_all_that_was_written_is_read() -> None:
    note = {"run": {"run_id": "a"}, "at": 0.05}
    said = (SESSION, note, CALL, WATCH, EVENT, END, {"interrupted": 1, "at": 0.6})
    (found,) = reading.sessions(lines(*said))
    assert (found.seed, found.last, found.notes["run"]) == ("s", 0.5, (0.05, {"run_id": "a"}))
    assert [call.path for call in found.calls] == ["/version"]
    assert [event.at for event in found.watches[2].events] == [0.4]
    assert found.watches[2].by_server
    assert found.interruptions == [0.6]


def test_a_line_that_a_kill_has_torn_ends_its_session() -> None:
    first, second = reading.sessions(lines(SESSION, CALL, '{"call": 3, "act', SESSION, CALL))
    assert (len(first.calls), len(second.calls)) == (1, 1)
    (only,) = reading.sessions(lines(SESSION, CALL, '{"call": 3, "act'))
    assert len(only.calls) == 1


@pytest.mark.parametrize(
    "bad",
    [
        '{"torn": ',
        EVENT,
        {**CALL, "end": "late"},
        {**CALL, "end": -1},
        {**CALL, "end": 1e300},
        {**CALL, "answer": {"$": "nobody"}},
        {**CALL, "actor": 1},
        {**CALL, "params": []},
        {"part": "0123", "value": "x"},
        {"at": "x", "note": 1},
        {"session": {"format": 1, "at": "yesterday", "seed": "s"}},
        {"session": {"format": 1, "at": "2026-11-24T10:00:00", "seed": "s"}},
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(bad: object) -> None:
    with pytest.raises(reading.Damaged, match="line 2"):
        reading.sessions(lines(SESSION, bad, CALL))


def test_what_begins_otherwise_is_no_recording() -> None:
    with pytest.raises(reading.Damaged, match="line 1"):
        reading.sessions(lines(CALL))
    with pytest.raises(reading.OtherFormat, match="format 2"):
        reading.sessions(lines({"session": {"format": 2}}))


WORDS = st.sampled_from(["call", "watch", "event", "end", "part", "value", "at"])


@given(st.lists(st.dictionaries(WORDS, st.integers() | st.text(max_size=3))))
def test_whatever_the_file_says_is_read_or_refused(content: list[object]) -> None:
    with contextlib.suppress(reading.Damaged):
        reading.sessions(lines(SESSION, *content))


@given(st.lists(st.binary(max_size=20)), st.integers(min_value=1, max_value=7))
def test_lines_are_the_same_however_the_file_is_cut(content: list[bytes], size: int) -> None:
    whole = b"\n".join(content)
    chunks = [whole[at : at + size] for at in range(0, len(whole), size)]
    expected = whole.decode("utf-8", "replace").split("\n")
    found = list(reading.lines_of(chunks))
    assert found == (expected[:-1] if expected[-1] == "" else expected)
