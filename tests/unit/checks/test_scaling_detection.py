"""Which autoscaler there is, which pool is tried, and what it is asked for."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ai_conformance import catalog
from ai_conformance.checks import outcomes
from ai_conformance.checks.inventory import Inventory, Mechanism, Supply
from ai_conformance.checks.options import AllocationMode, Options
from ai_conformance.checks.scaling import detection, pools
from ai_conformance.checks.scaling.pools import Pool
from ai_conformance.kube.discovery import Discovery
from ai_conformance.kube.resources import Resource

FACTS = catalog.load()
KARPENTER = next(one for one in FACTS.autoscalers if one.name == "karpenter")
VENDOR = FACTS.vendor("lab")
NODE_POOL = Resource(group="karpenter.sh", version="v1", plural="nodepools", kind="NodePool", namespaced=False)


def node(name: str, **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {key.replace("__", "/"): value for key, value in labels.items()}}}


def deployment(image: str) -> dict[str, Any]:
    spec = {"template": {"spec": {"containers": [{"image": image}]}}}
    return {"metadata": {"namespace": "kube-system", "name": "scaler"}, "spec": spec}


def found(
    *kinds: Resource,
    deployments: list[dict[str, Any]] | None = None,
    config_maps: list[str] | None = None,
    nodes: list[dict[str, Any]] | None = None,
) -> detection.Found:
    return detection.decided(
        FACTS.autoscalers,
        discovery=Discovery(resources=kinds),
        deployments=deployments or [],
        config_maps=config_maps or [],
        nodes=nodes or [],
    )


def test_an_autoscaler_is_told_by_its_kinds_its_status_or_its_image() -> None:
    assert [str(one) for one in found(NODE_POOL).present] == ["Karpenter (NodePool of karpenter.sh/v1)"]
    status = "kube-system/cluster-autoscaler-status"
    assert [one.seen for one in found(config_maps=[status]).present] == [f"ConfigMap {status}"]
    for image in ("r.example/autoscaling/cluster-autoscaler:v1.33.0", "cluster-autoscaler@sha256:abc"):
        seen = found(deployments=[deployment(image)]).present
        assert [one.seen for one in seen] == ["Deployment kube-system/scaler"]
    assert found(deployments=[deployment("r.example/not-a-cluster-autoscaler:v1")]).present == ()


def test_without_any_sign_the_requirement_does_not_apply_and_what_was_looked_for_is_said() -> None:
    with pytest.raises(outcomes.NotApplicable, match=r"looked for Karpenter: NodePool, NodeClaim of karpenter\.sh"):
        detection.required(found(nodes=[node("n1")]), named_pool="")


def test_pools_that_may_be_scaled_are_neither_an_autoscaler_nor_none() -> None:
    seen = found(nodes=[node("n1", cloud__google="x"), {"metadata": {"name": "n2"}}])
    assert seen.possible == ()
    labelled = {"metadata": {"name": "n1", "labels": {"cloud.google.com/gke-nodepool": "a"}}}
    with pytest.raises(outcomes.NotTested, match="--autoscaler-node-pool-label"):
        detection.required(found(nodes=[labelled]), named_pool="")


def test_a_pool_that_is_named_says_that_there_is_an_autoscaler() -> None:
    with pytest.raises(outcomes.Outcome):
        detection.required(found(), named_pool="")
    detection.required(found(), named_pool="pool=a")


def declared(name: str, *, taints: list[str] | None = None, labels: dict[str, str] | None = None) -> Any:
    spec = {"taints": [{"key": key, "effect": "NoSchedule"} for key in taints or []]}
    template = {"metadata": {"labels": labels or {}}, "spec": spec}
    return KARPENTER, {"metadata": {"name": name}, "spec": {"template": template}}


def choice(*all_declared: Any) -> Pool:
    return pools.found(all_declared, nodes=[], vendors=FACTS.vendors)


def test_the_one_pool_with_accelerators_is_taken() -> None:
    assert choice(declared("general")).value == "general"
    assert choice(declared("general"), declared("fast", taints=["nvidia.com/gpu"])).value == "fast"
    assert choice(declared("general"), declared("fast", labels={VENDOR.node_labels.presence: "true"})).value == "fast"


def test_of_several_the_user_has_to_choose() -> None:
    with pytest.raises(outcomes.Blocked, match=r"karpenter\.sh/nodepool=a, karpenter\.sh/nodepool=b"):
        choice(declared("a", taints=["nvidia.com/gpu"]), declared("b", taints=["amd.com/gpu"]))
    with pytest.raises(outcomes.Blocked, match="no pool of nodes is declared"):
        choice()
    node_of_gke = {"metadata": {"name": "n1", "labels": {"cloud.google.com/gke-nodepool": "gpu"}}}
    with pytest.raises(outcomes.Blocked, match=r"seen: cloud\.google\.com/gke-nodepool=gpu"):
        pools.found([], nodes=[node_of_gke], vendors=FACTS.vendors, pool_labels=["cloud.google.com/gke-nodepool"])


def test_a_named_pool_is_the_declared_one_where_there_is_one() -> None:
    one = pools.named("karpenter.sh/nodepool=a", known=FACTS.autoscalers, declared=[declared("a"), declared("b")])
    assert one.autoscaler is KARPENTER
    assert one.declared is not None
    other = pools.named("pool=a=b", known=FACTS.autoscalers, declared=[declared("a=b")])
    assert (other.key, other.value, other.autoscaler, other.declared) == ("pool", "a=b", None, None)


PLUGIN = Supply(
    mechanism=Mechanism.DEVICE_PLUGIN, node="n1", name="example.com/accelerator", vendor=VENDOR, total=2, free=2
)
DRA = Supply(
    mechanism=Mechanism.DRA,
    node="n1",
    name="accelerator.example.com",
    driver="accelerator.example.com",
    vendor=VENDOR,
    total=2,
    free=1,
)


def asked_for(
    pool: Pool, *supplies: Supply, nodes: list[dict[str, Any]], classes: list[str], mode: str = "auto"
) -> list[tuple[str, str]]:
    kinds = pools.kinds(
        pool,
        inventory=Inventory(supplies=supplies, node_classes=()),
        nodes=nodes,
        vendors=FACTS.vendors,
        classes=[{"metadata": {"name": name}} for name in classes],
        options=Options(allocation_mode=AllocationMode(mode)),
    )
    assert all(one.node == "" for one in kinds)
    return [(one.mechanism.value, one.name) for one in kinds]


def test_what_the_pools_own_nodes_have_is_asked_for_else_what_others_have() -> None:
    pool = choice(declared("a"))
    member = {"metadata": {"name": "p1", "labels": pool.selector}}
    own = dataclasses.replace(PLUGIN, node="p1")
    assert asked_for(pool, DRA, own, nodes=[member, node("n1")], classes=[]) == [
        ("DevicePlugin", "example.com/accelerator")
    ]
    assert asked_for(pool, DRA, PLUGIN, nodes=[node("n1")], classes=[]) == [
        ("DRA", "accelerator.example.com"),
        ("DevicePlugin", "example.com/accelerator"),
    ]


def test_a_pool_for_another_vendor_is_not_asked_for_what_the_cluster_has() -> None:
    pool = choice(declared("a", taints=["nvidia.com/gpu"]))
    assert asked_for(pool, DRA, nodes=[], classes=["gpu.nvidia.com"]) == [("DRA", "gpu.nvidia.com")]
    assert asked_for(pool, DRA, nodes=[], classes=[]) == [("DevicePlugin", "nvidia.com/gpu")]
    assert asked_for(pool, nodes=[], classes=["gpu.nvidia.com"], mode="device-plugin") == [
        ("DevicePlugin", "nvidia.com/gpu")
    ]


def test_where_nothing_tells_what_a_pool_offers_the_user_is_told_so() -> None:
    with pytest.raises(outcomes.Blocked, match="nothing tells which accelerator"):
        asked_for(choice(declared("a")), nodes=[], classes=[])


def test_taints_that_no_accelerator_accounts_for_are_seen() -> None:
    pool = choice(declared("a", taints=["example.com/accelerator", "team"]))
    assert pools.foreign_taints(pool, vendor=VENDOR) == ["team:NoSchedule"]
