"""On the sound lab every automated check passes, leaves its artifacts and leaves nothing behind."""

from __future__ import annotations

import json
from fnmatch import fnmatch
from pathlib import Path

import pytest

import lab_trial as trial
from ai_conformance.lab.lab import Lab

pytestmark = pytest.mark.lab

CHECKS = (
    "dra_support",
    "secure_accelerator_access",
    "gang_scheduling",
    "accelerator_metrics",
    "ai_service_metrics",
    "pod_autoscaling",
    "robust_controller",
    "ai_inference",
    "cluster_autoscaling",
)


def test_the_whole_suite_passes_and_leaves_nothing_in_the_cluster(
    monitored: Lab, operated: Lab, routed: Lab, scaled: Lab, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    options = ("--profile", "lab", "--allow-scale", "--output", str(folder))
    trial.tool("run", "--kubeconfig", str(monitored.kubeconfig), *options)
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    said = {one["requirement"]: one["verdict"] for one in record["checks"]}
    assert {name: said[name] for name in CHECKS} == dict.fromkeys(CHECKS, "PASS")
    assert {verdict for name, verdict in said.items() if name not in CHECKS} == {"NOT_TESTED"}
    for name in ("e2e.log", "junit.xml", "results.json", "report.md", "journal.jsonl", "ledger.jsonl"):
        assert (folder / name).stat().st_size > 0, name
    for one in record["checks"]:
        kept = [Path(path).name for case in one["cases"] for path in case["evidence"]]
        declared = declared_evidence(one["requirement"])
        assert [name for name in kept if not any(fnmatch(name, pattern) for pattern in declared)] == []
        assert [pattern for pattern in declared if not any(fnmatch(name, pattern) for name in kept)] == []
    bundle = tmp_path / "run.bundle.tar"
    trial.tool("bundle", "create", str(folder), "--output", str(bundle))
    told = json.loads(trial.tool("replay", str(bundle), "--output-format", "json"))
    assert {one["requirement"]: one["recomputed"] for one in told["checks"]} == dict.fromkeys(CHECKS, "PASS")
    assert told["same"]


def declared_evidence(requirement: str) -> list[str]:
    told = json.loads(trial.tool("explain", requirement, "--output-format", "json"))
    return [one["name"] for one in told.get("check", {}).get("evidence", [])]


def test_plan_names_the_accelerators_and_is_satisfied(lab: Lab) -> None:
    shown = trial.tool("plan", "--kubeconfig", str(lab.kubeconfig))
    assert "accelerator.example.com" in shown
    assert "gang_scheduling" in shown
