"""How a probe asks for an accelerator."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from ai_conformance import catalog
from ai_conformance.checks import grants, outcomes
from ai_conformance.checks.inventory import Mechanism, Supply
from ai_conformance.checks.inventory.taints import Taint
from ai_conformance.checks.together import together


def supply(mechanism: Mechanism) -> Supply:
    vendor = next(one for one in catalog.load().vendors if one.taints)
    return Supply(mechanism=mechanism, node="n1", name="example.com/accelerator", vendor=vendor, total=2, free=2)


PARTS = (grants.Part(name="holder", granted=True), grants.Part(name="sibling"))


def test_through_dra_only_the_granted_container_names_the_claim() -> None:
    pod = grants.probe("p", "ns", image="i", supply=supply(Mechanism.DRA), template="t", parts=PARTS)
    holder, sibling = pod["spec"]["containers"]
    assert pod["spec"]["resourceClaims"] == [{"name": "accelerator", "resourceClaimTemplateName": "t"}]
    assert holder["resources"]["claims"] == [{"name": "accelerator"}]
    assert "claims" not in sibling["resources"]
    assert {*holder["resources"]["limits"]} == {"cpu", "memory"}


def test_through_a_device_plugin_only_the_granted_container_has_a_limit() -> None:
    pod = grants.probe("p", "ns", image="i", supply=supply(Mechanism.DEVICE_PLUGIN), parts=PARTS)
    holder, sibling = pod["spec"]["containers"]
    assert holder["resources"]["limits"]["example.com/accelerator"] == "1"
    assert {*sibling["resources"]["limits"]} == {"cpu", "memory"}
    assert "resourceClaims" not in pod["spec"]


def test_a_pod_is_pinned_through_the_scheduler_and_tolerates_the_vendors_taints_and_its_nodes_alone() -> None:
    of_node = Taint(key="dedicated", value="ml", effect="NoSchedule")
    wanted = dataclasses.replace(supply(Mechanism.DRA), taints=(of_node,))
    assert wanted.vendor is not None
    spec = grants.probe("p", "ns", image="i", supply=wanted, node="n1")["spec"]
    terms = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert terms == [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}]
    assert "nodeName" not in spec
    *of_vendor, last = spec["tolerations"]
    assert {one["key"] for one in of_vendor} == set(wanted.vendor.taints)
    assert last == {"key": "dedicated", "operator": "Equal", "value": "ml", "effect": "NoSchedule"}


def test_a_container_is_restricted_unless_it_has_to_be_root() -> None:
    parts = (grants.Part(name="plain"), grants.Part(name="root", root_capabilities=("MKNOD",)))
    plain, root = grants.probe("p", "ns", image="i", parts=parts)["spec"]["containers"]
    assert plain["securityContext"]["runAsNonRoot"] is True
    assert plain["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert root["securityContext"]["runAsUser"] == 0
    assert root["securityContext"]["capabilities"] == {"drop": ["ALL"], "add": ["MKNOD"]}


def test_a_member_names_its_group() -> None:
    spec = grants.probe("p", "ns", image="i", extra={"schedulingGroup": {"podGroupName": "g"}})["spec"]
    assert spec["schedulingGroup"] == {"podGroupName": "g"}


async def test_things_done_together_give_their_results_in_order() -> None:
    async def number(value: int) -> int:
        return value

    assert await together(number(value) for value in (3, 1, 2)) == [3, 1, 2]


async def test_an_outcome_of_one_thing_ends_the_others_and_comes_out_as_itself() -> None:
    never = asyncio.Event()

    async def fail() -> None:
        raise outcomes.Failed("seen")

    async def wait() -> None:
        await never.wait()

    with pytest.raises(outcomes.Failed, match="seen"):
        await together((wait(), fail()))
