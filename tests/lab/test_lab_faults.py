"""Every fault can be put on a real lab and taken off again, and leaves it as it was."""

from __future__ import annotations

from typing import Any

import pytest

from ai_conformance.lab.accelerators.flavours import flavour_of
from ai_conformance.lab.accelerators.slices import RESOURCE
from ai_conformance.lab.faults import operations
from ai_conformance.lab.faults.effects.objects import wait_for
from ai_conformance.lab.faults.registry import FAULTS
from ai_conformance.lab.lab import Lab

pytestmark = pytest.mark.lab


def offer(lab: Lab) -> dict[str, Any]:
    """What the cluster offers: the usable devices of each pool, what the class selects, what nodes can allocate."""
    api = lab.api()
    pools: dict[str, Any] = {}
    for entry in api.request("GET", RESOURCE)["items"]:
        spec = entry["spec"]
        pools[entry["metadata"]["name"]] = (
            spec["pool"]["resourceSliceCount"],
            [(device["name"], "taints" in device) for device in spec["devices"]],
        )
    classes = api.request("GET", "/apis/resource.k8s.io/v1/deviceclasses")["items"]
    resource = flavour_of(lab.options.vendor).extended_resource
    nodes = api.request("GET", "/api/v1/nodes")["items"]
    namespaces = api.request("GET", "/api/v1/namespaces")["items"]
    role = api.request("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:kube-scheduler")
    return {
        "pools": pools,
        "classes": [entry["spec"]["selectors"] for entry in classes],
        "allocatable": {node["metadata"]["name"]: node["status"]["allocatable"].get(resource) for node in nodes},
        "namespaces": {entry["metadata"]["name"] for entry in namespaces},
        "may_write_status": any("podgroups/status" in rule.get("resources", []) for rule in role["rules"]),
    }


@pytest.mark.parametrize("name", [fault.name for fault in FAULTS if not fault.needs])
def test_a_fault_comes_and_goes(lab: Lab, name: str) -> None:
    before = offer(lab)
    try:
        operations.apply(lab, name)
        operations.apply(lab, name)  # again, as a person might who is not sure
        assert name in [record.name for record in operations.active(lab.state)]
    finally:
        operations.clear(lab, name)
    assert offer(lab) == before
    assert operations.active(lab.state) == []


@pytest.mark.parametrize(
    "name",
    [
        "class-without-slices",
        "class-selects-nothing",
        "stale-generation",
        "incomplete-pool",
        "driver-not-ready",
        "devices-unhealthy",
        "gang-full-cluster",
        "gang-no-group-status",
    ],
)
def test_a_fault_can_be_seen_as_soon_as_it_is_applied(lab: Lab, name: str) -> None:
    before = offer(lab)
    try:
        operations.apply(lab, name)
        assert offer(lab) != before
    finally:
        operations.clear(lab, name)


def test_a_fault_of_one_node_leaves_the_others_sound(lab: Lab) -> None:
    before = offer(lab)["pools"]
    broken, *sound = [node.name for node in lab.nodes]
    try:
        operations.apply(lab, "driver-not-ready", nodes=[broken])
        after = offer(lab)["pools"]
    finally:
        operations.clear(lab)
    changed = {pool for pool in before if before[pool] != after[pool]}
    assert changed == {pool for pool in before if pool.startswith(f"{broken}-")}
    assert sound


def slices_of(lab: Lab, node: str) -> set[str]:
    """The UIDs of the ResourceSlices of a node."""
    slices = lab.api().request("GET", RESOURCE)["items"]
    return {entry["metadata"]["uid"] for entry in slices if entry["spec"].get("nodeName") == node}


def test_a_restarted_kubelet_finds_all_devices_again(lab: Lab) -> None:
    before = offer(lab)
    node = lab.nodes[0]
    published = slices_of(lab, node.name)
    lab.restart(f"{node.name}/kubelet")
    resource = flavour_of(lab.options.vendor).extended_resource
    # The slices first: what the node says of its devices is for a while what it said before the restart.
    wait_for(
        lab.api(),
        RESOURCE,
        # It takes away what its drivers had published; only what they publish after that is there to stay.
        lambda slices: (
            {entry["metadata"]["name"] for entry in slices} == set(before["pools"])
            and published.isdisjoint(entry["metadata"]["uid"] for entry in slices)
        ),
        what="the slices",
        timeout_s=60,
    )
    wait_for(
        lab.api(),
        f"/api/v1/nodes?fieldSelector=metadata.name={node.name}",
        lambda nodes: nodes[0]["status"]["allocatable"].get(resource) == before["allocatable"][node.name],
        what="the device plugin's devices",
        timeout_s=60,
    )
    assert offer(lab) == before
