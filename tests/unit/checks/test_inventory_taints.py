"""Which taints of a node with accelerators a workload for it tolerates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ai_conformance import catalog
from ai_conformance.checks.inventory import Inventory, Mechanism, Supply, facts, taints
from ai_conformance.checks.inventory.taints import Taint
from ai_conformance.checks.inventory.take import build
from ai_conformance.checks.options import Options

VENDOR = next(one for one in catalog.load().vendors if one.name == "nvidia")


def node(*found: dict[str, str]) -> dict[str, Any]:
    status = {
        "conditions": [{"type": "Ready", "status": "True"}],
        "allocatable": {"nvidia.com/gpu": "2"},
        "capacity": {"nvidia.com/gpu": "2"},
    }
    return {"metadata": {"name": "n1"}, "spec": {"taints": [*found]}, "status": status}


def inventory_of(one: dict[str, Any], *, slices: Sequence[Any] = (), classes: Sequence[Any] = ()) -> Inventory:
    return build(
        nodes=[facts.of_node(one)],
        held=[],
        slices=[facts.of_slice(item) for item in slices],
        classes=classes,
        taken=set(),
        catalog=catalog.load(),
        options=Options(),
        dra_served=bool(slices),
    )


def supply_on(one: dict[str, Any]) -> Supply:
    (only,) = inventory_of(one).supplies
    assert only.mechanism is Mechanism.DEVICE_PLUGIN
    return only


OWNERS = {"key": "dedicated", "value": "ml", "effect": "NoSchedule"}


def test_what_the_owner_put_there_is_tolerated_exactly() -> None:
    supply = supply_on(
        node(OWNERS, {"key": "sku", "effect": "NoExecute"}, {"key": "soft", "effect": "PreferNoSchedule"})
    )
    assert [str(one) for one in supply.taints] == ["dedicated=ml:NoSchedule", "sku:NoExecute"]
    assert taints.tolerations(supply) == [
        {"key": "nvidia.com/gpu", "operator": "Exists"},
        {"key": "dedicated", "operator": "Equal", "value": "ml", "effect": "NoSchedule"},
        {"key": "sku", "operator": "Equal", "value": "", "effect": "NoExecute"},
    ]


@pytest.mark.parametrize(
    "key",
    [
        "node.kubernetes.io/not-ready",
        "node.cloudprovider.kubernetes.io/uninitialized",
        "node-role.kubernetes.io/control-plane",
        "karpenter.sh/disrupted",
        "ToBeDeletedByClusterAutoscaler",
    ],
)
def test_a_node_that_is_not_fit_or_about_to_go_takes_no_pods(key: str) -> None:
    closed = node(OWNERS, {"key": key, "effect": "NoSchedule"})
    found = inventory_of(closed)
    assert found.supplies == ()
    assert f"node n1 has the taint {key}:NoSchedule, which keeps workloads away" in found.nothing_found()
    # Where it came later, the pods that were made before are kept away by it.
    assert taints.untolerated(closed, supply=supply_on(node(OWNERS))) == [f"{key}:NoSchedule"]


def test_the_vendors_own_taint_is_named_once_and_whatever_its_value() -> None:
    supply = supply_on(node({"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}))
    assert taints.tolerations(supply) == [{"key": "nvidia.com/gpu", "operator": "Exists"}]


def test_a_taint_that_came_later_keeps_our_pods_away_too() -> None:
    supply = supply_on(node(OWNERS))
    later = {**OWNERS, "value": "maintenance"}
    assert taints.untolerated(node(OWNERS), supply=supply) == []
    assert taints.untolerated(node(OWNERS, later), supply=supply) == ["dedicated=maintenance:NoSchedule"]
    assert Taint(key="dedicated", value="ml", effect="NoSchedule") in supply.taints


def test_devices_behind_such_a_taint_are_no_fault_of_their_driver() -> None:
    driver = "gpu.nvidia.com"
    pool = {"name": "n1", "generation": 1, "resourceSliceCount": 1}
    slices = [{"spec": {"driver": driver, "nodeName": "n1", "pool": pool, "devices": [{"name": "gpu-0"}]}}]
    chosen = {"selectors": [{"cel": {"expression": f"device.driver == '{driver}'"}}]}
    classes = [{"metadata": {"name": driver}, "spec": chosen}]
    closed = node({"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"})
    found = inventory_of(closed, slices=slices, classes=classes)
    assert (found.supplies, found.unusable, found.broken_pools) == ((), (), ())
    assert {one.mechanism for one in inventory_of(node(OWNERS), slices=slices, classes=classes).supplies} == {
        *Mechanism
    }
