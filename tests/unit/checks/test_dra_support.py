"""What is said of claims, and of what is announced."""

from __future__ import annotations

from typing import Any

import pytest

from ai_conformance import catalog
from ai_conformance.checks import dra_support, grants, outcomes
from ai_conformance.checks.device_probe import Opened, Seen, SeenDevice
from ai_conformance.checks.dra import allocation, records, unique, writing
from ai_conformance.checks.inventory import Device, Inventory, Mechanism, Supply
from ai_conformance.checks.inventory.taints import Taint
from ai_conformance.kube.resources import Resource

DRIVER = "accelerator.example.com"


def device(name: str, **attributes: object) -> Device:
    named = {f"{DRIVER}/{key}": value for key, value in attributes.items()}
    return Device(name=name, driver=DRIVER, pool="n1", attributes=named, capacity={})


def supply(*devices: Device) -> Supply:
    vendor = next(one for one in catalog.load().vendors if DRIVER in one.dra_drivers)
    return Supply(
        mechanism=Mechanism.DRA, node="n1", name=DRIVER, driver=DRIVER, vendor=vendor, devices=devices, total=2, free=2
    )


def claim(*names: str) -> dict[str, Any]:
    results = [{"request": "device", "driver": DRIVER, "pool": "n1", "device": name} for name in names]
    return {
        "metadata": {"name": "c"},
        "status": {"allocation": {"devices": {"results": results}}, "reservedFor": [{"uid": "u"}]},
    }


def seen(*identities: str, opened: Opened = Opened.OK) -> Seen:
    devices = tuple(
        SeenDevice(path="/dev/accel0", kind="block special file", number="7:0", opened=opened, identity=one)
        for one in identities
    )
    return Seen(devices=devices, nodes=frozenset(), raw="")


def test_a_claim_is_read_as_the_scheduler_wrote_it() -> None:
    assert records.devices(claim("a")) == [(DRIVER, "n1", "a")]
    assert records.reserved_for(claim("a")) == {"u"}
    assert records.devices({}) == []


def test_the_allocated_device_has_to_be_one_that_was_announced() -> None:
    offered = supply(device("a"), device("b"))
    assert records.in_inventory(claim("b"), supply=offered).name == "b"
    with pytest.raises(outcomes.Failed, match="no complete pool offers"):
        records.in_inventory(claim("stale"), supply=offered)
    with pytest.raises(outcomes.Failed, match="allocated 2"):
        records.in_inventory(claim("a", "b"), supply=offered)


def test_the_container_has_to_see_the_allocated_device_and_can_tell() -> None:
    allocated = device("accelerator-0", uuid="ACC-0", index=0)
    assert "ACC-0" in records.must_be(seen("ACC-0"), device=allocated, supply=supply(allocated))


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (seen("ACC-1"), "given another"),
        (seen(), "sees: no accelerator"),
        (seen("ACC-0", "ACC-1"), "alone and sees"),
        (seen("ACC-0", opened=Opened.EPERM), "cannot use"),
    ],
)
def test_anything_else_in_the_container_is_a_failure(what: Seen, words: str) -> None:
    allocated = device("accelerator-0", uuid="ACC-0", index=0)
    with pytest.raises(outcomes.Failed, match=words):
        records.must_be(what, device=allocated, supply=supply(allocated))


def test_a_device_is_named_by_an_attribute_that_no_other_has() -> None:
    first, second = device("a", model="X", index=0, uuid="U-0"), device("b", model="X", index=1, uuid="U-1")
    chosen, expression = unique.selector([second], among=[first, second])
    assert chosen is second
    assert expression == f"device.driver == '{DRIVER}' && device.attributes['{DRIVER}'].uuid == 'U-1'"


def test_numbers_and_quotes_are_written_as_cel_has_them() -> None:
    pair = [device("a", index=0), device("b", index=1)]
    assert unique.selector(pair, among=pair)[1].endswith(".index == 0")
    quoted = [device("a", uuid="it's")]
    assert unique.selector(quoted, among=quoted)[1].endswith(r"== 'it\'s'")


def test_a_node_that_takes_no_pods_at_all_is_no_fault_of_the_driver() -> None:
    nodes: list[dict[str, Any]] = [
        {"metadata": {"name": "n1"}, "spec": {"unschedulable": True}},
        {"metadata": {"name": "n2"}, "spec": {}},
        {"metadata": {"name": "n4"}, "spec": {"taints": [{"key": "t", "value": "v", "effect": "NoSchedule"}]}},
    ]

    def said(node: str, *tolerated: Taint) -> str:
        supply = Supply(mechanism=Mechanism.DRA, node=node, name="c", total=1, free=1, taints=tolerated)
        return allocation.turned_away(nodes, supply=supply)

    assert said("n1") == "node n1 was made unschedulable meanwhile"
    assert said("n2") == ""
    assert said("n3") == "node n3 has gone"
    assert said("n4") == "node n4 has the taint t=v:NoSchedule, which keeps workloads away"
    assert said("n4", Taint(key="t", value="v", effect="NoSchedule")) == ""


def test_devices_that_are_all_alike_cannot_be_named() -> None:
    alike = [device("a", model="X", driverVersion="1.0.0"), device("b", model="X", driverVersion="1.0.1")]
    with pytest.raises(outcomes.NotTested, match="tells the devices apart"):
        unique.selector(alike, among=alike)


def kinds(verbs: frozenset[str] = dra_support.VERBS) -> dict[str, Resource]:
    return {
        kind: Resource(
            group="resource.k8s.io",
            version="v1",
            plural=kind.lower(),
            kind=kind,
            namespaced=True,
            verbs=verbs,
            subresources={"status": dra_support.STATUS_VERBS},
        )
        for kind in dra_support.KINDS
    }


def test_everything_that_is_not_served_is_named() -> None:
    assert dra_support._missing(kinds()) == []
    partly = kinds(dra_support.VERBS - {"watch", "patch"})
    assert dra_support._missing(partly)[0] == "DeviceClass with patch, watch"
    del partly["ResourceSlice"]
    assert dra_support._missing(partly)[0] == "ResourceSlice at all"


def inventory(*supplies: Supply, **said: tuple[str, ...]) -> Inventory:
    return Inventory(supplies=supplies, node_classes=(), **said)  # type: ignore[arg-type]


def test_what_is_announced_in_vain_is_a_failure() -> None:
    with pytest.raises(outcomes.Failed, match="no device"):
        dra_support._announced(inventory(unusable=("DeviceClass x selects no device",)))


def test_a_broken_pool_is_a_failure_even_beside_good_ones() -> None:
    broken = ("pool n2 is incomplete",)
    with pytest.raises(outcomes.Failed, match="n2"):
        dra_support._announced(inventory(supply(), broken_pools=broken, unusable=broken))


def test_a_class_without_devices_beside_devices_is_no_failure() -> None:
    said = dra_support._announced(inventory(supply(), unusable=("DeviceClass mig selects no device",)))
    assert "2 of 2" in said


def test_nothing_announced_is_blocked_and_something_unknown_not_tested() -> None:
    with pytest.raises(outcomes.Blocked, match="looked for slices"):
        dra_support._announced(inventory(looked_for=("slices",)))
    with pytest.raises(outcomes.NotTested, match="driver y"):
        dra_support._announced(inventory(unrecognised=("driver y is not known",)))


def test_our_own_objects_can_concern_no_device_of_the_cluster() -> None:
    made = writing.manifests(run_id="r", namespace="ns", api_version="resource.k8s.io/v1")
    assert set(made) == set(dra_support.KINDS)
    assert "devices" not in made["ResourceSlice"]["spec"]
    assert made["ResourceSlice"]["spec"]["driver"].endswith(".invalid")
    assert made["ResourceClaim"]["spec"] == made["ResourceClaimTemplate"]["spec"]["spec"]


@pytest.mark.parametrize(("version", "wrapped"), [("v1", True), ("v1beta2", True), ("v1beta1", False)])
def test_a_request_has_the_shape_of_its_version(version: str, wrapped: bool) -> None:
    spec = grants.claim_spec("class", selectors=("true",), api_version=f"resource.k8s.io/{version}")
    request = spec["devices"]["requests"][0]
    inner = request["exactly"] if wrapped else request
    assert inner["deviceClassName"] == "class"
    assert inner["selectors"] == [{"cel": {"expression": "true"}}]
