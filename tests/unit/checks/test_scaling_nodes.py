"""Which nodes have joined, what they expose, which others were touched; and whose word counts for it."""

from __future__ import annotations

from typing import Any

import pytest

from ai_conformance import catalog
from ai_conformance.checks.inventory import Mechanism, Supply
from ai_conformance.checks.scaling import attribution, control, nodes
from ai_conformance.checks.scaling.attribution import Statement
from ai_conformance.checks.scaling.pools import Pool

KNOWN = {one.name: one for one in catalog.load().autoscalers}
KARPENTER, CLASSIC = KNOWN["karpenter"], KNOWN["cluster-autoscaler"]
POOL = Pool(key="karpenter.sh/nodepool", value="a", autoscaler=KARPENTER)
LABELS = ["karpenter.sh/nodepool"]
VENDOR = catalog.load().vendor("lab")


def node(name: str, *, uid: str = "", pool: str = "", **more: Any) -> dict[str, Any]:
    labels = {"karpenter.sh/nodepool": pool} if pool else {}
    spec = {key: more.pop(key) for key in ("unschedulable", "taints") if key in more}
    return {"metadata": {"name": name, "uid": uid or name, "labels": labels, **more}, "spec": spec, "status": {}}


def test_a_new_uid_is_a_new_node_even_under_a_known_name() -> None:
    before = nodes.Before.of([node("n1"), node("p1", pool="a")])
    now = [node("n1"), node("p1", uid="another", pool="a"), node("p2", pool="b"), node("n2")]
    assert [nodes.uid(one) for one in before.joined(now, pool=POOL)] == ["another"]


def touched(before: list[dict[str, Any]], *, seen: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    return nodes.Before.of(before).touched(seen, now=now, pool=POOL, pool_labels=LABELS)


def test_nodes_that_are_as_they_were_are_untouched() -> None:
    started = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    assert touched([node("n1")], seen=[node("n1", taints=[started])], now=[node("n1"), node("p1", pool="a")]) == []


def test_a_removed_node_is_touched_unless_it_is_of_another_scaled_pool() -> None:
    gone = [node("n1"), node("p1", pool="a"), node("p2", pool="b")]
    assert touched(gone, seen=[], now=[]) == ["node n1 was removed", "node p1 was removed"]
    assert touched([node("n1")], seen=[], now=[node("n1", uid="another")]) == ["node n1 was removed"]


def test_a_node_that_takes_no_pods_any_more_is_touched_though_it_takes_them_again() -> None:
    cordoned = node("n1", unschedulable=True)
    assert touched([node("n1")], seen=[cordoned, node("n1")], now=[node("n1")]) == ["node n1 was made unschedulable"]
    assert touched([cordoned], seen=[cordoned], now=[cordoned]) == []
    tainted = node("n1", taints=[{"key": "drain", "effect": "NoExecute"}])
    assert touched([node("n1")], seen=[tainted], now=[tainted]) == ["node n1 got the taint drain:NoExecute"]


def test_a_taint_that_keeps_nobody_away_is_no_touch() -> None:
    candidate = {"key": "DeletionCandidateOfClusterAutoscaler", "effect": "PreferNoSchedule"}
    states = [node("n1", taints=[candidate]), node("p1", pool="a", taints=[candidate])]
    assert touched([node("n1"), node("p1", pool="a")], seen=states, now=states) == []
    hard = [node("n1", taints=[candidate, {"key": "drain", "effect": "NoSchedule"}])]
    assert touched([node("n1")], seen=hard, now=hard) == ["node n1 got the taint drain:NoSchedule"]


def test_a_node_of_another_scaled_pool_may_be_emptied_as_it_may_go() -> None:
    disrupted = {"key": "karpenter.sh/disrupted", "effect": "NoSchedule"}
    before = [node("n1"), node("p1", pool="a"), node("p2", pool="b"), node("p3", pool="b")]
    states = [
        node("n1", unschedulable=True),
        node("p1", pool="a", taints=[disrupted]),
        node("p2", pool="b", taints=[disrupted]),
        node("p3", pool="b", unschedulable=True),
    ]
    assert touched(before, seen=states, now=states) == [
        "node n1 was made unschedulable",
        "node p1 got the taint karpenter.sh/disrupted:NoSchedule",
    ]


def test_a_node_offers_what_its_plugin_or_its_slices_say() -> None:
    one = node("p1")
    one["status"]["allocatable"] = {"example.com/accelerator": "4", "cpu": "2", "nvidia.com/gpu": "0"}
    slices = [
        {"spec": {"nodeName": "p1", "driver": "accelerator.example.com", "devices": [{}, {}]}},
        {"spec": {"nodeName": "p2", "driver": "accelerator.example.com", "devices": [{}]}},
        {"spec": {"nodeName": "p1", "driver": "gpu.nvidia.com", "devices": [{}]}},
    ]
    plugin = Supply(
        mechanism=Mechanism.DEVICE_PLUGIN, node="", name="example.com/accelerator", vendor=VENDOR, total=0, free=0
    )
    dra = Supply(
        mechanism=Mechanism.DRA, node="", name="x", driver="accelerator.example.com", vendor=VENDOR, total=0, free=0
    )
    assert nodes.offers(one, supply=plugin, slices=slices) == 4
    assert nodes.offers(one, supply=dra, slices=slices) == 2
    assert nodes.offers(node("p3"), supply=plugin, slices=slices) == 0
    said = nodes.exposed(one, slices=slices)
    assert said == (
        "4 example.com/accelerator, 2 devices of driver accelerator.example.com, 1 devices of driver gpu.nvidia.com"
    )
    assert nodes.exposed(node("p3"), slices=slices) == "no accelerator of any kind"


def test_a_node_that_should_be_gone_is_described() -> None:
    ready = {"type": "Ready", "status": "Unknown"}
    one = node("p1", deletionTimestamp="2026-01-01T00:00:00Z", finalizers=["a/stays"])
    one["status"]["conditions"] = [ready]
    said = nodes.describe(one)
    assert "its kubelet is silent" in said
    assert "kept by a/stays" in said


def event(reason: str, *, by: str, message: str = "m") -> dict[str, Any]:
    return {"reason": reason, "message": message, "source": {"component": by}, "involvedObject": {"uid": "pod"}}


def claim(name: str, *, of: str = "") -> dict[str, Any]:
    condition = {"type": "Initialized", "status": "False", "message": "no devices"}
    return {"metadata": {"name": name, "uid": name}, "status": {"nodeName": of, "conditions": [condition]}}


def test_a_claim_that_names_the_node_owns_it_up() -> None:
    nominated = event("Nominated", by="karpenter", message="Pod should schedule on: nodeclaim/c")
    said = Statement(autoscaler=KARPENTER, events=[nominated], claims=[claim("c", of="p1")]).of("p1")
    assert said == ("NodeClaim c names node p1; karpenter: Nominated: Pod should schedule on: nodeclaim/c")


@pytest.mark.parametrize(
    "statement",
    [
        Statement(autoscaler=KARPENTER, events=[event("Nominated", by="karpenter")], claims=[claim("c", of="other")]),
        Statement(autoscaler=KARPENTER, events=[event("Nominated", by="karpenter")], claims=[]),
        Statement(autoscaler=CLASSIC, events=[event("NotTriggerScaleUp", by="cluster-autoscaler")], claims=[]),
        Statement(autoscaler=CLASSIC, events=[event("TriggeredScaleUp", by="somebody")], claims=[]),
    ],
    ids=["another node", "an intention alone", "a refusal", "another's event"],
)
def test_anything_less_does_not(statement: Statement) -> None:
    assert statement.of("p1") is None


def test_an_autoscaler_without_claims_owns_up_by_its_event() -> None:
    said = Statement(autoscaler=CLASSIC, events=[event("TriggeredScaleUp", by="cluster-autoscaler")], claims=[])
    assert attribution.owned_up([said], node="p1") == (
        "the Kubernetes cluster-autoscaler says on the pod: cluster-autoscaler: TriggeredScaleUp: m"
    )


def test_what_autoscalers_say_is_told_where_nothing_came_of_it() -> None:
    silent = Statement(autoscaler=CLASSIC, events=[event("FailedScheduling", by="default-scheduler")], claims=[])
    assert attribution.words([silent]) == "no autoscaler says anything of the pod"
    told = Statement(autoscaler=KARPENTER, events=[event("FailedScheduling", by="karpenter")], claims=[claim("c")])
    assert attribution.words([told]) == ("karpenter: FailedScheduling: m; NodeClaim c: Initialized=False (no devices)")


def test_a_node_may_have_joined_for_a_pod_of_somebody_else() -> None:
    def pod(name: str, *, on: str = "", kind: str = "", selects: bool = False) -> dict[str, Any]:
        spec: dict[str, Any] = {"nodeName": on} if on else {}
        if selects:
            spec["nodeSelector"] = POOL.selector
        owners = [{"kind": kind}] if kind else []
        return {"metadata": {"namespace": "x", "name": name, "ownerReferences": owners}, "spec": spec}

    found = [
        pod("daemon", on="p1", kind="DaemonSet"),
        pod("runs", on="p1", kind="ReplicaSet"),
        pod("waits", selects=True),
        pod("elsewhere", on="p2", selects=True),
        pod("else"),
    ]
    assert control.asking(found, pool=POOL, node="p1") == ["x/runs", "x/waits"]
