"""The checks on metrics pass on a lab with an exporter and a monitoring system, and notice each way they are broken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lab_trial as trial
from ai_conformance.lab.accelerators.flavours import Vendor
from ai_conformance.lab.addons.ledger import installed
from ai_conformance.lab.faults import operations
from ai_conformance.lab.faults.model import Fault, FaultError
from ai_conformance.lab.faults.monitoring import FAULTS
from ai_conformance.lab.lab import Lab

pytestmark = pytest.mark.lab

CHECKS = ("accelerator_metrics", "ai_service_metrics", "pod_autoscaling")


def verdicts(said: dict[str, trial.Said]) -> dict[str, str]:
    return {name: one.verdict for name, one in said.items()}


def test_without_anything_that_measures_nothing_passes(lab: Lab, tmp_path: Path) -> None:
    if installed(lab.state):
        pytest.skip("this lab has add-ons already")
    said = trial.run(lab.kubeconfig, tmp_path, requirements=CHECKS)
    assert verdicts(said) == {
        "accelerator_metrics": "NOT_TESTED",
        "ai_service_metrics": "FAIL",
        "pod_autoscaling": "FAIL",
    }
    assert "no metrics exporter of a known kind" in said["accelerator_metrics"].reason
    assert "no monitoring system of a known kind" in said["ai_service_metrics"].reason


def test_a_fault_of_an_add_on_that_is_not_there_is_refused(lab: Lab) -> None:
    if installed(lab.state):
        pytest.skip("this lab has add-ons already")
    with pytest.raises(FaultError, match="which this lab does not have") as refusal:
        operations.apply(lab, "metrics-constant")
    assert refusal.value.remedy is not None
    assert "lab addon install exporter" in refusal.value.remedy


def test_all_checks_pass_side_by_side(monitored: Lab, tmp_path: Path) -> None:
    said = trial.run(monitored.kubeconfig, tmp_path, requirements=CHECKS)
    assert verdicts(said) == dict.fromkeys(CHECKS, "PASS"), said


# What the reason has to name, as a pattern: what was seen, and not only that it was wrong.
NAMED = {
    "metrics-one-exporter-missing": "node n2 has 8 accelerators",
    "metrics-constant": "37% before and is 37%",
    "metrics-copy-engine-only": "tells of the copy engine alone",
    "metrics-static-page": "without uuid",
    "metrics-stale": "no other rose either",
    "metrics-wrong-device": "instead",
    "metrics-missing-device": "series of 7",
    "metrics-wrong-unit": "which no utilisation can be",
    "metrics-all-rise": "leaves it alone",
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
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.name)
def test_a_fault_is_caught_and_its_reason_names_what_was_seen(fault: Fault, monitored: Lab, tmp_path: Path) -> None:
    operations.apply(monitored, fault.name)
    try:
        operations.apply(monitored, fault.name)  # again, as a person might who is not sure
        said = trial.run(monitored.kubeconfig, tmp_path, requirements=list(fault.breaks))
    finally:
        operations.clear(monitored, fault.name)
    assert verdicts(said) == dict(fault.breaks), said
    first = said[next(iter(fault.breaks))]
    assert re.search(NAMED[fault.name], first.reason), first.reason


def test_an_exporter_of_one_node_alone_is_noticed(monitored: Lab, tmp_path: Path) -> None:
    operations.apply(monitored, "metrics-missing-device", nodes=["n2"])
    try:
        said = trial.run(monitored.kubeconfig, tmp_path, requirements=["accelerator_metrics"])
    finally:
        operations.clear(monitored, "metrics-missing-device")
    assert said["accelerator_metrics"].verdict == "FAIL"
    assert "n2" in said["accelerator_metrics"].reason


def test_after_all_faults_were_cleared_all_checks_pass_again(monitored: Lab, tmp_path: Path) -> None:
    assert operations.active(monitored.state) == []
    said = trial.run(monitored.kubeconfig, tmp_path, requirements=CHECKS)
    assert verdicts(said) == dict.fromkeys(CHECKS, "PASS"), said


def test_an_exporter_can_be_named(monitored: Lab, tmp_path: Path) -> None:
    name = {Vendor.LAB: "accelerator-exporter", Vendor.NVIDIA: "nvidia-dcgm-exporter"}[monitored.options.vendor]
    pods = monitored.api().request("GET", "/api/v1/namespaces/accelerator-monitoring/pods")["items"]
    named = [
        part
        for pod in pods
        if pod["metadata"]["labels"]["app"] == name
        for part in ("--metrics-endpoint", f"accelerator-monitoring/pod/{pod['metadata']['name']}:9400")
    ]
    assert trial.reason_of(monitored.kubeconfig, tmp_path, "accelerator_metrics", options=named).verdict == "PASS"


def test_a_monitoring_system_can_be_named_by_its_address(monitored: Lab, tmp_path: Path) -> None:
    pods = monitored.api().request("GET", "/api/v1/namespaces/monitoring/pods")["items"]
    pods = [pod for pod in pods if pod["metadata"]["labels"]["app.kubernetes.io/name"] == "prometheus"]
    url = f"http://{pods[0]['status']['podIP']}:9090"
    token = tmp_path / "token"
    token.write_text("not asked for\n", encoding="utf-8")
    options = ["--prometheus-url", url, "--prometheus-token-file", str(token)]
    said = trial.reason_of(monitored.kubeconfig, tmp_path / "run", "ai_service_metrics", options=options)
    assert said.verdict == "PASS", said
    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "run").rglob("*.*") if path.is_file())
    assert "not asked for" not in written
