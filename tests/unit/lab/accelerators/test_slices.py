"""Which ResourceSlices a node should have, and the steps from those that it has."""

from __future__ import annotations

from typing import Any

import pytest

from ai_conformance.lab.accelerators import slices
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.switches import Switch

OWNER = {"apiVersion": "v1", "kind": "Node", "name": "n1", "uid": "node-uid"}
NAME = "n1-accelerator.example.com"


def desired(config: AcceleratorConfig, *switches: Switch) -> dict[str, dict[str, Any]]:
    return slices.desired(config, switches=frozenset(switches))


def as_found(wanted: dict[str, dict[str, Any]], *, generation: int = 0) -> list[dict[str, Any]]:
    """What the server would answer after the wanted slices were written."""
    return [
        {
            "metadata": {"name": name, "resourceVersion": "7"},
            "spec": {**spec, "pool": {**spec["pool"], "generation": spec["pool"]["generation"] + generation}},
        }
        for name, spec in wanted.items()
    ]


def test_a_sound_node_has_one_slice_with_the_devices_of_dra(config: AcceleratorConfig) -> None:
    wanted = desired(config)
    assert list(wanted) == [NAME]
    assert [device["name"] for device in wanted[NAME]["devices"]] == ["accelerator-0", "accelerator-1"]
    assert wanted[NAME]["devices"][0]["attributes"]["uuid"] == {"string": "ACC-demo-n1-0"}
    assert wanted[NAME]["devices"][0]["attributes"]["driverVersion"] == {"version": "3.14.2"}


def test_the_first_slice_is_created_and_belongs_to_the_node(config: AcceleratorConfig) -> None:
    (change,) = slices.changes(desired(config), found=[], owner=OWNER)
    assert change.verb is slices.Verb.CREATE
    assert change.body is not None
    assert change.body["metadata"]["ownerReferences"] == [OWNER]
    assert change.body["spec"]["pool"]["generation"] == 1


@pytest.mark.parametrize("switch", [None, *Switch])
def test_nothing_is_written_twice(config: AcceleratorConfig, switch: Switch | None) -> None:
    wanted = desired(config, *([switch] if switch else []))
    assert slices.changes(wanted, found=as_found(wanted, generation=4), owner=OWNER) == []


def test_a_change_has_a_newer_generation(config: AcceleratorConfig) -> None:
    found = as_found(desired(config), generation=4)
    (change,) = slices.changes(desired(config, Switch.NOT_READY), found=found, owner=OWNER)
    assert change.verb is slices.Verb.REPLACE
    assert change.body is not None
    assert change.body["spec"]["pool"]["generation"] == 5
    assert change.body["metadata"]["resourceVersion"] == "7"


def test_publishing_nothing_deletes(config: AcceleratorConfig) -> None:
    found = as_found(desired(config))
    (change,) = slices.changes(desired(config, Switch.PUBLISH_NOTHING), found=found, owner=OWNER)
    assert change == slices.Change(verb=slices.Verb.DELETE, name=NAME)


def test_an_incomplete_pool_lacks_a_slice(config: AcceleratorConfig) -> None:
    wanted = desired(config, Switch.INCOMPLETE_POOL)
    assert len(wanted) == 1
    assert wanted[NAME]["pool"]["resourceSliceCount"] == 2


def test_a_stale_generation_is_whole_beside_a_newer_incomplete_one(config: AcceleratorConfig) -> None:
    wanted = desired(config, Switch.STALE_GENERATION)
    old, new = wanted[f"{NAME}-old"], wanted[NAME]
    assert old["pool"]["generation"] < new["pool"]["generation"]
    assert (old["pool"]["resourceSliceCount"], len(old["devices"])) == (1, 2)
    assert (new["pool"]["resourceSliceCount"], len(new["devices"])) == (2, 1)


def test_after_a_stale_generation_the_sound_slice_is_newer_than_both(config: AcceleratorConfig) -> None:
    found = as_found(desired(config, Switch.STALE_GENERATION), generation=2)
    steps = slices.changes(desired(config), found=found, owner=OWNER)
    assert [(step.verb, step.name) for step in steps] == [
        (slices.Verb.DELETE, f"{NAME}-old"),
        (slices.Verb.REPLACE, NAME),
    ]
    assert steps[1].body is not None
    assert steps[1].body["spec"]["pool"]["generation"] == 4


def test_a_driver_that_is_not_ready_taints_every_device(config: AcceleratorConfig) -> None:
    devices = desired(config, Switch.NOT_READY)[NAME]["devices"]
    assert {device["taints"][0]["effect"] for device in devices} == {"NoSchedule"}
