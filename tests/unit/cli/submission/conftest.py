"""Commands about a submission, called as a user calls them, without a process of their own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

import sample_program
from ai_conformance.cli.main import main
from ai_conformance.model.verdicts import ExitCode


@dataclasses.dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Call `ai-conformance submission` with arguments; a traceback or a bug fails the test."""

    def calling(*arguments: str | Path) -> Said:
        with pytest.raises(SystemExit) as ended:
            main(["submission", *(str(one) for one in arguments)])
        written = capsys.readouterr()
        said = Said(int(ended.value.code or 0), written.out, written.err)
        assert said.code != ExitCode.BUG, said.err
        assert "Traceback" not in said.err
        return said

    return calling


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
