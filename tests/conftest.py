"""What tests of every kind share."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent

# How long an example takes says more about what else the machine does (a lab is being built) than about the code.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def program_dir() -> Path:
    """A folder with the program's public records: checklists, KARs, submissions."""
    named = os.environ.get("AI_CONFORMANCE_PROGRAM_DIR")
    folder = Path(named) if named else ROOT.parent / "shared" / "program"
    if not (folder / "checklists").is_dir():
        pytest.skip("the program's records are not here; name their folder in AI_CONFORMANCE_PROGRAM_DIR")
    return folder
