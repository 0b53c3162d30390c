"""ai_service_metrics by monitors alone: a real operator and its Prometheus, sound and broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import lab_trial as trial
from ai_conformance.lab.addons import operations as addons
from ai_conformance.lab.faults import operations
from ai_conformance.lab.faults.model import Fault, FaultError
from ai_conformance.lab.faults.operated_monitoring import FAULTS
from ai_conformance.lab.lab import Lab
from ai_conformance.lab.paths import cache_root

pytestmark = pytest.mark.lab

CHECK = "ai_service_metrics"
# What the reason has to name: what was seen, and not only that it was wrong.
NAMED = {
    "monitors-not-chosen": "has no podMonitorSelector and so chooses none",
    "monitors-of-own-namespace-only": "has no podMonitorNamespaceSelector and so chooses in its own namespace alone",
    "monitors-operator-dead": "no system has a series or a target of it",
    "monitors-sample-limit": "and nothing else of it",
}


def test_a_workload_is_found_by_its_monitors(monitored_by_operator: Lab, tmp_path: Path) -> None:
    said = trial.run(monitored_by_operator.kubeconfig, tmp_path, requirements=[CHECK])[CHECK]
    assert said.verdict == "PASS", said
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    noted = [line["text"] for one in record["checks"] if one["requirement"] == CHECK for line in one["log"]]
    assert "declared by a PodMonitor of prometheus-operator" in noted
    assert "declared by a ServiceMonitor of prometheus-operator" in noted


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.name)
def test_a_fault_is_caught_and_its_reason_names_what_was_seen(
    fault: Fault, monitored_by_operator: Lab, tmp_path: Path
) -> None:
    operations.apply(monitored_by_operator, fault.name)
    try:
        operations.apply(monitored_by_operator, fault.name)  # again, as a person might who is not sure
        said = trial.run(monitored_by_operator.kubeconfig, tmp_path, requirements=[CHECK])[CHECK]
    finally:
        operations.clear(monitored_by_operator, fault.name)
    assert said.verdict == "FAIL", said
    assert NAMED[fault.name] in said.reason, said.reason


def test_after_all_faults_were_cleared_it_passes_again_and_autoscaling_needs_no_other(
    monitored_by_operator: Lab, tmp_path: Path
) -> None:
    assert operations.active(monitored_by_operator.state) == []
    addons.install(monitored_by_operator, ["custom-metrics"], cache=cache_root(), progress=lambda _: None)
    try:
        said = trial.run(monitored_by_operator.kubeconfig, tmp_path, requirements=[CHECK, "pod_autoscaling"])
        assert {one.verdict for one in said.values()} == {"PASS"}, said
    finally:
        addons.remove(monitored_by_operator, "custom-metrics", progress=lambda _: None)


def test_beside_a_system_of_annotations_all_that_needs_monitoring_passes(
    monitored_by_operator: Lab, tmp_path: Path
) -> None:
    beside = ("prometheus", "custom-metrics")
    addons.install(monitored_by_operator, beside, cache=cache_root(), progress=lambda _: None)
    try:
        with pytest.raises(FaultError, match="does not show while prometheus does the same"):
            operations.apply(monitored_by_operator, "monitors-not-chosen")
        said = trial.run(monitored_by_operator.kubeconfig, tmp_path, requirements=[CHECK, "pod_autoscaling"])
        assert {one.verdict for one in said.values()} == {"PASS"}, said
    finally:
        for name in reversed(beside):
            addons.remove(monitored_by_operator, name, progress=lambda _: None)
