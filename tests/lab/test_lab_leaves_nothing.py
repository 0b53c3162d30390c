"""A lab can be killed at any moment, and what there is of it can still be removed whole or put right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ai_conformance.lab import bringing_up, processes, registry, taking_down
from ai_conformance.lab.lab import Lab
from ai_conformance.lab.options import LabOptions
from lab_host import snapshot

pytestmark = [pytest.mark.lab, pytest.mark.alone]
NAME = "pytest-leaves"


@pytest.fixture
def before() -> Iterator[dict[str, set[str]]]:
    if registry.find(NAME) is not None:
        taking_down.down(NAME)
    yield snapshot(but=NAME)
    if registry.find(NAME) is not None:
        taking_down.down(NAME)


def new(before: dict[str, set[str]]) -> dict[str, set[str]]:
    """What is on the host that was not there before."""
    return {kind: more for kind, entries in snapshot(but=NAME).items() if (more := entries - before[kind])}


def test_down_after_up_leaves_nothing(before: dict[str, set[str]]) -> None:
    record, already = bringing_up.up(LabOptions(name=NAME))
    made = new(before)
    assert not already
    assert {"links", "routes", "control groups", "loop devices", "namespaces"} <= made.keys()
    taking_down.down(NAME)
    assert new(before) == {}
    assert list(processes.of_lab(record.lab_id)) == []
    assert not record.state.exists()
    assert registry.find(NAME) is None


@pytest.mark.parametrize(
    "moment",
    ["Kubernetes", "certificates made", "API server ready", "containerd running", "devices registered"],
)
def test_down_removes_what_a_killed_up_left(before: dict[str, set[str]], moment: str) -> None:
    code = "from ai_conformance.cli.main import main; main()"
    command = [sys.executable, "-c", code, "lab", "up", "--name", NAME]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any(moment in line for line in process.stderr)
        process.kill()
    if registry.find(NAME) is not None:
        taking_down.down(NAME)
    assert new(before) == {}


def test_up_puts_a_lab_with_killed_components_right(before: dict[str, set[str]]) -> None:
    options = LabOptions(name=NAME)
    first, _ = bringing_up.up(options)
    killed = {"kube-apiserver", "etcd", "n1/init", "n2/containerd"}
    for record in Lab.open(NAME).processes():
        if record.component in killed:
            os.kill(record.pid, signal.SIGKILL)
    assert not bringing_up.healthy(first)
    again, already = bringing_up.up(options)
    assert not already
    assert bringing_up.healthy(again)
    assert bringing_up.up(options)[1]
    taking_down.down(NAME)
    assert new(before) == {}


def test_two_labs_run_side_by_side(before: dict[str, set[str]], lab: Lab) -> None:
    bringing_up.up(LabOptions(name=NAME, nodes=1, accelerators=1))
    other = Lab.open(NAME)
    assert other.addresses.index != lab.addresses.index
    assert bringing_up.healthy(lab.record)
    assert [item["metadata"]["name"] for item in other.api().request("GET", "/api/v1/nodes")["items"]] == ["n1"]
    assert len(lab.api().request("GET", "/api/v1/nodes")["items"]) == lab.options.nodes
    taking_down.down(NAME)
    assert bringing_up.healthy(lab.record)


def test_components_restart_with_other_arguments_and_back(lab: Lab) -> None:
    lab.restart("kube-scheduler", extra_args=["--v=1"])
    assert lab.launcher.record("kube-scheduler").extra_args == ("--v=1",)
    lab.restart("kube-scheduler")
    lab.node("n1").restart("kubelet")
    lab.node("n1").restart("accelerators")
    assert bringing_up.healthy(lab.record)
