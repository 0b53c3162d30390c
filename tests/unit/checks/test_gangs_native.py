"""The scheduler's own groups, in each version of their API."""

from __future__ import annotations

import pytest

from ai_conformance.checks import outcomes
from ai_conformance.checks.gangs import native
from ai_conformance.checks.gangs.capacity import Capacity
from ai_conformance.kube.discovery import Discovery
from ai_conformance.kube.resources import Resource


def served(*kinds: tuple[str, str, str]) -> Discovery:
    return Discovery(
        resources=tuple(
            Resource(group=group, version=version, plural=f"{kind.lower()}s", kind=kind, namespaced=True)
            for group, version, kind in kinds
        )
    )


def own(version: str) -> Discovery:
    return served((native.GROUP, version, "PodGroup"), (native.GROUP, version, "Workload"))


@pytest.mark.parametrize(
    ("version", "reference", "condition"),
    [
        ("v1beta1", {"workloadRef": {"workloadName": "g", "templateName": "members"}}, "PodGroupInitiallyScheduled"),
        (
            "v1alpha2",
            {"podGroupTemplateRef": {"workload": {"workloadName": "g", "podGroupTemplateName": "members"}}},
            "PodGroupScheduled",
        ),
    ],
)
def test_a_group_is_written_and_read_as_its_version_has_it(
    version: str, reference: dict[str, object], condition: str
) -> None:
    adapter = native.detect(own(version))
    assert adapter is not None
    workload, group = adapter.manifests("g", "ns", members=3)
    policy = {"gang": {"minCount": 3}}
    assert workload["spec"] == {"podGroupTemplates": [{"name": "members", "schedulingPolicy": policy}]}
    assert group["spec"] == {**reference, "schedulingPolicy": policy}
    assert {one["apiVersion"] for one in (workload, group)} == {f"scheduling.k8s.io/{version}"}
    says = {"type": condition, "status": "False", "reason": "Unschedulable", "message": "no room"}
    assert str(adapter.refusal({"status": {"conditions": [says]}})) == "Unschedulable: no room"
    assert adapter.refusal({"status": {"conditions": [{**says, "status": "True"}]}}) is None


def test_a_group_that_says_nothing_or_something_else_has_not_refused() -> None:
    adapter = native.detect(own("v1beta1"))
    assert adapter is not None
    assert adapter.refusal({}) is None
    other = {"type": "DisruptionTarget", "status": "False", "reason": "x"}
    assert adapter.refusal({"status": {"conditions": [other]}}) is None


def test_a_pod_whose_group_was_dropped_is_no_member() -> None:
    adapter = native.detect(own("v1beta1"))
    assert adapter is not None
    metadata = {"name": "p"}
    adapter.must_be_member({"metadata": metadata, "spec": {"schedulingGroup": {"podGroupName": "g"}}}, group="g")
    with pytest.raises(outcomes.Failed, match="drops the group of pod p"):
        adapter.must_be_member({"metadata": metadata, "spec": {}}, group="g")


def test_nothing_limits_where_and_how_much_the_scheduler_places() -> None:
    adapter = native.detect(own("v1beta1"))
    assert adapter is not None
    assert adapter.membership("g", members=2, pod={}).spec == {"schedulingGroup": {"podGroupName": "g"}}
    assert not adapter.unfit(Capacity(node="n1", free=4))
