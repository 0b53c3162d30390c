"""The GitHub Action, as far as it can be tried elsewhere: by the published schema, each step as a runner does it."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from samples import RUN

ROOT = Path(__file__).resolve().parents[3]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
BY_NAME = {Path(step["run"].strip("\"'")).name: step for step in STEPS if "run" in step}
REFERENCE = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def test_it_is_written_as_the_published_schema_wants_it() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions"]
    done = subprocess.run([*command, str(ROOT / "action.yml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_nothing_that_a_user_gives_is_a_part_of_a_script() -> None:
    assert [step["run"] for step in STEPS if "run" in step and "${{" in step["run"]] == []
    for script in (ROOT / "action").iterdir():
        assert "${{" not in script.read_text()
        assert "eval" not in script.read_text()


def test_every_script_is_there_and_can_be_executed() -> None:
    assert {script.name for script in (ROOT / "action").iterdir()} == set(BY_NAME)
    for name, step in BY_NAME.items():
        assert step["run"] == f'"$GITHUB_ACTION_PATH/action/{name}"'
        assert step["shell"] == "bash"
        assert (ROOT / "action" / name).stat().st_mode & stat.S_IXUSR


def test_every_input_and_output_that_is_referred_to_exists_and_each_input_is_used() -> None:
    said = (ROOT / "action.yml").read_text()
    assert set(re.findall(r"inputs\.([\w-]+)", said)) == set(ACTION["inputs"])
    written = set(re.findall(r'echo "([\w-]+)=', (ROOT / "action" / "run").read_text()))
    assert set(re.findall(r"steps\.run\.outputs\.([\w-]+)", said)) == written == set(ACTION["outputs"])
    assert [step.get("id") for step in STEPS].count("run") == 1


def test_each_variable_of_a_script_comes_from_its_step_or_from_the_runner() -> None:
    for name, step in BY_NAME.items():
        script = (ROOT / "action" / name).read_text()
        used = set(re.findall(r"\$\{?([A-Z][A-Z_]+)", script))
        of_runner = {"GITHUB_ACTION_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "RUNNER_TEMP", "PYTHON"}
        assert used - of_runner == set(step.get("env", {}))


def test_other_actions_are_named_by_their_major_version() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used == ["actions/upload-artifact@v7"]


class Runner:
    """A job on a machine of its own, in which the tool is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "out"
        self.summary = folder / "summary.md"
        self.inputs = {name: str(one["default"]) for name, one in ACTION["inputs"].items()}
        self.inputs["kubeconfig"] = str(folder / "kubeconfig")
        self.tool = folder / "temp" / "ai-conformance" / "bin" / "ai-conformance"
        self.tool.parent.mkdir(parents=True)
        self.plays(f'exec {sys.executable} -m ai_conformance "$@"')

    def plays(self, script: str) -> None:
        """What the installed command does."""
        self.tool.write_text(f"#!/bin/bash\n{script}\n")
        self.tool.chmod(0o755)

    def environment(self, name: str) -> dict[str, str]:
        given = {}
        for variable, value in BY_NAME[name].get("env", {}).items():
            expression = REFERENCE.fullmatch(value)
            assert expression
            kind, _, of = expression[1].rpartition(".")
            given[variable] = self.inputs[of] if kind == "inputs" else self.outputs.get(of, "")
        return {
            **os.environ,
            **given,
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "RUNNER_TEMP": str(self.folder / "temp"),
        }

    @property
    def outputs(self) -> dict[str, str]:
        lines = self.output.read_text().splitlines() if self.output.exists() else []
        return dict(line.split("=", 1) for line in lines)

    def command(self, name: str) -> list[str]:
        return ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", BY_NAME[name]["run"]]

    def step(self, name: str) -> subprocess.CompletedProcess[str]:
        """Do a step as the runner does."""
        return subprocess.run(
            self.command(name),
            cwd=self.folder,
            env=self.environment(name),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A job whose kubeconfig leads to a cluster that is not there."""
    made = Runner(tmp_path)
    Path(made.inputs["kubeconfig"]).write_text(
        "{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c, user: u}}],"
        " clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}], users: [{name: u, user: {}}]}"
    )
    return made


def test_a_cluster_that_cannot_be_reached_is_not_judged_and_fails_the_job(runner: Runner) -> None:
    done = runner.step("run")
    assert done.returncode == 0, done.stderr
    assert runner.outputs == {"exit-code": "3", "verdict": "not-judged", "folder": ""}
    assert "left no report: exit code 3" in runner.summary.read_text()
    assert runner.step("clean").returncode == 0
    assert runner.step("conclude").returncode == 3


def test_a_mistake_in_the_options_is_an_error(runner: Runner) -> None:
    runner.inputs["options"] = "--requirement=gang_schedulin"
    assert "did you mean gang_scheduling" in runner.step("run").stderr
    assert runner.outputs["verdict"] == "error"
    assert runner.step("conclude").returncode == 2


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(0, "conformant"), (1, "not-conformant"), (3, "not-judged"), (4, "interrupted"), (70, "error")],
)
def test_a_run_gives_its_verdict_its_folder_and_its_report(runner: Runner, code: int, verdict: str) -> None:
    runner.plays(f'cp -r {RUN} "$3"; touch "$3/journal.jsonl"; echo "# The report" > "$3/report.md"; exit {code}')
    assert runner.step("run").returncode == 0
    assert runner.outputs == {"exit-code": str(code), "verdict": verdict, "folder": "ai-conformance-run"}
    assert runner.summary.read_text() == "# The report\n"
    assert runner.step("conclude").returncode == code
    runner.inputs["fail"] = "false"
    assert runner.step("conclude").returncode == 0
    runner.inputs["fail"] = "perhaps"
    assert runner.step("conclude").returncode == 2


def test_what_stands_in_an_input_is_one_argument_and_nothing_is_executed(runner: Runner) -> None:
    runner.plays('printf "%s\\n" "$@" > arguments')
    runner.inputs |= {
        "context": "a b; touch hacked",
        "options": "  --run=Test.* $(touch hacked)  \n\n--skip=`touch hacked`\n--image-map=*=x",
        "output": 'out "quoted" $(touch hacked)',
    }
    assert runner.step("run").returncode == 0
    assert (runner.folder / "arguments").read_text().splitlines() == [
        "run",
        "--output",
        'out "quoted" $(touch hacked)',
        "--kubeconfig",
        str(runner.folder / "kubeconfig"),
        "--context",
        "a b; touch hacked",
        "--run=Test.* $(touch hacked)",
        "--skip=`touch hacked`",
        "--image-map=*=x",
    ]
    assert not (runner.folder / "hacked").exists()


def test_a_folder_cannot_write_outputs_of_its_own(runner: Runner) -> None:
    runner.plays('mkdir -p "$3"; touch "$3/journal.jsonl"; exit 1')
    runner.inputs["output"] = "out\nverdict=conformant"
    runner.step("run")
    assert runner.outputs["verdict"] == "not-conformant"


def test_a_report_that_is_too_long_for_a_summary_is_cut(runner: Runner) -> None:
    runner.plays('mkdir "$3"; touch "$3/journal.jsonl"; head -c 2000000 /dev/zero | tr "\\0" x > "$3/report.md"')
    assert runner.step("run").returncode == 0
    assert runner.summary.stat().st_size < 1024 * 1024
    assert "The rest is in report.md" in runner.summary.read_text()[-100:]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cancellation_lets_the_run_clean_up(runner: Runner, number: signal.Signals) -> None:
    runner.plays('trap "touch cleaned; exit 4" TERM; touch began; while :; do sleep 0.05; done')
    process = subprocess.Popen(runner.command("run"), cwd=runner.folder, env=runner.environment("run"))
    deadline = time.monotonic() + 30
    while not (runner.folder / "began").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    assert process.wait(timeout=30) == 0
    assert (runner.folder / "cleaned").exists()
    assert runner.outputs["verdict"] == "interrupted"


def test_what_a_cancelled_run_left_is_removed_with_the_same_cluster(runner: Runner) -> None:
    runner.plays('printf "%s\\n" "$@" > arguments')
    (runner.folder / "ai-conformance-run").mkdir()
    (runner.folder / "ai-conformance-run" / "ledger.jsonl").touch()
    assert runner.step("clean").returncode == 0
    said = (runner.folder / "arguments").read_text().splitlines()
    assert said == ["clean", "ai-conformance-run", "--yes", "--kubeconfig", str(runner.folder / "kubeconfig")]


def test_an_old_python_is_said_with_what_to_do(runner: Runner) -> None:
    old = runner.folder / "python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    environment = {**runner.environment("install"), "PYTHON": str(old)}
    done = subprocess.run(runner.command("install"), env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "actions/setup-python" in done.stderr
