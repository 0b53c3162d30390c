"""On a lab as strict as the clusters of careful owners the suite passes; what is denied blocks, in its own words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import lab_trial as trial
import strict_cluster as strict
from ai_conformance.kube.isolation import POLICY, PULL_SECRET
from ai_conformance.kube.session import Session
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
NETWORKED = ("ai-service-metrics", "pod-autoscaling", "ai-inference")
TEAM, ACCELERATED = {"key": "dedicated", "value": "ml", "effect": "NoSchedule"}, "example.com/accelerator"


@pytest.fixture
async def session(complete: Lab) -> AsyncIterator[Session]:
    async with await Session.connect(kubeconfig=complete.kubeconfig, user_agent="test") as connected:
        yield connected


async def judged(lab: Lab, folder: Path, checks: Sequence[str], *options: str | Path) -> dict[str, Any]:
    """What each of the checks said."""
    named = [part for name in checks for part in ("--requirement", name)]
    arguments = ("run", "--kubeconfig", lab.kubeconfig, "--profile", "lab", "--output", folder, "--allow-scale")
    await asyncio.to_thread(trial.tool, *map(str, (*arguments, *named, *options)), expect=(0, 1, 3))
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {one["requirement"]: one for one in record["checks"] if one["requirement"] in checks}


def verdicts(said: dict[str, Any]) -> dict[str, str]:
    return {
        name: f"{one['verdict']}: {one['reason']}" if one["verdict"] != "PASS" else "PASS" for name, one in said.items()
    }


def case_of(check: dict[str, Any], name: str) -> list[tuple[str, str]]:
    return [(one["verdict"], one["reason"]) for one in check["cases"] if one["name"] == name]


async def test_the_suite_passes_where_everything_is_denied_by_default(
    complete: Lab, session: Session, tmp_path: Path
) -> None:
    """Quotas and limits, restricted pods alone, a node with taints; own names and credentials for images."""
    credentials = tmp_path / "config.json"
    credentials.write_text(json.dumps({"auths": {"registry.k8s.io": {"auth": "aHVudGVyMjpodW50ZXIy"}}}))
    folder = tmp_path / "run"
    taints = (TEAM, {"key": ACCELERATED, "effect": "NoSchedule"})
    async with strict.furnishing(session, quota=strict.AMPLE) as seen, strict.tainted(session, "n1", *taints):
        said = await judged(
            complete, folder, CHECKS, "--namespace-prefix", "team-a", "--image-pull-secret", credentials
        )
        pods, policies, counted = seen.all_pods(), seen.policy_names(), seen.counted()
    assert verdicts(said) == dict.fromkeys(CHECKS, "PASS")
    secure = said["secure_accelerator_access"]
    controls = case_of(secure, "ControlOwnDeviceOpensByNumber")
    assert {verdict for verdict, _ in controls} == {"NOT_APPLICABLE"}
    assert all("violates PodSecurity" in reason for _, reason in controls)
    # All were made in the namespaces that were furnished, and counted there.
    assert all(name.startswith("team-a-") for name in seen.furnished)
    assert {pod["metadata"]["namespace"] for pod in pods} <= counted <= set(seen.furnished)
    # Where there was traffic there was a policy for it beside the one that denies all; elsewhere there was none.
    networked = {name for name, found in policies.items() if POLICY in found}
    assert networked == {name for name in seen.furnished if any(f"-{one}-" in name for one in NETWORKED)}
    assert all("strict" in found for found in policies.values())
    # Credentials are referred to by each pod, those that controllers make too, and shown by none of the files.
    assert [pod["metadata"]["name"] for pod in pods if not _has_credentials(pod)] == []
    assert any(pod["metadata"].get("ownerReferences") for pod in pods)
    shown = [path for path in folder.rglob("*") if path.is_file() and b"aHVudGVyMj" in path.read_bytes()]
    assert shown == []
    # The node with taints was used, by pods for its accelerators alone.
    there = [pod for pod in pods if pod["spec"].get("nodeName") == "n1"]
    assert there
    assert all({"key": "dedicated", "operator": "Equal"}.items() <= _toleration(pod).items() for pod in there)


def _has_credentials(pod: dict[str, Any]) -> bool:
    return {"name": PULL_SECRET} in (pod["spec"].get("imagePullSecrets") or [])


def _toleration(pod: dict[str, Any]) -> dict[str, Any]:
    return next((one for one in pod["spec"].get("tolerations") or [] if one.get("key") == "dedicated"), {})


async def test_a_quota_that_is_too_small_blocks_in_its_own_words(
    complete: Lab, session: Session, tmp_path: Path
) -> None:
    """One pod may be made in each namespace, and no claim: what controllers make of our objects is refused as well."""
    quota = {"pods": "1", "count/resourceclaims.resource.k8s.io": "0"}
    # Those whose pods are made at once and by themselves see the same as by a policy, below.
    named = ("dra_support", "pod_autoscaling", "robust_controller", "cluster_autoscaling", "secure_accelerator_access")
    async with strict.furnishing(session, quota=quota, level=None):
        said = await judged(complete, tmp_path / "run", named)
    assert {name: one["verdict"] for name, one in said.items()} == dict.fromkeys(named, "BLOCKED"), verdicts(said)
    assert [name for name, one in said.items() if "exceeded quota: strict" not in one["reason"]] == []
    # The Deployment and the Jobs are there, and only their pods are refused.
    assert "ReplicaSet" in said["pod_autoscaling"]["reason"]
    assert "Job " in said["robust_controller"]["reason"]
    assert "resourceclaims.resource.k8s.io" in said["cluster_autoscaling"]["reason"]
    assert ("PASS") in {verdict for verdict, _ in case_of(said["robust_controller"], "WebhookRejectsInvalidCR")}


async def test_a_policy_that_denies_pods_blocks_in_its_own_words(
    complete: Lab, session: Session, tmp_path: Path
) -> None:
    words = "on Mondays the owls count the pods"
    async with strict.denying(session, "aic-strict-owls", what="pods", saying=words):
        said = await judged(complete, tmp_path / "run", CHECKS)
    assert {name: one["verdict"] for name, one in said.items()} == dict.fromkeys(CHECKS, "BLOCKED"), verdicts(said)
    assert [name for name, one in said.items() if words not in one["reason"]] == []
    assert ("PASS") in {verdict for verdict, _ in case_of(said["robust_controller"], "WebhookRejectsInvalidCR")}


async def test_a_policy_that_denies_commands_in_pods_blocks_in_its_own_words(
    complete: Lab, session: Session, tmp_path: Path
) -> None:
    words = "nobody looks into pods on Sundays"
    named = ("dra_support", "ai_service_metrics")
    async with strict.denying(session, "aic-strict-exec", what="pods/exec", saying=words):
        said = await judged(complete, tmp_path / "run", named)
    assert {name: one["verdict"] for name, one in said.items()} == dict.fromkeys(named, "BLOCKED"), verdicts(said)
    assert [name for name, one in said.items() if words not in one["reason"]] == []
