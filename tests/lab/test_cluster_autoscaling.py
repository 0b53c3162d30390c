"""A pool that an autoscaler scales is tried from none to one node and back, and every way of faking that is noticed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lab_trial as trial
from ai_conformance.kube.workspace import RUN_LABEL
from ai_conformance.lab import bringing_up, node_pool, registry, taking_down
from ai_conformance.lab.accelerators.flavours import Mechanism
from ai_conformance.lab.addons import operations as addons
from ai_conformance.lab.addons.karpenter import POOL
from ai_conformance.lab.addons.ledger import AddonLedger, installed
from ai_conformance.lab.faults.effects.objects import wait_for
from ai_conformance.lab.lab import Lab
from ai_conformance.lab.options import LabOptions
from ai_conformance.lab.paths import cache_root
from ai_conformance.lab.processes import of_lab
from lab_host import snapshot

pytestmark = pytest.mark.lab

CHECK = "cluster_autoscaling"
CONSENT = ("--allow-scale",)
OF_POOL = f"/api/v1/nodes?labelSelector={node_pool.POOL_LABEL}"
GONE_S = 120
PODS = "/api/v1/namespaces/default/pods"


def judged(lab: Lab, folder: Path, *options: str) -> trial.Said:
    return trial.reason_of(lab.kubeconfig, folder, CHECK, options=options)


def cases(folder: Path) -> dict[str, str]:
    """Verdicts by case and variant."""
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (check,) = [one for one in record["checks"] if one["requirement"] == CHECK]
    return {"/".join(filter(None, (one["name"], one["variant"]))): one["verdict"] for one in check["cases"]}


def of_pool(lab: Lab) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lab.api().request("GET", OF_POOL)["items"]
    return found


def test_without_an_autoscaler_it_does_not_apply(lab: Lab, tmp_path: Path) -> None:
    if "karpenter" in installed(lab.state):
        pytest.skip("this lab has an autoscaler")
    said = judged(lab, tmp_path, *CONSENT)
    assert said.verdict == "NOT_APPLICABLE"
    assert "no cluster autoscaler of any known kind; looked for Karpenter: NodePool" in said.reason


def test_without_consent_nothing_is_tried(scaled: Lab, tmp_path: Path) -> None:
    said = judged(scaled, tmp_path)
    assert said.verdict == "NOT_TESTED"
    assert "there is Karpenter" in said.reason
    assert "--allow-scale allows" in said.reason
    assert of_pool(scaled) == []


def test_an_installation_that_broke_off_is_finished_and_each_process_runs_once(scaled: Lab) -> None:
    ledger = AddonLedger.read(scaled.state, "karpenter")
    ledger.complete = False
    ledger.save()
    addons.install(scaled, ["karpenter"], cache=cache_root(), progress=lambda _: None)
    assert installed(scaled.state)["karpenter"]
    for component in ledger.components:
        record = scaled.launcher.record(component)
        wanted = "\0".join(record.command).encode()
        running = [pid for pid in of_lab(scaled.record.lab_id) if wanted in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert running == [record.pid]


def test_the_sound_pool_passes_through_every_mechanism(scaled: Lab, tmp_path: Path) -> None:
    said = judged(scaled, tmp_path, *CONSENT)
    assert said.verdict == "PASS", said
    seen = cases(tmp_path)
    names = {Mechanism.DRA: "DRA", Mechanism.DEVICE_PLUGIN: "DevicePlugin"}
    for single in scaled.options.mechanism.singles:
        for case in ("PodBecomesUnschedulable", "ScaleUpIsAttributed", "PodUsesTheAccelerator", "ScaleDownRemovesNode"):
            assert seen[f"{case}/{names[single]}"] == "PASS"
    assert of_pool(scaled) == []
    assert bringing_up.healthy(scaled.record)


def test_a_pool_can_be_named_and_one_mechanism_chosen(scaled: Lab, tmp_path: Path) -> None:
    named = (
        "--autoscaler-node-pool-label",
        f"{node_pool.POOL_LABEL}={POOL}",
        "--allocation-mode",
        "device-plugin",
    )
    assert judged(scaled, tmp_path, *CONSENT, *named).verdict == "PASS"
    assert {name.partition("/")[2] for name in cases(tmp_path)} == {"", "DevicePlugin"}


def holder(name: str) -> dict[str, Any]:
    """A workload of somebody else, which holds one accelerator of the pool."""
    limits = {"example.com/accelerator": "1"}
    container = {"name": "work", "image": "registry.k8s.io/pause:3.10.2", "resources": {"limits": limits}}
    spec = {
        "nodeSelector": {node_pool.POOL_LABEL: POOL},
        "tolerations": [{"operator": "Exists", "key": "example.com/accelerator"}],
        "terminationGracePeriodSeconds": 0,
        "containers": [container],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def phases(found: list[dict[str, Any]], *, names: set[str]) -> set[str]:
    return {pod["status"]["phase"] for pod in found if pod["metadata"]["name"] in names}


@pytest.fixture
def tenant(scaled: Lab) -> Iterator[Lab]:
    """The pool has a node already, on which somebody else holds one accelerator."""
    api = scaled.api()
    api.request("POST", PODS, body=holder("tenant"))
    try:
        wait_for(
            api,
            PODS,
            lambda found: phases(found, names={"tenant"}) == {"Running"},
            what="the tenant",
            timeout_s=GONE_S,
        )
        yield scaled
    finally:
        api.request("DELETE", f"{PODS}/tenant?gracePeriodSeconds=0")
        wait_for(api, OF_POOL, lambda found: not found, what="the pool to be empty", timeout_s=GONE_S)


def test_a_pool_with_nodes_grows_by_one_and_keeps_what_it_had(tenant: Lab, tmp_path: Path) -> None:
    (there,) = of_pool(tenant)
    said = judged(tenant, tmp_path, *CONSENT, "--allocation-mode", "device-plugin")
    assert said.verdict == "PASS", said
    assert [node["metadata"]["uid"] for node in of_pool(tenant)] == [there["metadata"]["uid"]]


async def test_ctrl_c_amid_scaling_up_leaves_nothing_and_the_node_goes(scaled: Lab, tmp_path: Path) -> None:
    command = ["run", "--kubeconfig", str(scaled.kubeconfig), "--profile", "lab", "--requirement", CHECK, *CONSENT]
    run = await asyncio.create_subprocess_exec(
        *trial.TOOL, *command, "--output", str(tmp_path / "run"), stdout=asyncio.subprocess.PIPE
    )
    api = scaled.api()
    async with asyncio.timeout(trial.RUN_LIMIT_S):
        # The Node object is there, its machine is not.
        await asyncio.to_thread(wait_for, api, OF_POOL, bool, what="a node of the pool", timeout_s=GONE_S)
        run.send_signal(signal.SIGINT)
        said, _ = await run.communicate()
    assert run.returncode == 4
    assert b"ScaleUpAddsAcceleratorNode (DRA): PASS" not in said
    assert api.request("GET", f"/api/v1/namespaces?labelSelector={RUN_LABEL}")["items"] == []
    wait_for(api, OF_POOL, lambda found: not found, what="the autoscaler to remove the node", timeout_s=GONE_S)


def test_a_killed_machine_maker_takes_up_where_it_was(tenant: Lab) -> None:
    (node,) = of_pool(tenant)
    record = tenant.launcher.record(node_pool.COMPONENT)
    os.kill(record.pid, signal.SIGKILL)
    tenant.restart(node_pool.COMPONENT)
    api = tenant.api()
    api.request("DELETE", f"{PODS}/tenant?gracePeriodSeconds=0")
    wait_for(api, OF_POOL, lambda found: not found, what="the pool to be empty", timeout_s=GONE_S)
    api.request("POST", PODS, body=holder("tenant"))
    wait_for(
        api, PODS, lambda found: phases(found, names={"tenant"}) == {"Running"}, what="the tenant", timeout_s=GONE_S
    )
    assert node["metadata"]["uid"] not in {one["metadata"]["uid"] for one in of_pool(tenant)}
    assert bringing_up.healthy(tenant.record)


@pytest.mark.alone
@pytest.mark.parametrize("killed", [False, True], ids=["machine maker at work", "machine maker killed"])
def test_down_with_a_node_of_the_pool_leaves_nothing(killed: bool) -> None:
    name = "pytest-scaled"
    if registry.find(name) is not None:
        taking_down.down(name)
    before = snapshot(but=name)
    bringing_up.up(LabOptions(name=name, nodes=1, accelerators=1))
    try:
        other = Lab.open(name)
        addons.install(other, ["karpenter"], cache=cache_root(), progress=lambda _: None)
        api = other.api()
        wait_for(
            api,
            "/api/v1/namespaces/default/serviceaccounts",
            bool,
            what="the service account",
            timeout_s=GONE_S,
        )
        api.request("POST", PODS, body=holder("tenant"))
        wait_for(
            api, PODS, lambda found: phases(found, names={"tenant"}) == {"Running"}, what="a pod", timeout_s=GONE_S
        )
        assert "n2/kubelet" in {one.component for one in other.processes()}
        if killed:
            os.kill(other.launcher.record(node_pool.COMPONENT).pid, signal.SIGKILL)
    finally:
        taking_down.down(name)
    assert list(of_lab(other.record.lab_id)) == []
    left = {kind: more for kind, entries in snapshot(but=name).items() if (more := entries - before[kind])}
    assert left == {}
