"""On the sound lab every automated check passes, leaves its artifacts and leaves nothing behind."""

from __future__ import annotations

import json
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
    "ai_inference",
)


def test_the_whole_suite_passes_and_leaves_nothing_in_the_cluster(monitored: Lab, routed: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    # 3: the requirements without an automated check keep the whole from being judged.
    trial.tool(
        "run", "--kubeconfig", str(monitored.kubeconfig), "--profile", "lab", "--output", str(folder), expect=(3,)
    )
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    said = {one["requirement"]: one["verdict"] for one in record["checks"]}
    assert {name: said[name] for name in CHECKS} == dict.fromkeys(CHECKS, "PASS")
    assert {verdict for name, verdict in said.items() if name not in CHECKS} == {"NOT_TESTED"}
    for name in ("e2e.log", "junit.xml", "results.json", "report.md", "journal.jsonl", "ledger.jsonl"):
        assert (folder / name).stat().st_size > 0, name


def test_plan_names_the_accelerators_and_is_satisfied(lab: Lab) -> None:
    shown = trial.tool("plan", "--kubeconfig", str(lab.kubeconfig))
    assert "accelerator.example.com" in shown
    assert "gang_scheduling" in shown
