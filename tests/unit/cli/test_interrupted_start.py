"""Ctrl-C before the command has been imported: one word, the exit code of an interruption, no traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ai_conformance.model.verdicts import ExitCode

SCRIPT = "import sys; from ai_conformance.__main__ import main; sys.exit(main())"
"""What an installed console script does."""


@pytest.fixture
def interrupted_import(tmp_path: Path) -> dict[str, str]:
    """An environment in which the first import of `click` is the moment of the Ctrl-C."""
    (tmp_path / "click.py").write_text("import signal; signal.raise_signal(signal.SIGINT); raise SystemExit(77)\n")
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


@pytest.mark.parametrize("how", [["-m", "ai_conformance"], ["-c", SCRIPT]])
def test_an_interrupt_during_the_imports_ends_quietly(how: list[str], interrupted_import: dict[str, str]) -> None:
    ended = subprocess.run(
        [sys.executable, *how, "--help"], env=interrupted_import, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (ExitCode.INTERRUPTED, "", "Interrupted.\n")


def test_a_command_in_the_background_is_not_interrupted(interrupted_import: dict[str, str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "ai_conformance"],
        env=interrupted_import,
        capture_output=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),  # as a shell does it
    )
    assert (ended.returncode, ended.stderr) == (77, b"")


def test_the_installed_commands_begin_there() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["scripts"].values()) == {"ai_conformance.__main__:main"}
