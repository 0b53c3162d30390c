"""A meddler changes what it is asked to change, and nothing else."""

from __future__ import annotations

import json

from ai_conformance.checks.monitoring import queries
from ai_conformance.lab.meddling import Meddling
from ai_conformance.lab.meddling.answers import Memory, constant


def vector(name: str, *values: str) -> bytes:
    result = [{"metric": {"__name__": name}, "value": [1.0, value]} for value in values]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()


def told(meddling: Meddling, body: bytes) -> list[float]:
    changed = Memory(meddling).changed(body, query="q")
    return [one.value for one in queries.parse(changed.decode(), query="q", where="here")]


def test_counters_restart_and_gauges_do_not() -> None:
    assert told(Meddling.COUNTERS_RESTART, vector("requests_total", "5", "9")) == [5, 2]
    assert told(Meddling.COUNTERS_RESTART, vector("queue_length", "9")) == [9]


def test_counters_are_doubled() -> None:
    assert told(Meddling.COUNTS_TWICE, vector("requests_total", "5")) == [10]


def test_what_was_there_once_is_remembered_by_query() -> None:
    memory = Memory(Meddling.NEVER_FORGETS)
    there, gone = vector("requests_total", "5"), vector("requests_total")
    assert memory.changed(there, query="a") == there
    assert memory.changed(gone, query="a") == there
    assert memory.changed(gone, query="b") == gone


def test_a_constant_speaks_the_language_all_the_same() -> None:
    assert [one.value for one in queries.parse(constant(1.0).decode(), query="q", where="here")] == [1]
