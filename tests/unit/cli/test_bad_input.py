"""What a user gets wrong: one clear message, the right exit code, no traceback, and no folder left behind."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ai_conformance.cli.main import main
from ai_conformance.kube import poll
from ai_conformance.model.verdicts import ExitCode

CLOSED_PORT_KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: here
clusters: [{{name: c, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: u, user: {{token: t}}}}]
contexts: [{{name: here, context: {{cluster: c, user: u}}}}]
"""


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    """A sound kubeconfig of a server that is not there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = tmp_path / "config"
    file.write_text(CLOSED_PORT_KUBECONFIG.format(port=port))
    return file


def told(capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: ExitCode) -> str:
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in arguments])
    said = capsys.readouterr().err
    assert ended.value.code == code, said
    assert "Traceback" not in said
    assert "bug" not in said
    return said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--requirement", "gang_schedulin"), ("'gang_schedulin'", "did you mean gang_scheduling")),
        (("--skip", "dra"), ("there is no requirement 'dra'",)),
        (("--release", "1.73"), ("there is no release '1.73'", "1.37")),
        (("--run", "Test(Gang"), ("not a regular expression", "position")),
        (("--timeout", "5x"), ("not a duration", "character 1")),
        (("--timeout", "0s"), ("no time at all",)),
        (("--gang-negative-window", "soon"), ("not a duration",)),
        (("--namespace-prefix", "Ours_"), ("cannot begin a namespace's name",)),
        (("--image-map", "probe"), ("not NAME=REFERENCE",)),
        (("--image-map", "prob=a/b:1"), ("there is no image 'prob'", "probe")),
        (("--profile", "fast"), ("'lab', 'default', 'slow-cloud'",)),
        (("--nodes-per-class", "0"), ("x>=1",)),
    ],
)
def test_a_wrong_option_is_refused_before_any_cluster_is_asked(
    capsys: pytest.CaptureFixture[str], kubeconfig: Path, tmp_path: Path, arguments: tuple[str, ...], words: tuple[str]
) -> None:
    output = tmp_path / "out"
    said = told(capsys, "run", "--kubeconfig", kubeconfig, "--output", output, *arguments, code=ExitCode.USAGE)
    assert all(word in said for word in words), said
    assert not output.exists()


@pytest.mark.parametrize("command", ["run", "plan"])
def test_without_a_kubeconfig_it_says_how_to_give_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert "--kubeconfig" in told(capsys, command, code=ExitCode.USAGE)
    assert not list(tmp_path.iterdir())


def test_a_broken_kubeconfig_is_named_with_its_line(capsys: pytest.CaptureFixture[str], kubeconfig: Path) -> None:
    kubeconfig.write_text("apiVersion: v1\nclusters: [\nusers: {\n")
    said = told(capsys, "plan", "--kubeconfig", kubeconfig, code=ExitCode.USAGE)
    assert f"{kubeconfig}:" in said or "line" in said


def test_an_unknown_context_names_those_there_are(capsys: pytest.CaptureFixture[str], kubeconfig: Path) -> None:
    said = told(capsys, "plan", "--kubeconfig", kubeconfig, "--context", "there", code=ExitCode.USAGE)
    assert "there" in said
    assert "here" in said


@pytest.mark.parametrize("command", ["run", "plan"])
def test_an_unreachable_server_is_no_verdict(
    capsys: pytest.CaptureFixture[str], kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    async def pause(_seconds: float) -> None:
        return

    monkeypatch.setattr(poll, "pause", pause)
    monkeypatch.chdir(tmp_path)
    said = told(capsys, command, "--kubeconfig", kubeconfig, code=ExitCode.NOT_EVALUATED)
    assert "127.0.0.1" in said or "no answer" in said
    assert not (tmp_path / "results").exists()


def test_an_output_folder_that_is_not_empty_is_refused(
    capsys: pytest.CaptureFixture[str], kubeconfig: Path, tmp_path: Path
) -> None:
    said = told(capsys, "run", "--kubeconfig", kubeconfig, "--output", tmp_path, code=ExitCode.USAGE)
    assert "is not empty" in said


def test_an_output_that_is_a_file_is_refused(capsys: pytest.CaptureFixture[str], kubeconfig: Path) -> None:
    said = told(capsys, "run", "--kubeconfig", kubeconfig, "--output", kubeconfig, code=ExitCode.USAGE)
    assert "is no folder" in said


def test_clean_refuses_a_folder_that_is_no_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "not the folder of a run" in told(capsys, "clean", tmp_path, code=ExitCode.USAGE)
