"""A cluster that is not there: the engine is judged by what it makes of a check's end, not by what a check does."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stage import FakeWorkspace, Stage

from ai_conformance.engine import run


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A run whose only check is made by the test."""
    made = Stage(folder=tmp_path)

    def workspace(**_options: object) -> FakeWorkspace:
        return made.workspace

    monkeypatch.setattr(run, "Workspace", workspace)
    return made


@pytest.fixture
def never() -> asyncio.Event:
    """Something that does not happen."""
    return asyncio.Event()
