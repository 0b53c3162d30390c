"""The scheduler's own groups, in each version of their API."""

from __future__ import annotations

import pytest

from ai_conformance import catalog
from ai_conformance.checks import outcomes
from ai_conformance.checks.gangs import detection, native
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
    assert adapter.is_placed({"status": {"conditions": [{**says, "status": "True"}]}})


def test_a_group_that_says_nothing_or_something_else_has_not_refused() -> None:
    adapter = native.detect(own("v1beta1"))
    assert adapter is not None
    assert adapter.refusal({}) is None
    other = {"type": "DisruptionTarget", "status": "False", "reason": "x"}
    assert adapter.refusal({"status": {"conditions": [other]}}) is None


def test_a_pod_whose_group_was_dropped_is_no_member() -> None:
    adapter = native.detect(own("v1beta1"))
    assert adapter is not None
    assert adapter.is_member({"spec": {"schedulingGroup": {"podGroupName": "g"}}}, group="g")
    assert not adapter.is_member({"spec": {}}, group="g")


def test_other_schedulers_beside_the_own_groups_are_noted() -> None:
    both = Discovery(
        resources=(*own("v1beta1").resources, *served(("kueue.x-k8s.io", "v1beta1", "ClusterQueue")).resources)
    )
    adapter, others = detection.detect(both, known=catalog.load().gang_schedulers)
    assert adapter.dialect.version == "v1beta1"
    assert others == ["Kueue (ClusterQueue of kueue.x-k8s.io/v1beta1)"]


def test_only_schedulers_without_an_adapter_cannot_be_judged() -> None:
    volcano = served(("scheduling.volcano.sh", "v1beta1", "PodGroup"))
    with pytest.raises(outcomes.NotTested, match="Volcano"):
        detection.detect(volcano, known=catalog.load().gang_schedulers)


def test_an_unknown_version_of_the_own_groups_cannot_be_judged() -> None:
    with pytest.raises(outcomes.NotTested, match="v9"):
        detection.detect(own("v9"), known=catalog.load().gang_schedulers)


def test_no_scheduler_of_any_known_kind_is_a_failure_that_says_what_was_looked_for() -> None:
    with pytest.raises(outcomes.Failed, match=r"looked for Workload and PodGroup.*Volcano"):
        detection.detect(served(), known=catalog.load().gang_schedulers)
