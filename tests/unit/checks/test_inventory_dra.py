"""Which devices of which slices count."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.checks.inventory import Device, dra, facts, selectors

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


@pytest.mark.parametrize(
    ("expression", "paths"),
    [
        (f"device.driver == '{DRIVER}'", ()),
        ("device.attributes['d'].type == 'gpu'", (("attributes", "d", "type"),)),
        ('device.attributes["d"]["type"].startsWith("g")', (("attributes", "d", "type"),)),
        ("has(device.capacity['d'].memory)", (("capacity", "d", "memory"),)),
        ("'uuid' in device.attributes['d']", (("attributes", "d", "uuid"),)),
        ("'d' in device.attributes && true", (("attributes", "d", ""),)),
        ("'device.attributes' == device.driver", ()),
        # What follows looks, or may look, at more than at some named attributes.
        ("device.attributes['d'].exists(key, key == 'uuid')", None),
        ("device.attributes['d'].size () == 3", None),
        ("device.attributes['d'] == device.attributes['e']", None),
        ("device.attributes['d']['ty' + 'pe'] == 'gpu'", None),
        ("'d' in device.attributes.map(key, key)", None),
        ("'uuid' in device.attributes['d'].map(key, key)", None),
        ("[device].exists(one, one.driver == 'x')", None),
        ("device.attributes['d'].?uuid.orValue('') == ''", None),
        ("// don't\ndevice.attributes['d'].type == 'gpu' || device.attributes['d'] == {}", None),
        ("'\\'' + device.attributes['d'].type == '\\''", None),
        ("'''a' ''' == device.attributes['d'].type", None),
    ],
)
def test_what_an_expression_depends_on_is_told_or_said_to_be_unknown(
    expression: str, paths: tuple[tuple[str, str, str], ...] | None
) -> None:
    assert selectors.paths_of(expression) == paths


@pytest.mark.parametrize(
    ("expression", "evaluations"),
    [(f"device.attributes['{DRIVER}'].type == 'gpu'", 2), (f"device.attributes['{DRIVER}'].size() == 2", 6)],
)
def test_an_expression_is_evaluated_once_for_devices_that_it_cannot_tell_apart(
    expression: str, evaluations: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    plain = selectors._as_cel
    monkeypatch.setattr(selectors, "_as_cel", lambda device: counted.append(device.name) or plain(device))
    monkeypatch.setattr(selectors, "_expression", functools.cache(selectors._Expression))
    device_class = {"spec": {"selectors": [{"cel": {"expression": expression}}]}}
    devices = [
        dra.device(
            {"name": f"{kind}{number}", "attributes": {"type": {"string": kind}, "uuid": {"string": f"{number}"}}},
            driver=DRIVER,
            pool="p",
        )
        for kind in ("gpu", "mig")
        for number in range(3)
    ]
    said = [selectors.selected(one, device_class=device_class) for one in devices]
    assert said == [selectors._Expression(expression)._execute(one) for one in devices]
    assert len(counted) == evaluations + len(devices)


_NAMES = st.sampled_from(["a", "b", "uuid"])
_DOMAINS = st.sampled_from(["d", "e"])
_DEVICES = st.builds(
    lambda attributes, capacity: Device(name="x", driver="d", pool="p", attributes=attributes, capacity=capacity),
    st.dictionaries(
        st.builds("{}/{}".format, _DOMAINS, _NAMES),
        st.one_of(st.sampled_from(["s", "t"]), st.integers(0, 1), st.booleans()),
    ),
    st.dictionaries(st.builds("{}/{}".format, _DOMAINS, _NAMES), st.sampled_from(["1", "2"])),
)
_PARTS = st.one_of(
    st.builds("device.attributes['{}'].{} == {}".format, _DOMAINS, _NAMES, st.sampled_from(["'s'", "1", "true"])),
    st.builds("device.capacity['{}'].{} == '1'".format, _DOMAINS, _NAMES),
    st.builds("'{}' in device.{}".format, _DOMAINS, st.sampled_from(["attributes", "capacity"])),
    st.builds("'{}' in device.attributes['{}']".format, _NAMES, _DOMAINS),
    st.builds("has(device.attributes['{}'].{})".format, _DOMAINS, _NAMES),
)


@given(st.lists(_PARTS, min_size=1, max_size=3), st.sampled_from([" && ", " || "]), st.lists(_DEVICES, max_size=8))
def test_what_is_remembered_is_what_would_be_evaluated(parts: list[str], between: str, devices: list[Device]) -> None:
    expression = selectors._Expression(between.join(parts))
    assert expression._paths is not None
    assert [expression.of(one) for one in devices] == [expression._execute(one) for one in devices]


def test_nodes_are_found_by_an_index_and_judged_by_the_whole_term() -> None:
    nodes = {f"n{number}": {"rack": str(number % 3), "zone": "a" if number < 5 else "b"} for number in range(9)}
    rules = [
        {"key": "rack", "operator": "In", "values": ["1", "2"]},
        {"key": "zone", "operator": "In", "values": ["b"]},
        {"key": "rack", "operator": "Gt", "values": ["1"]},
    ]
    reach = selectors.Reach(nodes)
    place = {"nodeSelector": {"nodeSelectorTerms": [{"matchExpressions": rules}]}}
    assert reach.of(place) == {"n5", "n8"}
    assert reach.of(place) is reach.of({**place})
    assert reach.of({"allNodes": True}) is reach.of({"allNodes": True})


def test_admin_access_takes_no_device() -> None:
    result = {"driver": DRIVER, "pool": "p", "device": "a"}
    claim = {
        "status": {"allocation": {"devices": {"results": [result, {**result, "device": "b", "adminAccess": True}]}}}
    }
    assert dra.allocated([claim, {}]) == {(DRIVER, "p", "a")}
