"""A server that could not be asked is remembered, so that nobody judges a platform by what it did not do meanwhile."""

from __future__ import annotations

import time

import pytest
from fake_api import FakeApi, reset

from ai_conformance.kube import errors, outages, resources
from ai_conformance.kube.outages import Outages


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which a test moves."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_an_outage_lasts_from_the_first_request_without_an_answer_to_the_next_answer(clock: list[float]) -> None:
    seen = Outages()
    clock[0] = 103.0
    seen.failed(begun=102.0)
    clock[0] = 107.0
    seen.failed(begun=105.0)
    assert seen.longest_s(since=90.0) == 5.0, "it goes on"
    clock[0] = 110.0
    seen.answered()
    clock[0] = 200.0
    assert seen.longest_s(since=109.0) == 8.0
    assert seen.longest_s(since=110.0) == 0.0


def test_what_was_answered_since_a_request_began_was_no_outage(clock: list[float]) -> None:
    seen = Outages()
    clock[0] = 130.0
    seen.answered()
    seen.failed(begun=101.0)
    clock[0] = 130.0 + outages.TOLERATED_S
    seen.answered()
    assert seen.longest_s(since=0.0) == 0.0


async def test_silence_counts_and_an_error_does_not(
    api: FakeApi, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "TOLERATED_S", 0.0)
    async with await api.session() as session:
        api.on("GET", "/api/v1/namespaces/n/pods/a", 503)
        with pytest.raises(errors.ServerError):
            await session.get(resources.POD, "a", "n")
        assert session.silence_s(since=0.0) == 0.0
        api.on("GET", "/api/v1/namespaces/n/pods/a", reset)
        with pytest.raises(errors.Unreachable):
            await session.get(resources.POD, "a", "n")
        assert session.silence_s(since=0.0) > 0.0
