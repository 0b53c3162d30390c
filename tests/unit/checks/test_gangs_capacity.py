"""Where a gang is tried."""

from __future__ import annotations

from typing import Any

from ai_conformance.checks.gangs import capacity
from ai_conformance.checks.inventory import Inventory, Mechanism, Supply


def supply(node: str, *, free: int, mechanism: Mechanism = Mechanism.DRA) -> Supply:
    return Supply(mechanism=mechanism, node=node, name="accelerator.example.com", total=max(free, 1), free=free)


def inventory(*supplies: Supply) -> Inventory:
    return Inventory(supplies=supplies, node_classes=())


def node(name: str, *, cpu: str = "2", ready: str = "True", **spec: Any) -> dict[str, Any]:
    status = {"conditions": [{"type": "Ready", "status": ready}], "allocatable": {"cpu": cpu}}
    return {"metadata": {"name": name}, "spec": spec, "status": status}


def pod(where: str, *, cpu: str, phase: str = "Running", init: str = "0") -> dict[str, Any]:
    return {
        "spec": {
            "nodeName": where,
            "containers": [{"resources": {"requests": {"cpu": cpu}}}],
            "initContainers": [{"resources": {"requests": {"cpu": init}}}],
        },
        "status": {"phase": phase},
    }


def test_each_mechanism_is_tried_on_its_node_with_most_free_accelerators() -> None:
    plugin = supply("n1", free=3, mechanism=Mechanism.DEVICE_PLUGIN)
    found = capacity.of_accelerators(inventory(supply("n1", free=2), supply("n2", free=5), plugin))
    assert [(one.node, one.members, one.surplus, one.key) for one in found] == [
        ("n2", 4, 1, ("n2", "DRA")),
        ("n1", 3, 0, ("n1", "DevicePlugin")),
    ]


def test_one_free_accelerator_makes_no_gang() -> None:
    assert capacity.of_accelerators(inventory(supply("n1", free=1), supply("n2", free=0))) == []


def test_cpu_is_cut_so_that_three_units_fit_and_four_do_not() -> None:
    found, _ = capacity.of_cpu([node("n1", cpu="1"), node("n2", cpu="2")], pods=[pod("n2", cpu="400m")])
    assert found is not None
    assert (found.node, found.members, found.surplus, found.unit_millis, found.label) == ("n2", 3, 0, 500, "CPU-n2")
    assert 3 * found.unit_millis <= 1600 < 4 * found.unit_millis


def test_pods_that_have_ended_hold_no_cpu() -> None:
    found, seen = capacity.of_cpu([node("n1")], pods=[pod("n1", cpu="2", phase="Succeeded")])
    assert found is not None
    assert seen == ["n1: 2000m"]


def test_a_full_cluster_has_no_place_and_says_what_is_free() -> None:
    assert capacity.of_cpu([node("n1")], pods=[pod("n1", cpu="1800m")]) == (None, ["n1: 200m"])


def test_nodes_that_do_not_take_pods_are_left_out() -> None:
    taint = {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}
    nodes = [node("n1", unschedulable=True), node("n2", ready="Unknown"), node("n3", taints=[taint])]
    assert capacity.of_cpu(nodes, pods=[]) == (None, ["no node is Ready, schedulable and free of taints"])


def test_what_init_containers_ask_for_counts_as_held() -> None:
    assert capacity.cpu(pod("n1", cpu="1", init="500m")) == 1.5
