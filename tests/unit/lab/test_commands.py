from pathlib import Path

import pytest
from click.testing import CliRunner

from ai_conformance.cli import failures
from ai_conformance.cli.lab import lab
from ai_conformance.cli.lab.shared import StepPrinter
from ai_conformance.lab import network, registry
from ai_conformance.lab.options import LabOptions
from ai_conformance.model.verdicts import ExitCode


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(network, "taken_networks", list)
    monkeypatch.setattr(network, "is_free", lambda addresses, taken: True)


def failure(*arguments: str) -> failures.Failure:
    """What the command line's edge would print and exit with."""
    error = CliRunner().invoke(lab, list(arguments)).exception
    assert isinstance(error, failures.Failure)
    return error


def test_progress_is_plain_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with StepPrinter("lab") as printer:
        printer("API server ready")
    error = capsys.readouterr().err
    assert error.endswith(" s  API server ready\n")
    assert "\x1b" not in error


@pytest.mark.parametrize("command", ["status", "kubeconfig"])
def test_commands_without_a_lab_say_how_to_make_one(command: str) -> None:
    error = failure(command, "--name", "nowhere")
    assert error.code is ExitCode.NOT_CONFORMANT
    assert "lab up --name nowhere" in str(error)


def test_an_unknown_component_gets_the_nearest_offered() -> None:
    record = registry.claim(LabOptions(name="one"), state=None)
    log = record.log("n1/kubelet")
    log.parent.mkdir(parents=True)
    log.touch()
    error = failure("logs", "n1/kubelt", "--name", "one")
    assert error.code is ExitCode.USAGE
    assert "n1/kubelet" in str(error)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--nodes", "0"), "--nodes 0"), (("--accelerators", "99"), "--accelerators 99"), (("--name", "A"), "'A'")],
)
def test_options_that_make_no_sense_are_usage_errors(arguments: tuple[str, ...], said: str) -> None:
    error = failure("up", *arguments)
    assert error.code is ExitCode.USAGE
    assert said in str(error)


def test_the_list_shows_labs_that_were_brought_up() -> None:
    registry.claim(LabOptions(name="one"), state=None)
    assert CliRunner().invoke(lab, ["list"]).output.startswith("one  starting  10.201.0.0/16")


def test_taking_down_what_is_not_there_is_no_error() -> None:
    result = CliRunner().invoke(lab, ["down", "--name", "nowhere"])
    assert result.exit_code == 0
    assert "There is no lab 'nowhere'." in result.output
