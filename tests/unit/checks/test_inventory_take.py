"""The inventory as a whole, from the objects of the API."""

from __future__ import annotations

from typing import Any

from ai_conformance import catalog
from ai_conformance.checks.inventory import Inventory, Mechanism, device_plugin, facts
from ai_conformance.checks.inventory.take import build
from ai_conformance.checks.options import AllocationMode, Options

DRIVER = "accelerator.example.com"
RESOURCE = "example.com/accelerator"


def node(name: str, *, ready: str = "True", **allocatable: str) -> dict[str, Any]:
    resources = {key.replace("__", "/").replace("_", "."): value for key, value in allocatable.items()}
    status = {"conditions": [{"type": "Ready", "status": ready}], "allocatable": {"cpu": "2", **resources}}
    return {"metadata": {"name": name}, "spec": {}, "status": status}


def a_slice(where: str, *names: str, driver: str = DRIVER) -> dict[str, Any]:
    pool = {"name": where, "generation": 1, "resourceSliceCount": 1}
    devices = [{"name": name} for name in names]
    return {"spec": {"driver": driver, "nodeName": where, "pool": pool, "devices": devices}}


def a_class(name: str = DRIVER, *, driver: str = DRIVER, **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "spec": {"selectors": [{"cel": {"expression": f"device.driver == '{driver}'"}}], **spec},
    }


def pod(where: str, *, count: str, phase: str = "Running") -> dict[str, Any]:
    containers = [{"resources": {"limits": {RESOURCE: count}}}]
    return {"spec": {"nodeName": where, "containers": containers}, "status": {"phase": phase}}


def taken(options: Options | None = None, **objects: list[dict[str, Any]]) -> Inventory:
    given: dict[str, Any] = {"nodes": [], "pods": [], "slices": [], "classes": [], "claims": [], **objects}
    return build(
        nodes=[facts.of_node(one) for one in given["nodes"]],
        held=[held for one in given["pods"] if (held := facts.of_pod(one)) is not None],
        slices=[facts.of_slice(one) for one in given["slices"]],
        classes=given["classes"],
        taken={device for one in given["claims"] for device in facts.of_claim(one) or ()},
        catalog=catalog.load(),
        options=options or Options(),
        dra_served=True,
    )


def test_free_devices_are_those_that_no_claim_holds() -> None:
    result = {"driver": DRIVER, "pool": "n1", "device": "a"}
    claim = {"status": {"allocation": {"devices": {"results": [result]}}}}
    found = taken(nodes=[node("n1")], slices=[a_slice("n1", "a", "b")], classes=[a_class()], claims=[claim])
    (supply,) = found.supplies
    assert (supply.mechanism, supply.total, supply.free, supply.free_devices) == (Mechanism.DRA, 2, 1, frozenset("b"))
    assert supply.vendor is not None


def test_free_units_of_a_device_plugin_are_those_that_no_live_pod_holds() -> None:
    pods = [pod("n1", count="1"), pod("n1", count="2", phase="Succeeded"), pod("n2", count="4")]
    found = taken(nodes=[node("n1", example_com__accelerator="4")], pods=pods)
    (supply,) = found.supplies
    assert (supply.mechanism, supply.name, supply.total, supply.free) == (Mechanism.DEVICE_PLUGIN, RESOURCE, 4, 3)


def test_a_node_whose_devices_are_all_unhealthy_is_no_node_without_accelerators() -> None:
    sick = node("n1", **{"example.com/accelerator": "0"})
    sick["status"]["capacity"] = {"example.com/accelerator": "4"}
    (supply,) = taken(nodes=[sick]).supplies
    assert (supply.total, supply.free, supply.healthy) == (4, 0, False)


def test_a_resource_that_a_device_class_serves_is_no_device_plugins() -> None:
    classes = [a_class(extendedResourceName=RESOURCE)]
    found = taken(nodes=[node("n1", example_com__accelerator="2")], slices=[a_slice("n1", "a", "b")], classes=classes)
    assert [supply.mechanism for supply in found.supplies] == [Mechanism.DRA]


def test_a_class_is_found_by_what_it_selects_and_not_by_its_name() -> None:
    classes = [a_class(driver="other.example.com"), a_class("fast", driver=DRIVER)]
    found = taken(nodes=[node("n1")], slices=[a_slice("n1", "a")], classes=classes)
    assert [supply.name for supply in found.supplies] == ["fast"]


def test_devices_that_no_class_selects_are_announced_in_vain() -> None:
    found = taken(nodes=[node("n1")], slices=[a_slice("n1", "a")], classes=[a_class(driver="other.example.com")])
    assert found.supplies == ()
    assert any("no DeviceClass selects any of them" in said for said in found.unusable)
    assert set(found.unusable) <= set(found.problems)


def test_a_known_class_without_devices_is_announced_in_vain() -> None:
    found = taken(nodes=[node("n1")], classes=[a_class()])
    assert any(f"DeviceClass {DRIVER} is there" in said for said in found.unusable)


def test_an_unknown_driver_or_resource_is_seen_and_not_judged() -> None:
    unknown = "devices.example.org"
    found = taken(
        nodes=[node("n1", example_org__thing="2")],
        slices=[a_slice("n1", "a", driver=unknown)],
        classes=[a_class("x", driver=unknown)],
    )
    assert found.supplies == ()
    assert found.unusable == ()
    assert len(found.unrecognised) == 2
    assert "example.org/thing" in found.nothing_found()


def test_nodes_that_are_not_ready_offer_nothing() -> None:
    found = taken(nodes=[node("n1", ready="False", example_com__accelerator="2")])
    assert found.supplies == ()
    assert "node n1 is not Ready" in found.nothing_found()


def test_one_mechanism_alone_can_be_asked_for() -> None:
    objects: dict[str, Any] = {
        "nodes": [node("n1", example_com__accelerator="2")],
        "slices": [a_slice("n1", "a")],
        "classes": [a_class()],
    }
    for mode, mechanism in ((AllocationMode.DRA, "DRA"), (AllocationMode.DEVICE_PLUGIN, "DevicePlugin")):
        found = taken(Options(allocation_mode=mode), **objects)
        assert [supply.mechanism.value for supply in found.supplies] == [mechanism]
    assert len(taken(**objects).supplies) == 2


def test_nodes_with_the_same_accelerators_are_one_class() -> None:
    nodes = [node("n1", example_com__accelerator="2"), node("n2", example_com__accelerator="2")]
    found = taken(nodes=[*nodes, node("n3", example_com__accelerator="4")])
    assert [group.nodes for group in found.node_classes] == [("n1", "n2"), ("n3",)]
    assert {supply.node for supply in found.sampled(nodes_per_class=1)} == {"n1", "n3"}


def test_sidecars_count_with_the_containers_and_init_containers_instead_of_them() -> None:
    one = {"resources": {"limits": {RESOURCE: "1"}}}
    three = {"resources": {"limits": {RESOURCE: "3"}}}
    sidecar = {**one, "restartPolicy": "Always"}
    assert device_plugin.pod_requests({"spec": {"containers": [one], "initContainers": [sidecar]}}) == {RESOURCE: 2}
    assert device_plugin.pod_requests({"spec": {"containers": [one], "initContainers": [three]}}) == {RESOURCE: 3}


def test_many_nodes_and_pools_are_told_in_few_words() -> None:
    names = [f"n{number}" for number in range(3000)]
    down = [node(f"down{number}", ready="False") for number in range(300)]
    slices = [a_slice(name, "a", "b") for name in names]
    for one in slices[:1000]:
        one["spec"]["pool"]["resourceSliceCount"] = 2
    found = taken(nodes=[*map(node, names), *down], slices=slices, classes=[a_class()])
    assert len(found.supplies) == 2000
    assert "nodes down0 … down299 (300 nodes) are not Ready" in found.problems[0]
    assert len(found.broken_pools) == 11
    assert len("; ".join(found.unusable)) < 2000
    assert len(found.nothing_found()) < 3000
    assert len(found.seen()) < 1000


def test_nodes_that_reach_the_same_devices_share_what_is_known_of_them() -> None:
    names = [f"n{number}" for number in range(30)]
    fabric = a_slice("fabric", *(f"d{number}" for number in range(30)))
    del fabric["spec"]["nodeName"]
    fabric["spec"]["allNodes"] = True
    found = taken(nodes=[*map(node, names)], slices=[fabric, a_slice("n7", "own")], classes=[a_class()])
    by_node = {supply.node: supply for supply in found.supplies}
    assert {supply.total for supply in found.supplies} == {30, 31}
    assert by_node["n0"].devices is by_node["n1"].devices
    assert len({id(supply.devices) for supply in found.supplies}) == 2


def test_nothing_of_a_node_stays_that_has_nothing_to_do_with_accelerators() -> None:
    bulk = {"images": [{"names": ["x" * 100]}] * 50}
    raw = node("n1", example_com__accelerator="2")
    raw["status"] |= bulk
    raw["metadata"]["managedFields"] = [bulk]
    assert "xxx" not in repr(facts.of_node(raw))
    assert facts.of_node(raw).allocatable == {RESOURCE: 2}
