"""Each fault of the lab is caught by the checks it is made for, and all are forgotten when they are cleared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lab_trial as trial
from ai_conformance.lab.addons import registry as addons
from ai_conformance.lab.faults import operations
from ai_conformance.lab.faults.model import Fault
from ai_conformance.lab.faults.registry import FAULTS
from ai_conformance.lab.lab import Lab
from fault_rounds import OPTIONS, Rounds, tried

pytestmark = pytest.mark.lab

MUSTS = addons.parse(addons.MUSTS)
TRIED = [one for one in FAULTS if set(one.needs) <= set(MUSTS) and not set(one.hidden_by) & set(MUSTS)]
"""Those of extra add-ons are tried where these are."""

# At once, or when the waiting gang is looked at again.
_BOUND = "were bound although there was no room for all of them|of the waiting gang are bound while"

# What the first check that a fault breaks has to say, as a pattern: what was seen, and not only that it was wrong.
NAMED = {
    "class-without-slices": "no device of a complete pool",
    "class-selects-nothing": "no DeviceClass selects any of them",
    "stale-generation": "of an older generation do not count",
    "incomplete-pool": r"is incomplete \(1 of 2 slices\)",
    "driver-not-ready": "a taint that keeps workloads away",
    "prepare-fails": "the device did not answer its reset",
    "wrong-device": "the container was given another",
    "shared-device": "holds another device",
    "all-devices-mounted": "alone and sees",
    "device-is-plain-file": "regular file",
    "device-not-openable": "open: EPERM",
    "devices-unhealthy": "0 of 4 example.com/accelerator free",
    "device-cgroup-open": "the device cgroup lets it through",
    "isolation-by-path-only": "the device cgroup lets it through",
    "every-container-gets-devices": "alone and sees",
    "sibling-sees-device": "container sibling",
    "init-container-sees-device": "an init container that requests nothing itself",
    "ephemeral-container-sees-device": "an ephemeral container, sees",
    "env-bypass": "has the variable",
    "volume-bypass": "has the mount",
    "annotation-bypass": "has the annotation",
    "gang-plain-scheduler": _BOUND,
    "gang-full-cluster": "no node has two free accelerators",
    "gang-never-starts": "although the missing unit has been freed",
    "gang-one-member-let-through": _BOUND,
    "gang-no-group-status": "the group does not say why",
    "metrics-one-exporter-missing": r"node n2 has \d accelerators",
    "metrics-constant": "37% before and is 37%",
    "metrics-copy-engine-only": "tells of the copy engine alone",
    "metrics-static-page": "without uuid",
    "metrics-stale": "no other rose either",
    "metrics-wrong-device": "instead",
    "metrics-missing-device": "series of [37]",
    "metrics-wrong-unit": "which no utilisation can be",
    # What one experiment loads may be seen before the other begins; its device should be idle then, too.
    "metrics-all-rise": r"leaves it alone|was [1-9]\d*% before",
    "monitoring-scrapes-nothing": "no system has a series",
    "monitoring-drops-run-label": "without the label run",
    "monitoring-drops-pod-labels": "no label says that the namespace is",
    "monitoring-scrapes-everything": "was not declared, and the monitoring system has it",
    "monitoring-drops-histograms": "_bucket",
    "monitoring-constant": "does not evaluate what it is asked",
    # A scrape before or amid the requests may have seen it higher than it is after them.
    "monitoring-counters-restart": "requests were sent; after|its counter has restarted",
    "monitoring-counts-twice": "requests were sent",
    "monitoring-never-forgets": "its series is still there",
    "adapter-other-pods-value": "says 4000",
    "adapter-constant": "says 42",
    "adapter-never-falls": "1900",
    "gateway-ignores-weights": r"the weights are 80/20/0, and of \d+ requests: .*backend a got",
    "gateway-ors-conditions": r"are for backend b, and \d+ requests got backend a: \d+",
    "gateway-routes-nothing": r"its requests get HTTP 404: \d+",
    "gateway-buffers-answers": r"all \d events came within",
    "gateway-serves-weight-zero": "backend c has the weight 0 and got",
    # A data plane that does not know the backend yet refuses, and the route's status is wrong all the same.
    "gateway-takes-foreign-routes": r"get backend foreign: \d+|does not allow, and is accepted",
    "gateway-hides-missing-backend": "its HTTPRoute says Accepted=True Accepted",
    "gateway-controller-gone": "is not programmed",
    "gateway-stale": "requests still get backend a",
    "operator-gone": "no pod of JobSet's controller in any namespace",
    "operator-crash-loops": "jobset-controller-manager",
    "operator-webhooks-ignored": r"\(failurePolicy Ignore\) calls Service jobset-system/jobset-webhook-service, which",
    "operator-webhooks-untrusted": "certificate signed by unknown authority",
    "operator-imitated-by-policy": "JobSet has no validating webhook over JobSet",
    "operator-preceded-by-policy": "ValidatingAdmissionPolicy 'imitates-jobset'",
    "operator-status-by-hand": r"StartupPolicyCompleted=True \(StartupPolicyCompleted\), written by by-hand",
    "operator-orphans-children": r"\(without any owner: aic-",
    "operator-may-not-create": r"has made 0 of 2 Job\(s\)",
    "operator-may-not-change": "/spec/suspend of JobSet",
    "scaling-autoscaler-dead": "no node joined the pool",
    "scaling-node-by-hand": "no autoscaler says that it has added it",
    "scaling-pool-at-its-limit": "limit",
    "scaling-other-accelerator": "it exposes 4 nvidia.com/gpu",
    "scaling-no-devices": "no accelerator of any kind",
    "scaling-only-kubelet-stops": "kept by lab.ai-conformance/stays",
    "scaling-touches-others": "node n2 was made unschedulable",
    "scaling-pool-of-another-team": "lab.ai-conformance/team",
    "scaling-pods-go-nowhere": "lab.ai-conformance/nowhere",
}


@pytest.fixture(scope="module")
def trials(complete: Lab, tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    return Rounds(complete, TRIED, tmp_path_factory.mktemp("rounds"))


@pytest.mark.parametrize("fault", TRIED, ids=lambda one: one.name)
def test_a_fault_is_caught_and_its_reason_names_what_was_seen(fault: Fault, trials: Rounds) -> None:
    said = trials.said(fault)
    assert {name: one.verdict for name, one in said.items()} == tried(fault), said
    first = said[next(iter(said))]
    assert re.search(NAMED[fault.name], first.reason), first.reason


# One of the driver, one of the container runtime: a check that looks at one node only would miss both.
SECOND_NODE = [one for one in FAULTS if one.name in {"wrong-device", "device-cgroup-open"}]


@pytest.mark.parametrize("fault", SECOND_NODE, ids=lambda one: one.name)
def test_a_fault_of_the_second_node_alone_is_caught(fault: Fault, complete: Lab, tmp_path: Path) -> None:
    wanted = {"secure_accelerator_access": str(fault.breaks["secure_accelerator_access"])}
    seen = trial.attempt(
        lab=complete.name,
        kubeconfig=complete.kubeconfig,
        folder=tmp_path,
        fault=fault.name,
        expected=wanted,
        nodes=("n2",),
        again=False,
    )
    assert {one: said.verdict for one, said in seen.broken.items()} == wanted
    assert "n2" in seen.broken["secure_accelerator_access"].reason


def test_after_all_faults_were_cleared_the_lab_is_sound_again(complete: Lab, tmp_path: Path) -> None:
    assert operations.active(complete.state) == []
    checks = sorted({name for fault in TRIED for name in fault.breaks})
    said = trial.run(complete.kubeconfig, tmp_path / "sound", requirements=checks, options=OPTIONS)
    assert {name: one.verdict for name, one in said.items()} == dict.fromkeys(checks, "PASS"), said
