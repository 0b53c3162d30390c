"""Each fault of the lab is caught by the checks it is made for, and all are forgotten when they are cleared."""

from __future__ import annotations

from pathlib import Path

import pytest

import lab_trial as trial
from ai_conformance.lab.faults.model import Fault
from ai_conformance.lab.faults.registry import FAULTS
from ai_conformance.lab.lab import Lab

pytestmark = pytest.mark.lab

CHECKS = {"dra_support", "secure_accelerator_access", "gang_scheduling"}

# What a scheduler does wrong it does by every mechanism and on every node: one shows it, and sound runs look at all.
NARROWED = ("--allocation-mode", "dra", "--nodes-per-class", "1")


def expected(fault: Fault) -> dict[str, str]:
    return {name: str(verdict) for name, verdict in fault.breaks.items() if name in CHECKS}


@pytest.mark.parametrize("fault", [one for one in FAULTS if expected(one) and not one.needs], ids=lambda one: one.name)
def test_a_fault_is_caught(fault: Fault, lab: Lab, tmp_path: Path) -> None:
    seen = trial.attempt(
        lab=lab.name,
        kubeconfig=lab.kubeconfig,
        folder=tmp_path,
        fault=fault.name,
        expected=expected(fault),
        again=False,
        options=NARROWED if "gang_scheduling" in fault.breaks else (),
    )
    assert {one: said.verdict for one, said in seen.broken.items()} == expected(fault), seen.broken


# One of the driver, one of the container runtime: a check that looks at one node only would miss both.
SECOND_NODE = [one for one in FAULTS if one.name in {"wrong-device", "device-cgroup-open"}]


@pytest.mark.parametrize("fault", SECOND_NODE, ids=lambda one: one.name)
def test_a_fault_of_the_second_node_alone_is_caught(fault: Fault, lab: Lab, tmp_path: Path) -> None:
    wanted = {"secure_accelerator_access": str(fault.breaks["secure_accelerator_access"])}
    seen = trial.attempt(
        lab=lab.name,
        kubeconfig=lab.kubeconfig,
        folder=tmp_path,
        fault=fault.name,
        expected=wanted,
        nodes=("n2",),
        again=False,
    )
    assert {one: said.verdict for one, said in seen.broken.items()} == wanted
    assert "n2" in seen.broken["secure_accelerator_access"].reason


def test_after_all_faults_were_cleared_the_lab_is_sound_again(lab: Lab, tmp_path: Path) -> None:
    said = trial.run(lab.kubeconfig, tmp_path / "sound", requirements=sorted(CHECKS))
    assert {name: one.verdict for name, one in said.items()} == dict.fromkeys(CHECKS, "PASS"), said
