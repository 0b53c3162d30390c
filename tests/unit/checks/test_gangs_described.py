"""Gang schedulers that the catalog describes: what is written for each, and the whole story on each in memory."""

from __future__ import annotations

import json

import pytest

import gang_trial
from ai_conformance import catalog
from ai_conformance.checks.gangs import detection
from ai_conformance.checks.gangs.adapters import Adapter
from ai_conformance.checks.gangs.capacity import Capacity
from ai_conformance.checks.gangs.members import pod
from ai_conformance.checks.gangs.options import GangOptions
from ai_conformance.kube.discovery import Discovery
from ai_conformance.kube.resources import Resource
from ai_conformance.model.verdicts import Verdict
from fake_scheduler import Way

NAMES = ("volcano", "kai", "coscheduling", "yunikorn")
MEMBER = pod(Capacity(node="n1", free=4, unit_millis=100), "p", "ns", image="i")


def adapter(name: str, options: GangOptions | None = None) -> Adapter:
    entry = next(one for one in catalog.load().gang_schedulers if one.name == name)
    served = tuple(
        Resource(group=entry.group, version=version, plural=f"{kind.lower()}s", kind=kind, namespaced=True)
        for kind in entry.kinds
        for version in entry.versions[:1]
    )
    made, _ = detection.detect(
        Discovery(resources=served), known=[entry], options=options or GangOptions(), has_pods=lambda _: True
    )
    return made


@pytest.mark.parametrize(
    ("name", "api_version", "spec"),
    [
        ("volcano", "scheduling.volcano.sh/v1beta1", {"minMember": 3, "queue": "default"}),
        ("kai", "scheduling.run.ai/v2alpha2", {"minMember": 3, "queue": "default-queue"}),
        ("coscheduling", "scheduling.x-k8s.io/v1alpha1", {"minMember": 3}),
    ],
)
def test_a_group_is_an_object(name: str, api_version: str, spec: dict[str, object]) -> None:
    (group,) = adapter(name).manifests("g", "ns", members=3)
    assert (group["apiVersion"], group["kind"], group["spec"]) == (api_version, "PodGroup", spec)


@pytest.mark.parametrize(
    ("name", "labels", "annotations", "scheduler"),
    [
        ("volcano", {}, {"scheduling.k8s.io/group-name": "g"}, "volcano"),
        ("kai", {"kai.scheduler/queue": "default-queue"}, {"pod-group-name": "g"}, "kai-scheduler"),
        ("coscheduling", {"scheduling.x-k8s.io/pod-group": "g"}, {}, "scheduler-plugins-scheduler"),
    ],
)
def test_a_member_names_its_group_and_its_scheduler(
    name: str, labels: dict[str, str], annotations: dict[str, str], scheduler: str
) -> None:
    membership = adapter(name).membership("g", members=3, pod=MEMBER)
    assert membership.labels == labels
    assert membership.annotations == annotations
    assert membership.spec == {"schedulerName": scheduler}


def test_members_without_an_object_describe_their_group() -> None:
    yunikorn = adapter("yunikorn")
    assert yunikorn.manifests("g", "ns", members=3) == ()
    membership = yunikorn.membership("g", members=3, pod=MEMBER)
    assert membership.labels == {"applicationId": "g", "queue": "root.default"}
    (group,) = json.loads(membership.annotations["yunikorn.apache.org/task-groups"])
    assert (group["name"], group["minMember"]) == ("g", 3)
    assert group["minResource"] == {"cpu": "100m", "memory": "8Mi"}
    assert "nodeAffinity" in group["affinity"], "its placeholders have to be where its members will be"


def test_the_user_names_another_queue_scheduler_and_labels() -> None:
    options = GangOptions(queue="tests", pod_scheduler="mine", labels={"team": "a"})
    membership = adapter("kai", options).membership("g", members=2, pod=MEMBER)
    assert membership.labels == {"kai.scheduler/queue": "tests", "team": "a"}
    assert membership.spec == {"schedulerName": "mine"}


@pytest.mark.parametrize("name", NAMES)
async def test_on_a_sound_one_every_case_passes(name: str) -> None:
    verdicts = await gang_trial.told(adapter(name), Way.SOUND, habits=name)
    assert [verdict for verdict, _ in verdicts.values()] == [Verdict.PASS] * 5, verdicts
    assert "no room" in verdicts["NegativeGangScheduling"][1]


@pytest.mark.parametrize("name", NAMES)
async def test_members_that_are_placed_one_by_one_are_a_failure_whoever_wrote_the_adapter(name: str) -> None:
    verdict, reason = (await gang_trial.told(adapter(name), Way.PLAIN, habits=name))["NegativeGangScheduling"]
    assert verdict is Verdict.FAIL
    assert "were bound although there was no room" in reason


@pytest.mark.parametrize("name", NAMES)
async def test_silence_may_be_the_fault_of_an_adapter_that_was_never_tried(name: str) -> None:
    verdict, reason = (await gang_trial.told(adapter(name), Way.SILENT, habits=name))["NegativeGangScheduling"]
    assert verdict is Verdict.NOT_TESTED
    assert "does not say why" in reason
    assert "never tried on the real thing" in reason


@pytest.mark.parametrize("name", NAMES)
async def test_a_gang_that_never_starts_may_be_its_fault_too(name: str) -> None:
    verdict, reason = (await gang_trial.told(adapter(name), Way.NEVER_AGAIN, habits=name))["ReleaseStartsAllMembers"]
    assert verdict is Verdict.NOT_TESTED
    assert "ordinary pods got all 4 units" in reason


async def test_where_a_waiting_group_keeps_the_units_ordinary_pods_show_them_before() -> None:
    verdicts = await gang_trial.told(adapter("yunikorn"), Way.SOUND, habits="yunikorn")
    assert list(verdicts) == [
        "PositiveGangScheduling",
        "ControlSinglePodIsPlaced",
        "NegativeGangScheduling",
        "ReleaseStartsAllMembers",
        "TwoGroupsDoNotDeadlock",
    ]
    assert "before the gang" in verdicts["ControlSinglePodIsPlaced"][1]
