"""The suite in the cluster that it judges: applied by kubectl, run by the printed account, fetched, and gone again."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import documented
import lab_trial as trial
from ai_conformance.evidence.bundle import verifying
from ai_conformance.kube import errors, pods, poll, resources
from ai_conformance.kube.cleanup import RUN_LABEL
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.session import Propagation, Session
from ai_conformance.lab import packages, tool_image
from ai_conformance.lab.images import PROBE
from ai_conformance.lab.lab import Lab
from ai_conformance.lab.paths import cache_root
from ai_conformance.model.verdicts import ExitCode

pytestmark = pytest.mark.lab

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "in-cluster.md"
IMAGE = "registry.example.com/ai-conformance:0.1.0"
NAME = "ai-conformance"
DONE = "/tmp/sonobuoy/results/done"
LIMIT_S = 300.0


@pytest.fixture(scope="module")
def lab_with_image(lab: Lab) -> Lab:
    """The lab whose nodes have this tool as an image, under the name that the page gives it."""
    tool_image.give(lab, cache=cache_root(), tag=IMAGE)
    return lab


@pytest.fixture
def shell(lab_with_image: Lab) -> dict[str, str]:
    """A user's environment: the tool and kubectl on the path, and the lab's kubeconfig."""
    kubectl = packages.ensure(cache_root()).newer / "kubectl/usr/bin"
    path = f"{Path(sys.executable).parent}:{kubectl}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "KUBECONFIG": str(lab_with_image.kubeconfig)}


@pytest.fixture
async def admin(lab_with_image: Lab) -> AsyncIterator[Session]:
    """The lab's administrator. What was applied goes in the end, and no run has left anything."""
    async with await Session.connect(kubeconfig=lab_with_image.kubeconfig, user_agent="test") as session:
        try:
            yield session
        finally:
            await session.delete(resources.NAMESPACE, NAME)
            await session.delete(resources.CLUSTER_ROLE_BINDING, NAME)
            await session.delete(resources.CLUSTER_ROLE, NAME)
            await poll.eventually(
                lambda: there(session, resources.NAMESPACE, NAME),
                until=lambda seen: not seen,
                timeout_s=60,
                waiting_for="the namespace to be gone",
            )


@pytest.fixture(autouse=True)
def nothing_left(lab_with_image: Lab) -> Iterator[None]:
    """Whatever became of a run, nothing of it stays."""
    yield
    said = trial.tool("clean", "--all-runs", "--yes", "--kubeconfig", str(lab_with_image.kubeconfig))
    assert "Nothing of any run was found" in said


async def there(session: Session, resource: resources.Resource, name: str, namespace: str | None = None) -> bool:
    try:
        await session.get(resource, name, namespace)
    except errors.NotFound:
        return False
    return True


def done(command: str, *, shell: dict[str, str], folder: Path, expect: int = 0) -> str:
    """What a command says that a user types."""
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=shell,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert ended.returncode == expect, f"{command}: exit {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout + ended.stderr


async def enforce_restricted(admin: Session) -> None:
    """A namespace that takes only pods of the level `restricted`, before anything is applied to it."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    await admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAME, "labels": labels}})


async def pod_when(admin: Session, *, ready: bool, namespace: str = NAME) -> dict[str, Any]:
    """The pod, when it runs and is ready or is not."""

    def look(view: Mirror) -> dict[str, Any] | None:
        for pod in view.objects.values():
            assert pods.stuck_reason(pod) is None, pods.stuck_reason(pod)
            if pods.phase(pod) is pods.Phase.RUNNING and (pods.is_ready(pod) or not ready):
                return pod
        return None

    async with Mirror.open(admin, resources.POD, namespace=namespace) as view:
        return await view.until(look, timeout_s=LIMIT_S, waiting_for="the pod of the run")


def verdicts(folder: Path) -> dict[str, str]:
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return {one["requirement"]: one["verdict"] for one in record["checks"] if one["verdict"] != "SKIPPED"}


async def test_the_page_does_what_it_says_where_only_restricted_pods_are_allowed(
    shell: dict[str, str], admin: Session, tmp_path: Path
) -> None:
    await enforce_restricted(admin)
    first, deletion, *_ = list(documented.blocks(PAGE))
    for command in first:
        said = done(command, shell=shell, folder=tmp_path)
        if " fetch " in command:
            assert "dra_support: PASS" in said
            job = await admin.get(resources.JOB, NAME, NAME)
            assert pods.condition(job, "Complete") is not None or not (job["status"] or {}).get("failed")
    folder = tmp_path / "results" / "in-cluster"
    assert verdicts(folder) == {"dra_support": "PASS"}
    assert verifying.verify(folder.with_name("in-cluster.bundle.tar")).code is ExitCode.OK
    for command in deletion:
        done(command, shell=shell, folder=tmp_path)
    assert not await there(admin, resources.JOB, NAME, NAME)
    assert not await there(admin, resources.CLUSTER_ROLE, NAME)


async def test_results_wait_in_the_pod_as_sonobuoys_contract_wants_it_until_they_are_fetched(
    shell: dict[str, str], admin: Session, tmp_path: Path
) -> None:
    options = "--profile lab --run 'TestDRASupport$|TestSecure' --hold 10m --image-pull-policy Never"
    done(
        f"ai-conformance manifest --image {IMAGE} {options} | kubectl apply --server-side -f -",
        shell=shell,
        folder=tmp_path,
    )
    pod = await pod_when(admin, ready=True)
    reading = ["python3", "-c", f"import os; p = open('{DONE}').read(); print(p, os.stat(p).st_size)"]
    ran = await admin.exec(NAME, pod["metadata"]["name"], "run", reading, timeout_s=30)
    named, size = ran.stdout.split()
    assert (named, int(size) > 10_000) == ("/tmp/sonobuoy/results/run.bundle.tar.gz", True), ran
    said = done("ai-conformance fetch --output out", shell=shell, folder=tmp_path)
    assert verdicts(tmp_path / "out") == {"dra_support": "PASS", "secure_accelerator_access": "PASS"}
    assert "secure_accelerator_access: PASS" in said

    async def ended() -> dict[str, Any]:
        return await admin.get(resources.POD, pod["metadata"]["name"], NAME)

    seen = await poll.eventually(
        ended, until=lambda one: pods.phase(one) is pods.Phase.SUCCEEDED, timeout_s=30, waiting_for="the pod to end"
    )
    assert seen["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 0
    again = done("ai-conformance fetch --output again", shell=shell, folder=tmp_path, expect=ExitCode.NOT_EVALUATED)
    assert "its results with it" in again
    assert not (tmp_path / "again").exists()


async def test_a_pod_that_is_deleted_cleans_up_and_fetch_says_what_became_of_it(
    shell: dict[str, str], admin: Session, tmp_path: Path
) -> None:
    done(
        f"ai-conformance manifest --image {IMAGE} --profile lab --requirement gang_scheduling | kubectl apply -f -",
        shell=shell,
        folder=tmp_path,
    )
    fetching = await asyncio.create_subprocess_exec(
        *trial.TOOL, "fetch", "--output", "out", cwd=tmp_path, env=shell, stderr=asyncio.subprocess.PIPE
    )
    pod = await pod_when(admin, ready=False)

    async def at_work() -> bool:
        return bool((await admin.list(resources.NAMESPACE, label_selector=RUN_LABEL)).items)

    await poll.eventually(at_work, until=bool, timeout_s=60, waiting_for="the run to make a namespace")
    await admin.delete(resources.POD, pod["metadata"]["name"], NAME)
    _, said = await fetching.communicate()
    assert fetching.returncode == ExitCode.NOT_EVALUATED, said
    assert b"its results with it" in said, said
    assert not (tmp_path / "out").exists()


async def test_an_image_that_is_not_there_is_said(shell: dict[str, str], admin: Session, tmp_path: Path) -> None:
    other = "registry.example.com/nothing:1 --image-pull-policy Never --requirement dra_support"
    done(f"ai-conformance manifest --image {other} | kubectl apply -f -", shell=shell, folder=tmp_path)
    said = done("ai-conformance fetch --output out", shell=shell, folder=tmp_path, expect=ExitCode.NOT_EVALUATED)
    assert "ErrImageNeverPull" in said
    assert "Delete the Job, mend that, and apply it again" in said


async def test_the_plugin_leaves_an_archive_that_the_container_beside_it_can_take(
    shell: dict[str, str], admin: Session, tmp_path: Path
) -> None:
    """Sonobuoy's part is played: its account, its volume, and its worker, which waits for the file."""
    printed = done(
        f"ai-conformance manifest --sonobuoy --image {IMAGE} --profile lab --requirement dra_support",
        shell=shell,
        folder=tmp_path,
    )
    plugin = YAML(typ="safe").load(printed)
    await admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAME}})
    account = {"name": "sonobuoy-serviceaccount", "namespace": NAME}
    await admin.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    await admin.create(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": NAME},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", **account}],
        }
    )
    worker = pods.Container(name="sonobuoy-worker", image=PROBE, script=pods.HOLD).manifest()
    worker["volumeMounts"] = [{"name": "results", "mountPath": "/tmp/sonobuoy/results"}]
    await admin.create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "plugin", "namespace": NAME},
            "spec": {
                "restartPolicy": "Never",
                "serviceAccountName": account["name"],
                "terminationGracePeriodSeconds": 1,
                "containers": [plugin["spec"], worker],
                "volumes": [{"name": "results", "emptyDir": {}}, *plugin["extra-volumes"]],
            },
        }
    )
    await pod_when(admin, ready=False)

    async def transmitted() -> str:
        script = f'test -f {DONE} && gzip -dc "$(cat {DONE})" | tar t'
        ran = await admin.exec(NAME, "plugin", "sonobuoy-worker", ["sh", "-c", script], timeout_s=30)
        return ran.stdout

    names = await poll.eventually(
        transmitted, until=bool, timeout_s=LIMIT_S, interval_s=1.0, waiting_for="the results of the plugin"
    )
    assert {"run/junit.xml", "run/run.json", "manifest.sha256"} <= set(names.split())
    await admin.delete(resources.POD, "plugin", NAME, propagation=Propagation.FOREGROUND)
