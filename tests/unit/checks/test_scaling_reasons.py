"""Why a pod is pending is read from the scheduler's own words: for want of an accelerator in the pool, or not."""

from __future__ import annotations

from typing import Any

import pytest

from ai_conformance import catalog
from ai_conformance.checks.inventory import Mechanism, Supply
from ai_conformance.checks.scaling import reasons

VENDOR = catalog.load().vendor("lab")
SELECTOR = "node(s) didn't match Pod's node affinity/selector"
PREEMPTION = " preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."


def supply(mechanism: Mechanism) -> Supply:
    name = {Mechanism.DRA: "accelerator.example.com", Mechanism.DEVICE_PLUGIN: "example.com/accelerator"}[mechanism]
    return Supply(mechanism=mechanism, node="", name=name, vendor=VENDOR, total=0, free=0)


PLUGIN, DRA = supply(Mechanism.DEVICE_PLUGIN), supply(Mechanism.DRA)


def test_the_words_are_counted_by_reason() -> None:
    message = f"0/3 nodes are available: 1 Insufficient example.com/accelerator, 2 {SELECTOR}.{PREEMPTION}"
    words = reasons.parse(message)
    assert words is not None
    assert words.nodes == 3
    assert words.reasons == {"Insufficient example.com/accelerator": 1, SELECTOR: 2}


def test_a_taint_with_a_comma_is_one_reason() -> None:
    words = reasons.parse("0/2 nodes are available: 2 node(s) had untolerated taints {a: b, c: d}.")
    assert words is not None
    assert words.reasons == {"node(s) had untolerated taints {a: b, c: d}": 2}


@pytest.mark.parametrize("message", ["", "waiting for something", "0/2 nodes are available: because."])
def test_other_words_are_not_the_schedulers(message: str) -> None:
    assert reasons.parse(message) is None
    said = reasons.another_reason(message, supply=PLUGIN, pool=0)
    assert said is not None
    assert "not understood" in said


@pytest.mark.parametrize(
    ("one", "lack"), [(PLUGIN, "Insufficient example.com/accelerator"), (DRA, "cannot allocate all claims")]
)
def test_every_node_of_the_pool_lacks_the_accelerator(one: Supply, lack: str) -> None:
    message = f"0/3 nodes are available: 1 {lack}, 2 {SELECTOR}.{PREEMPTION}"
    assert reasons.another_reason(message, supply=one, pool=1) is None


def test_a_pool_without_nodes_is_want_enough() -> None:
    message = f"0/2 nodes are available: 2 {SELECTOR}."
    assert reasons.another_reason(message, supply=PLUGIN, pool=0) is None


def test_other_nodes_may_say_what_they_like() -> None:
    message = f"0/3 nodes are available: 1 node(s) had untolerated taint {{a: b}}, 2 {SELECTOR}."
    assert reasons.another_reason(message, supply=DRA, pool=0) is None


def test_a_node_that_only_the_scheduler_knows_yet_is_none_of_the_pool() -> None:
    message = f"0/3 nodes are available: 1 node(s) had untolerated taint {{new: x}}, 2 {SELECTOR}.{PREEMPTION}"
    assert reasons.another_reason(message, supply=PLUGIN, pool=0) is None


@pytest.mark.parametrize(
    "message",
    [
        f"0/3 nodes are available: 1 node(s) had untolerated taint {{team: a}}, 2 {SELECTOR}.",
        f"0/3 nodes are available: 3 {SELECTOR}.",
        f"0/3 nodes are available: 1 Insufficient cpu, 2 {SELECTOR}.",
        f"0/3 nodes are available: 1 Insufficient example.com/other, 2 {SELECTOR}.",
    ],
)
def test_a_node_of_the_pool_that_says_something_else_is_another_reason(message: str) -> None:
    said = reasons.another_reason(message, supply=PLUGIN, pool=1)
    assert said is not None
    assert message in said


def pod(**spec: Any) -> dict[str, Any]:
    return {"spec": {"schedulerName": "default-scheduler", **spec}}


def test_a_pod_that_comes_in_as_it_was_asked_for_is_unaltered() -> None:
    asked = {"spec": {"nodeSelector": {"pool": "a"}}}
    assert reasons.altered(asked, pod(nodeSelector={"pool": "a"}, tolerations=[{"key": "x"}])) is None


@pytest.mark.parametrize(
    "spec",
    [
        {"nodeSelector": {"pool": "a", "nowhere": "true"}},
        {"nodeSelector": {"pool": "a"}, "schedulingGates": [{"name": "quota"}]},
        {"nodeSelector": {"pool": "a"}, "affinity": {"nodeAffinity": {}}},
        {"nodeSelector": {"pool": "a"}, "schedulerName": "another"},
    ],
)
def test_what_somebody_puts_into_a_pod_is_seen(spec: dict[str, Any]) -> None:
    assert reasons.altered({"spec": {"nodeSelector": {"pool": "a"}}}, pod(**spec)) is not None


def test_a_gated_pod_is_not_an_unschedulable_one() -> None:
    def told(reason: str) -> dict[str, Any]:
        return {"status": {"conditions": [{"type": "PodScheduled", "status": "False", "reason": reason}]}}

    assert reasons.gate(told("SchedulingGated")) == "SchedulingGated: no message"
    assert reasons.gate(told("Unschedulable")) is None
    assert reasons.gate({}) is None
