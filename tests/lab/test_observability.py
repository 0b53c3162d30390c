"""The checks on metrics pass on a lab with an exporter and a monitoring system, and notice each way they are broken."""

from __future__ import annotations

from pathlib import Path

import pytest

import lab_trial as trial
from ai_conformance.lab.accelerators.flavours import Vendor
from ai_conformance.lab.addons.ledger import installed
from ai_conformance.lab.faults import operations
from ai_conformance.lab.faults.model import FaultError
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


def test_an_exporter_of_one_node_alone_is_noticed(monitored: Lab, tmp_path: Path) -> None:
    operations.apply(monitored, "metrics-missing-device", nodes=["n2"])
    try:
        said = trial.run(monitored.kubeconfig, tmp_path, requirements=["accelerator_metrics"])
    finally:
        operations.clear(monitored, "metrics-missing-device")
    assert said["accelerator_metrics"].verdict == "FAIL"
    assert "n2" in said["accelerator_metrics"].reason


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
