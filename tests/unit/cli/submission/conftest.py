"""Commands about a submission, called as a user calls them, without a process of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from called import Call, calling

import sample_program
from ai_conformance.model.verdicts import ExitCode


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls `ai-conformance submission`."""
    return calling("submission", capsys=capsys)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_program.make(tmp_path_factory.mktemp("program") / "copy")


@pytest.fixture
def acme(tmp_path: Path, program: Path, call: Call) -> Path:
    """A folder as `init` leaves it when everything is answered."""
    folder = tmp_path / "v1.37" / "acme"
    options = [f"--{_kebab(key)}={value}" for key, value in sample_program.ANSWERS.items()]
    said = call("init", folder, "--program", program, "--no-input", "--repo-url=", *options)
    assert said.code == ExitCode.OK, said.err
    return folder


def _kebab(key: str) -> str:
    return "".join(f"-{one.lower()}" if one.isupper() else one for one in key)
