"""A run against an API server of the test's own, told again from its folder: the same verdicts, and tampering shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from called import told
from click.testing import CliRunner
from fake_api import FakeApi

from ai_conformance.cli.main import cli
from ai_conformance.model.verdicts import ExitCode


@pytest.fixture
async def blocked(api: FakeApi, tmp_path: Path) -> Path:
    """The folder of a run that was BLOCKED, for want of accelerators."""
    output = tmp_path / "out"
    await told(
        api, "run", "--requirement", "secure_accelerator_access", "--output", output, code=ExitCode.NOT_EVALUATED
    )
    return output


def replayed(path: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["replay", str(path), *arguments], catch_exceptions=True, standalone_mode=False)
    return int(done.return_value or 0), done.output


async def test_a_run_has_the_same_verdicts_again(blocked: Path) -> None:
    code, said = replayed(blocked)
    assert code == 0, said
    print(said)
