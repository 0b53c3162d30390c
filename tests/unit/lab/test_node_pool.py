"""What the pool's machine maker is told, what it finds again, and what a helpful hand makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ai_conformance.lab import node_pool, registry
from ai_conformance.lab.accelerators.flavours import Mechanism, Vendor
from ai_conformance.lab.addons import karpenter
from ai_conformance.lab.addons.karpenter import offers
from ai_conformance.lab.faults import by_hand
from ai_conformance.lab.files import write_json
from ai_conformance.lab.node_pool import Way
from ai_conformance.lab.node_pool.members import Member, Members
from ai_conformance.lab.options import LabOptions


def test_a_way_is_set_and_cleared(tmp_path: Path) -> None:
    assert node_pool.ways(tmp_path) == frozenset()
    node_pool.turn(tmp_path, Way.NO_DEVICES, on=True)
    node_pool.turn(tmp_path, Way.NO_DEVICES, on=True)
    assert node_pool.ways(tmp_path) == {Way.NO_DEVICES}
    node_pool.turn(tmp_path, Way.NO_DEVICES, on=False)
    node_pool.turn(tmp_path, Way.NO_DEVICES, on=False)
    assert node_pool.ways(tmp_path) == frozenset()


@pytest.fixture
def members(tmp_path: Path) -> Members:
    record = registry.LabRecord(
        name="x",
        lab_id="y",
        index=1,
        state=tmp_path,
        options=LabOptions(name="x"),
        phase=registry.Phase.RUNNING,
        kubernetes="",
    )
    return Members(lab=record, prepared=None)  # type: ignore[arg-type]  # nothing is started here


def test_what_a_killed_process_has_begun_is_found_again(members: Members) -> None:
    assert members.present() == {}
    write_json(members.lab.node_folder("n3") / "member.json", {"number": 3, "object_name": "kwok-a", "complete": False})
    assert members.present() == {"kwok-a": Member(number=3, object_name="kwok-a")}


def test_what_is_wrong_with_a_machine_is_wrong_with_its_options(members: Members) -> None:
    assert members.options_of(frozenset()) == members.lab.options
    assert members.options_of(frozenset({Way.NO_DEVICES})).accelerators == 0
    assert members.options_of(frozenset({Way.OTHER_VENDOR})).vendor is Vendor.NVIDIA


def pod(*, pool: str = "", refused: bool = True) -> dict[str, Any]:
    conditions = [{"type": "PodScheduled", "status": "False"}] if refused else []
    selector = {node_pool.POOL_LABEL: pool} if pool else {}
    return {"metadata": {"uid": "1"}, "spec": {"nodeSelector": selector}, "status": {"conditions": conditions}}


def test_a_hand_adds_a_node_for_a_refused_pod_that_selects_a_pool() -> None:
    made = by_hand.node_for(pod(pool="a"))
    assert made is not None
    assert made["metadata"]["labels"] == {node_pool.POOL_LABEL: "a", by_hand.MARK: "yes"}
    assert by_hand.node_for(pod(pool="a", refused=False)) is None
    assert by_hand.node_for(pod()) is None


@pytest.mark.parametrize("mechanism", list(Mechanism))
def test_the_provider_offers_what_the_machines_will_have(mechanism: Mechanism) -> None:
    options = LabOptions(mechanism=mechanism, accelerators=3)
    (one,) = offers.instance_types(options)
    plugin = one["resources"].get("example.com/accelerator")
    slices = offers.slices(options).get(offers.INSTANCE_TYPE, [])
    assert plugin == ("3" if Mechanism.DEVICE_PLUGIN in mechanism.singles else None)
    assert [len(each["devices"]) for each in slices] == ([3] if Mechanism.DRA in mechanism.singles else [])


def test_the_pool_has_the_taint_of_its_vendor() -> None:
    spec = karpenter.pool(LabOptions(vendor=Vendor.NVIDIA))["spec"]["template"]["spec"]
    assert [taint["key"] for taint in spec["taints"]] == ["nvidia.com/gpu"]
    assert [taint["key"] for taint in spec["startupTaints"]] == [node_pool.STARTING]
