"""An API server of the test's own, a Job and its pod in every state, and commands in that pod that are played here."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "kube"))

from fake_api import FakeApi, serving

from ai_conformance.kube import poll


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[FakeApi]:
    """An API server on loopback."""
    folder = tmp_path / "api"
    folder.mkdir()
    async with serving(folder) as fake:
        yield fake


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause takes time."""

    async def pause(_seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(poll, "pause", pause)
