"""The permissions that a plan lists are enough for a run, and each is needed: without one the check says which."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import lab_trial as trial
from ai_conformance.kube import resources
from ai_conformance.kube.session import Session
from ai_conformance.lab.lab import Lab

pytestmark = pytest.mark.lab

NAME = "conformance-runner"
BINDING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": NAME},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": NAME},
    "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": "default"}],
}
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME, "namespace": "default"}}


def role(permissions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    rules = [
        {"apiGroups": [one["group"]], "resources": [one["resource"]], "verbs": [one["verb"]]} for one in permissions
    ]
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": NAME},
        "rules": rules,
    }


@pytest.fixture
async def admin(lab: Lab) -> AsyncIterator[Session]:
    """The lab's administrator; the runner's account goes away in the end."""
    async with await Session.connect(kubeconfig=lab.kubeconfig, user_agent="test") as session:
        try:
            yield session
        finally:
            await session.delete(resources.CLUSTER_ROLE_BINDING, NAME)
            await session.delete(resources.CLUSTER_ROLE, NAME)
            await session.delete(resources.SERVICE_ACCOUNT, NAME, "default")


async def kubeconfig_of_runner(
    admin: Session, *, lab: Lab, permissions: Sequence[Mapping[str, Any]], folder: Path
) -> Path:
    """A kubeconfig of an account that may do these things and no other."""
    for made in (ACCOUNT, role(permissions), BINDING):
        await admin.create(made)
    path = resources.SERVICE_ACCOUNT.path(NAME, namespace="default", subresource="token")
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    token = (await admin.request("POST", path, body=asked)).json()["status"]["token"]
    yaml = YAML()
    content = yaml.load(lab.kubeconfig)
    for user in content["users"]:
        user["user"] = {"token": token}
    file = folder / "kubeconfig"
    with file.open("w", encoding="utf-8") as stream:
        yaml.dump(content, stream)
    return file


def planned(kubeconfig: Path, *, requirement: str, expect: Sequence[int] = (0,)) -> dict[str, Any]:
    shown = trial.tool(
        "plan", "--kubeconfig", str(kubeconfig), "--requirement", requirement, "--output-format", "json", expect=expect
    )
    found: dict[str, Any] = json.loads(shown)
    return found


async def must_pass_with_what_the_plan_lists(lab: Lab, admin: Session, folder: Path, requirement: str) -> None:
    permissions = planned(lab.kubeconfig, requirement=requirement)["permissions"]
    limited = await kubeconfig_of_runner(admin, lab=lab, permissions=permissions, folder=folder)
    assert planned(limited, requirement=requirement)["missing"] == []
    said = trial.run(limited, folder / "run", requirements=[requirement])
    assert said[requirement].verdict == "PASS", said


@pytest.mark.parametrize("requirement", ["dra_support", "secure_accelerator_access", "gang_scheduling"])
async def test_what_the_plan_lists_is_enough(lab: Lab, admin: Session, tmp_path: Path, requirement: str) -> None:
    await must_pass_with_what_the_plan_lists(lab, admin, tmp_path, requirement)


@pytest.mark.parametrize("requirement", ["accelerator_metrics", "ai_service_metrics", "pod_autoscaling"])
async def test_what_the_plan_lists_is_enough_with_monitoring(
    monitored: Lab, admin: Session, tmp_path: Path, requirement: str
) -> None:
    await must_pass_with_what_the_plan_lists(monitored, admin, tmp_path, requirement)


async def test_what_the_plan_lists_is_enough_with_an_operator(operated: Lab, admin: Session, tmp_path: Path) -> None:
    await must_pass_with_what_the_plan_lists(operated, admin, tmp_path, "robust_controller")


async def test_what_the_plan_lists_is_enough_for_gangs_by_a_queue(queued: Lab, admin: Session, tmp_path: Path) -> None:
    permissions = planned(queued.kubeconfig, requirement="gang_scheduling")["permissions"]
    limited = await kubeconfig_of_runner(admin, lab=queued, permissions=permissions, folder=tmp_path)
    options = ("--gang-scheduler", "kueue")
    said = trial.reason_of(limited, tmp_path / "run", "gang_scheduling", options=options)
    assert said.verdict == "PASS", said


async def test_what_the_plan_lists_is_enough_with_a_gateway(routed: Lab, admin: Session, tmp_path: Path) -> None:
    await must_pass_with_what_the_plan_lists(routed, admin, tmp_path, "ai_inference")


async def test_what_the_plan_lists_is_enough_with_an_autoscaler(scaled: Lab, admin: Session, tmp_path: Path) -> None:
    permissions = planned(scaled.kubeconfig, requirement="cluster_autoscaling")["permissions"]
    limited = await kubeconfig_of_runner(admin, lab=scaled, permissions=permissions, folder=tmp_path)
    assert planned(limited, requirement="cluster_autoscaling")["missing"] == []
    said = trial.run(limited, tmp_path / "run", requirements=["cluster_autoscaling"], options=["--allow-scale"])
    assert said["cluster_autoscaling"].verdict == "PASS", said


async def test_one_verb_less_is_named_by_plan_and_run(lab: Lab, admin: Session, tmp_path: Path) -> None:
    listed = planned(lab.kubeconfig, requirement="dra_support")["permissions"]
    fewer = [one for one in listed if (one["resource"], one["verb"]) != ("resourceclaimtemplates", "create")]
    limited = await kubeconfig_of_runner(admin, lab=lab, permissions=fewer, folder=tmp_path)
    missing = planned(limited, requirement="dra_support", expect=(3,))["missing"]
    assert any("create resourceclaimtemplates.resource.k8s.io" in one for one in missing)
    said = trial.run(limited, tmp_path / "run", requirements=["dra_support"])
    assert said["dra_support"].verdict == "BLOCKED"
    assert "resourceclaimtemplates" in said["dra_support"].reason
