"""A fake API server for every test of this folder, and no real time in back-offs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fake_api import FakeApi, serving
from tape import Tape

from ai_conformance.kube import poll
from ai_conformance.kube.ledger import Ledger


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[FakeApi]:
    """An API server on loopback."""
    async with serving(tmp_path) as fake:
        yield fake


@pytest.fixture
def tape(api: FakeApi) -> Tape:
    """What is said to that server, recorded."""
    return Tape(api)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that would have been made, in seconds; none takes time."""
    made: list[float] = []

    async def pause(seconds: float) -> None:
        made.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(poll, "pause", pause)
    return made


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger that is closed at the end."""
    ledger = Ledger(tmp_path / "ledger.jsonl")
    yield ledger
    ledger.close()
