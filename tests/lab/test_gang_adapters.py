"""Gang scheduling by a queue: sound with a topology, noticed where it is broken, harmless to what is beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

import lab_trial as trial
from ai_conformance.lab.addons.ledger import installed
from ai_conformance.lab.faults import operations
from ai_conformance.lab.faults.model import Fault
from ai_conformance.lab.faults.queues import FAULTS
from ai_conformance.lab.lab import Lab

pytestmark = pytest.mark.lab

GANGS = "gang_scheduling"
BY_QUEUE = ("--gang-scheduler", "kueue")


def test_without_kueue_it_cannot_be_named(lab: Lab, tmp_path: Path) -> None:
    if "kueue" in installed(lab.state):
        pytest.skip("this lab has Kueue already")
    said = trial.reason_of(lab.kubeconfig, tmp_path, GANGS, options=BY_QUEUE)
    assert said.verdict == "BLOCKED"
    assert "no gang scheduler kueue" in said.reason


def test_a_queue_with_a_topology_passes(queued: Lab, tmp_path: Path) -> None:
    said = trial.reason_of(queued.kubeconfig, tmp_path, GANGS, options=BY_QUEUE)
    assert said.verdict == "PASS", said


def test_the_scheduler_itself_is_judged_first_and_passes_beside_it(queued: Lab, tmp_path: Path) -> None:
    by_one_mechanism = ("--allocation-mode", "dra")
    said = trial.run(queued.kubeconfig, tmp_path, requirements=[GANGS], options=by_one_mechanism)
    assert said[GANGS].verdict == "PASS", said
    assert "also seen, and not judged: Kueue" in (tmp_path / "run.json").read_text(encoding="utf-8")


def test_other_checks_pass_beside_it(queued: Lab, tmp_path: Path) -> None:
    checks = ["dra_support", "secure_accelerator_access"]
    said = trial.run(queued.kubeconfig, tmp_path, requirements=checks)
    assert {name: one.verdict for name, one in said.items()} == dict.fromkeys(checks, "PASS"), said


# What the reason has to name: what was seen, and not only that it was wrong.
NAMED = {
    "kueue-quota-alone": "Kueue admits by quota alone here (ClusterQueue everybody, flavour no-topology",
    "kueue-wrong-name": "everybody is not active (FlavorNotFound",
    "kueue-manager-gone": "failed calling webhook",
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.name)
def test_a_fault_is_caught_and_its_reason_names_what_was_seen(fault: Fault, queued: Lab, tmp_path: Path) -> None:
    operations.apply(queued, fault.name)
    try:
        operations.apply(queued, fault.name)  # again, as a person might who is not sure
        broken = trial.reason_of(queued.kubeconfig, tmp_path, GANGS, options=fault.options)
    finally:
        operations.clear(queued, fault.name)
    assert broken.verdict == fault.breaks[GANGS], broken
    assert NAMED[fault.name] in broken.reason, broken.reason


def test_a_queue_of_a_wrong_name_blocks_and_those_that_are_there_are_told(queued: Lab, tmp_path: Path) -> None:
    said = trial.reason_of(queued.kubeconfig, tmp_path, GANGS, options=[*BY_QUEUE, "--gang-queue", "everybdy"])
    assert said.verdict == "BLOCKED"
    assert "there is no ClusterQueue everybdy; there are: everybody" in said.reason


def test_after_all_faults_were_cleared_it_passes_again(queued: Lab, tmp_path: Path) -> None:
    assert operations.active(queued.state) == []
    said = trial.reason_of(queued.kubeconfig, tmp_path, GANGS, options=BY_QUEUE)
    assert said.verdict == "PASS", said
