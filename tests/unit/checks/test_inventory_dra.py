"""Which devices of which slices count."""

from __future__ import annotations

from typing import Any

import pytest

from ai_conformance.checks.inventory import dra, facts, selectors

DRIVER = "accelerator.example.com"
NODES = {"n1": {"zone": "a"}, "n2": {"zone": "b"}}


def a_slice(*names: str, generation: int = 1, count: int = 1, pool: str = "n1", **place: Any) -> dict[str, Any]:
    return {
        "spec": {
            "driver": DRIVER,
            "pool": {"name": pool, "generation": generation, "resourceSliceCount": count},
            "devices": [{"name": name} for name in names],
            **(place or {"nodeName": "n1"}),
        }
    }


def placed(*slices: dict[str, Any]) -> dra.Placement:
    return dra.placed([facts.of_slice(one) for one in slices], nodes=NODES)


def names(placement: dra.Placement) -> list[str]:
    return [one.device.name for one in placement.found]


def test_a_complete_pool_counts() -> None:
    placement = placed(a_slice("a", "b"))
    assert names(placement) == ["a", "b"]
    assert placement.found[0].nodes == {"n1"}
    assert placement.broken_pools == ()


def test_of_several_generations_only_the_newest_counts() -> None:
    placement = placed(a_slice("old", generation=1), a_slice("new", generation=2))
    assert names(placement) == ["new"]


def test_an_old_complete_generation_does_not_stand_in_for_a_new_incomplete_one() -> None:
    placement = placed(a_slice("old", generation=1), a_slice("new", generation=2, count=2))
    assert names(placement) == []
    assert "generation 2 is incomplete (1 of 2 slices); 1 of an older generation" in placement.broken_pools[0]


def test_slices_that_disagree_on_their_number_do_not_count() -> None:
    placement = placed(a_slice("a", count=2), a_slice("b", count=1))
    assert names(placement) == []
    assert "disagree" in placement.broken_pools[0]


def test_pools_are_judged_one_by_one() -> None:
    placement = placed(a_slice("a", pool="p"), a_slice("b", pool="q", count=2))
    assert names(placement) == ["a"]
    assert len(placement.broken_pools) == 1


@pytest.mark.parametrize(("effect", "counts"), [("NoSchedule", False), ("NoExecute", False), ("None", True)])
def test_a_tainted_device_does_not_count(effect: str, counts: bool) -> None:
    item = a_slice("a")
    item["spec"]["devices"][0]["taints"] = [{"key": "x", "effect": effect}]
    placement = placed(item)
    assert names(placement) == (["a"] if counts else [])
    assert bool(placement.unusable_devices) is not counts


@pytest.mark.parametrize(
    ("place", "reached"),
    [
        ({"nodeName": "n2"}, {"n2"}),
        ({"nodeName": "gone"}, set()),
        ({"allNodes": True}, {"n1", "n2"}),
        ({"nodeSelector": {"nodeSelectorTerms": [{}]}}, set()),
        (
            {"nodeSelector": {"nodeSelectorTerms": [{"matchExpressions": [
                {"key": "zone", "operator": "In", "values": ["b"]}]}]}},
            {"n2"},
        ),
        (
            {"nodeSelector": {"nodeSelectorTerms": [{"matchFields": [
                {"key": "metadata.name", "operator": "In", "values": ["n1"]}]}]}},
            {"n1"},
        ),
        (
            {"nodeSelector": {"nodeSelectorTerms": [{"matchExpressions": [
                {"key": "zone", "operator": "NotIn", "values": ["b"]}, {"key": "x", "operator": "DoesNotExist"}]}]}},
            {"n1"},
        ),
    ],
)  # fmt: skip
def test_nodes_are_reached_by_name_selector_or_all(place: dict[str, Any], reached: set[str]) -> None:
    assert selectors.Reach(NODES).of(place) == reached


def test_a_device_may_name_its_own_node() -> None:
    item = a_slice("a", perDeviceNodeSelection=True)
    item["spec"]["devices"][0]["nodeName"] = "n2"
    assert placed(item).found[0].nodes == {"n2"}


def test_attributes_are_qualified_by_their_driver() -> None:
    raw = {"name": "a", "attributes": {"uuid": {"string": "U"}, "resource.kubernetes.io/numa": {"int": 1}}}
    for shape in (raw, {"name": "a", "basic": {"attributes": raw["attributes"]}}):
        one = dra.device(shape, driver=DRIVER, pool="p")
        assert one.attributes == {f"{DRIVER}/uuid": "U", "resource.kubernetes.io/numa": 1}
        assert (one.attribute("uuid"), one.attribute("numa"), one.attribute("none")) == ("U", 1, None)


@pytest.mark.parametrize(
    ("expression", "selects"),
    [
        (f"device.driver == '{DRIVER}'", True),
        ("device.driver == 'other.example.com'", False),
        (f"device.attributes['{DRIVER}'].uuid == 'U'", True),
        (f"device.attributes['{DRIVER}'].absent == 'U'", False),
    ],
)
def test_a_class_selects_by_its_expression(expression: str, selects: bool) -> None:
    one = dra.device({"name": "a", "attributes": {"uuid": {"string": "U"}}}, driver=DRIVER, pool="p")
    device_class = {"spec": {"selectors": [{"cel": {"expression": expression}}]}}
    assert selectors.selected(one, device_class=device_class) is selects


def test_admin_access_takes_no_device() -> None:
    result = {"driver": DRIVER, "pool": "p", "device": "a"}
    claim = {
        "status": {"allocation": {"devices": {"results": [result, {**result, "device": "b", "adminAccess": True}]}}}
    }
    assert dra.allocated([claim, {}]) == {(DRIVER, "p", "a")}
