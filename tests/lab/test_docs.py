"""Every command in README.md and docs/ is run as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import documented
from ai_conformance.lab.lab import Lab

pytestmark = [pytest.mark.lab, pytest.mark.alone]

ROOT = Path(__file__).resolve().parents[2]
# What needs no cluster is tried without one, in tests/unit/cli; a run in the cluster by test_in_cluster.py.
ELSEWHERE = {
    ROOT / "docs" / name
    for name in ("submission.md", "reports.md", "evidence.md", "replay.md", "strict-clusters.md", "in-cluster.md")
}
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted({*(ROOT / "docs").rglob("*.md")} - ELSEWHERE)]
LIMIT_S = 600
# This very test is part of the one; the other has a test of its own below.
NOT_HERE = {"scripts/test", "scripts/demo", "scripts/demo --quick"}


def blocks(page: Path) -> Iterator[list[str]]:
    """The commands of each block, without those that are tried elsewhere."""
    for commands in documented.blocks(page):
        yield [command for command in commands if command not in NOT_HERE]


def must_run(command: str, *, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


@pytest.fixture
def environment(monitored: Lab, operated: Lab, routed: Lab) -> dict[str, str]:
    """A user's shell: the tool on the path, the kubeconfig of a cluster that conforms and has no autoscaler."""
    tools = Path(sys.executable).parent
    return {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "KUBECONFIG": str(monitored.kubeconfig)}


def test_the_commands_for_a_users_own_cluster_work_after_a_plain_installation(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (commands,) = [block for block in blocks(ROOT / "README.md") if "pip install ." in block]
    tools = tmp_path / "venv" / "bin"
    subprocess.run([sys.executable, "-m", "venv", str(tools.parent)], check=True, timeout=LIMIT_S)
    environment["PATH"] = f"{tools}:{environment['PATH']}"
    for command in commands:
        if command == "pip install .":
            must_run(f"pip install --quiet {ROOT}", folder=tmp_path, environment=environment)
        else:
            must_run(command, folder=tmp_path, environment=environment)
    assert (tools / "ai-conformance").exists()
    assert (tmp_path / "results" / "mine" / "run.json").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_work(page: Path, environment: dict[str, str], tmp_path: Path) -> None:
    for commands in blocks(page):
        if "pip install ." in commands:
            continue
        for command in commands:
            exported = re.fullmatch(r"export (\w+)=\$\((.*)\)", command)
            if exported:
                answer = subprocess.run(
                    ["bash", "-c", exported[2]], env=environment, capture_output=True, text=True, check=True, timeout=60
                )
                environment[exported[1]] = answer.stdout.strip()
            else:
                must_run(command, folder=tmp_path, environment=environment)


@pytest.mark.parametrize("options", [(), ("--quick",)], ids=["whole", "quick"])
def test_the_demo_goes_from_a_checkout_to_verdicts(options: tuple[str, ...]) -> None:
    done = subprocess.run(
        [str(ROOT / "scripts" / "demo"), *options],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert (ROOT / "results" / "demo" / "run.json").exists()
