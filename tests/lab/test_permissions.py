"""What `rbac` prints is enough for a run, and `plan` misses nothing; without one verb both name it."""

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


def granted(requirement: str, *, without: tuple[str, str] = ("", "")) -> list[dict[str, Any]]:
    """What `rbac` prints for this check, but for the namespace; `without` a (resource, verb)."""
    printed = trial.tool("rbac", "--requirement", requirement, "--name", NAME, "--namespace", "default")
    objects = [one for one in YAML(typ="safe").load_all(printed) if one["kind"] != "Namespace"]
    for role in (one for one in objects if one["kind"] == "ClusterRole"):
        role["rules"] = [
            {**rule, "resources": [resource], "verbs": [verb]}
            for rule in role["rules"]
            for resource in rule["resources"]
            for verb in rule["verbs"]
            if (resource, verb) != without
        ]
    return objects


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


async def kubeconfig_of_runner(admin: Session, *, lab: Lab, objects: Sequence[Mapping[str, Any]], folder: Path) -> Path:
    """A kubeconfig of an account that may do what these objects grant and no other thing."""
    for made in objects:
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


async def must_pass_with_what_rbac_prints(lab: Lab, admin: Session, folder: Path, requirement: str) -> None:
    limited = await kubeconfig_of_runner(admin, lab=lab, objects=granted(requirement), folder=folder)
    assert planned(limited, requirement=requirement)["missing"] == []
    said = trial.run(limited, folder / "run", requirements=[requirement])
    assert said[requirement].verdict == "PASS", said


@pytest.mark.parametrize("requirement", ["dra_support", "secure_accelerator_access", "gang_scheduling"])
async def test_what_rbac_prints_is_enough(lab: Lab, admin: Session, tmp_path: Path, requirement: str) -> None:
    await must_pass_with_what_rbac_prints(lab, admin, tmp_path, requirement)


@pytest.mark.parametrize("requirement", ["accelerator_metrics", "ai_service_metrics", "pod_autoscaling"])
async def test_what_rbac_prints_is_enough_with_monitoring(
    monitored: Lab, admin: Session, tmp_path: Path, requirement: str
) -> None:
    await must_pass_with_what_rbac_prints(monitored, admin, tmp_path, requirement)


async def test_what_rbac_prints_is_enough_with_an_operator(operated: Lab, admin: Session, tmp_path: Path) -> None:
    await must_pass_with_what_rbac_prints(operated, admin, tmp_path, "robust_controller")


async def test_what_rbac_prints_is_enough_for_gangs_by_a_queue(queued: Lab, admin: Session, tmp_path: Path) -> None:
    limited = await kubeconfig_of_runner(admin, lab=queued, objects=granted("gang_scheduling"), folder=tmp_path)
    options = ("--gang-scheduler", "kueue")
    said = trial.reason_of(limited, tmp_path / "run", "gang_scheduling", options=options)
    assert said.verdict == "PASS", said


async def test_what_rbac_prints_is_enough_with_a_gateway(routed: Lab, admin: Session, tmp_path: Path) -> None:
    await must_pass_with_what_rbac_prints(routed, admin, tmp_path, "ai_inference")


async def test_what_rbac_prints_is_enough_with_an_autoscaler(scaled: Lab, admin: Session, tmp_path: Path) -> None:
    limited = await kubeconfig_of_runner(admin, lab=scaled, objects=granted("cluster_autoscaling"), folder=tmp_path)
    assert planned(limited, requirement="cluster_autoscaling")["missing"] == []
    said = trial.run(limited, tmp_path / "run", requirements=["cluster_autoscaling"], options=["--allow-scale"])
    assert said["cluster_autoscaling"].verdict == "PASS", said


async def test_one_verb_less_is_named_by_plan_and_run(lab: Lab, admin: Session, tmp_path: Path) -> None:
    fewer = granted("dra_support", without=("resourceclaimtemplates", "create"))
    limited = await kubeconfig_of_runner(admin, lab=lab, objects=fewer, folder=tmp_path)
    missing = planned(limited, requirement="dra_support", expect=(3,))["missing"]
    assert any("create resourceclaimtemplates.resource.k8s.io" in one for one in missing)
    said = trial.run(limited, tmp_path / "run", requirements=["dra_support"])
    assert said["dra_support"].verdict == "BLOCKED"
    assert "resourceclaimtemplates" in said["dra_support"].reason
