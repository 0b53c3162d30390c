"""Kueue: which of its queues takes a group, what makes pods its members, and what its refusals mean."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

import gang_trial
from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.gangs import kueue, queues
from ai_conformance.checks.gangs.capacity import Capacity
from ai_conformance.checks.gangs.options import GangOptions
from ai_conformance.checks.inventory import Mechanism, Supply
from ai_conformance.kube import errors
from ai_conformance.kube.discovery import Discovery
from ai_conformance.kube.resources import Resource
from ai_conformance.model.verdicts import Verdict
from fake_scheduler import Way

Object = dict[str, Any]

WITH_TOPOLOGY = queues.Queue(name="q", flavor="f", topology="hosts", room=9)
BY_QUOTA = queues.Queue(name="q", flavor="f", room=9)
GPU = "example.com/gpu"


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kueue, "_LOOK_S", 0.01)
    for name in ("OPERATOR_READY", "WEBHOOK_ANSWERS"):
        monkeypatch.setattr(waits, name, dataclasses.replace(getattr(waits, name), lab_s=0.05))


def cluster_queue(
    name: str = "q",
    *,
    active: bool = True,
    reason: str = "R",
    flavors: Sequence[str] = ("f",),
    covers: Sequence[str] = ("cpu", "memory", GPU),
    quota: str = "100",
    reserved: str = "0",
    selector: Mapping[str, Any] | None = {},
) -> Object:
    def resources(amount: str, key: str) -> list[Object]:
        return [{"name": one, key: "1Ti" if one == "memory" and amount == quota else amount} for one in covers]

    condition = {"type": "Active", "status": str(active), "reason": reason, "message": "m"}
    return {
        "metadata": {"name": name},
        "spec": {
            "namespaceSelector": selector,
            "resourceGroups": [
                {
                    "coveredResources": list(covers),
                    "flavors": [{"name": one, "resources": resources(quota, "nominalQuota")} for one in flavors],
                }
            ],
        },
        "status": {
            "conditions": [condition],
            "flavorsReservation": [{"name": one, "resources": resources(reserved, "total")} for one in flavors],
        },
    }


def landscape(*found: Object) -> queues.Landscape:
    return queues.Landscape(
        queues=found,
        flavors=[
            {"metadata": {"name": "f"}, "spec": {"topologyName": "hosts"}},
            {"metadata": {"name": "plain"}},
            {"metadata": {"name": "elsewhere"}, "spec": {"nodeLabels": {"pool": "other"}}},
            {"metadata": {"name": "racks"}, "spec": {"topologyName": "racks"}},
        ],
        topologies=[
            {"metadata": {"name": "hosts"}, "spec": {"levels": [{"nodeLabel": queues.HOST_LEVEL}]}},
            {"metadata": {"name": "racks"}, "spec": {"levels": [{"nodeLabel": "rack"}]}},
        ],
    )


SERVED = {
    "ClusterQueue": list(landscape(cluster_queue()).queues),
    "ResourceFlavor": list(landscape().flavors),
    "Topology": list(landscape().topologies),
}
WANTED = queues.Wanted(
    requests={GPU: "1", "cpu": "100m", "memory": "8Mi"}, node_labels={"pool": "a"}, namespace_labels={"run": "r"}
)


def test_a_queue_with_a_topology_is_preferred_to_one_with_more_room() -> None:
    found = landscape(cluster_queue("big", flavors=["plain"], quota="900"), cluster_queue("small"))
    queue, refused = queues.choose(found, wanted=WANTED)
    assert queue == queues.Queue(name="small", flavor="f", topology="hosts", room=100)
    assert refused == []
    queue, _ = queues.choose(found, wanted=WANTED, name="big")
    assert str(queue) == "ClusterQueue big, flavour plain without a topology"


@pytest.mark.parametrize(
    ("queue", "why"),
    [
        (cluster_queue(active=False), "q is not active (R: m)"),
        (cluster_queue(selector=None), "q does not take the check's namespace (spec.namespaceSelector)"),
        (cluster_queue(selector={"matchLabels": {"team": "a"}}), "q does not take the check's namespace"),
        (cluster_queue(covers=["cpu", "memory"]), f"q does not cover {GPU}"),
        (cluster_queue(flavors=["elsewhere"]), f"q has no flavour for {GPU} on that node"),
        (cluster_queue(flavors=["missing"]), f"q has no flavour for {GPU} on that node"),
        (cluster_queue(quota="8", reserved="7"), "q has unreserved quota for 1 members"),
        (cluster_queue(flavors=["racks"]), "whose topology does not go down to kubernetes.io/hostname"),
    ],
)
def test_a_queue_that_takes_no_group_says_why(queue: Object, why: str) -> None:
    found, refused = queues.choose(landscape(queue), wanted=WANTED)
    assert found is None
    assert why in refused[0]


def test_what_others_have_reserved_is_no_room() -> None:
    queue, _ = queues.choose(landscape(cluster_queue(quota="8", reserved="5")), wanted=WANTED)
    assert queue is not None
    assert queue.room == 3


@pytest.mark.parametrize(
    ("selector", "takes"),
    [
        (None, False),
        ({}, True),
        ({"matchLabels": {"run": "r"}}, True),
        ({"matchExpressions": [{"key": "run", "operator": "In", "values": ["r", "s"]}]}, True),
        ({"matchExpressions": [{"key": "run", "operator": "NotIn", "values": ["r"]}]}, False),
        ({"matchExpressions": [{"key": "run", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "run", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "run", "operator": "Gt", "values": ["1"]}]}, False),
    ],
)
def test_a_namespace_is_selected_as_the_api_has_it(selector: Mapping[str, Any] | None, takes: bool) -> None:
    assert queues.selects(selector, labels={"run": "r"}) is takes


def adapter(queue: queues.Queue | None = WITH_TOPOLOGY, options: GangOptions | None = None) -> kueue.Kueue:
    kinds = ("ClusterQueue", "LocalQueue", "ResourceFlavor", "Topology", "Workload")
    served = tuple(
        Resource(group=kueue.GROUP, version="v1beta2", plural=f"{kind.lower()}s", kind=kind, namespaced=True)
        for kind in kinds
    )
    made = kueue.detect(Discovery(resources=served), options=options or GangOptions(), tried=True)
    assert made is not None
    return kueue.Kueue(
        discovery=made.discovery,
        group_resource=made.group_resource,
        tried=True,
        options=made.options,
        queue=queue,
        wanted=WANTED,
        local_queue="lq",
    )


def test_a_member_names_queue_and_group_and_asks_for_one_node_where_that_is_known() -> None:
    labels = {"kueue.x-k8s.io/queue-name": "lq", "kueue.x-k8s.io/pod-group-name": "g"}
    count = {"kueue.x-k8s.io/pod-group-total-count": "3"}
    host = {"kueue.x-k8s.io/podset-required-topology": "kubernetes.io/hostname"}
    membership = adapter().membership("g", members=3, pod={})
    assert (membership.labels, membership.annotations) == (labels, {**count, **host})
    assert adapter(BY_QUOTA).membership("g", members=3, pod={}).annotations == count
    options = GangOptions(labels={"kueue.x-k8s.io/queue-name": "other", "team": "a"})
    assert adapter(options=options).membership("g", members=3, pod={}).labels == {**labels, "team": "a"}


def test_a_pod_that_kueue_leaves_alone_is_no_failure_of_gangs() -> None:
    adapter().must_be_member({"metadata": {"labels": {"kueue.x-k8s.io/managed": "true"}}}, group="g")
    with pytest.raises(outcomes.NotTested, match="integration `pod` is off"):
        adapter().must_be_member({"metadata": {"name": "p"}}, group="g")


def workload(reason: str, status: str = "False") -> Object:
    condition = {"type": "QuotaReserved", "status": status, "reason": reason, "message": "fit only 3 out of 4"}
    return {"status": {"conditions": [condition]}}


def test_a_refusal_by_quota_tells_nothing_of_what_is_free() -> None:
    refusal = adapter().refusal(workload("TopologyPlacementFailed"), members=())
    assert str(refusal) == "TopologyPlacementFailed: fit only 3 out of 4"
    with pytest.raises(outcomes.Blocked, match="waits for quota"):
        adapter().refusal(workload("WaitingForQuota"), members=())


@pytest.mark.parametrize("group", [{}, workload("PendingEvaluation"), workload("QuotaReserved", "True")])
def test_what_has_not_been_decided_or_was_admitted_is_no_refusal(group: Object) -> None:
    assert adapter().refusal(group, members=()) is None


def test_devices_of_dra_are_not_what_a_topology_counts() -> None:
    dra = Supply(mechanism=Mechanism.DRA, node="n1", name="class", total=4, free=4)
    plugin = Supply(mechanism=Mechanism.DEVICE_PLUGIN, node="n1", name=GPU, total=4, free=4)
    assert "claimed through DRA" in adapter().unfit(Capacity(node="n1", supply=dra, free=4))
    assert adapter().unfit(Capacity(node="n1", supply=plugin, free=4)) == ""
    assert adapter().unfit(Capacity(node="n1", free=4)) == ""


async def test_on_a_queue_with_a_topology_every_case_passes() -> None:
    verdicts = await gang_trial.told(adapter(), Way.SOUND, habits="kueue", landscape=SERVED)
    assert [verdict for verdict, _ in verdicts.values()] == [Verdict.PASS] * 5, verdicts


async def test_admission_by_quota_alone_fails_and_is_reported_as_such() -> None:
    verdict, reason = (await gang_trial.told(adapter(BY_QUOTA), Way.PLAIN, habits="kueue"))["NegativeGangScheduling"]
    assert verdict is Verdict.FAIL
    assert (
        "inside the quota, and Kueue admits by quota alone here (ClusterQueue q, flavour f without a topology)"
        in reason
    )


async def test_a_silent_workload_fails() -> None:
    verdict, reason = (await gang_trial.told(adapter(), Way.SILENT, habits="kueue"))["NegativeGangScheduling"]
    assert verdict is Verdict.FAIL
    assert "does not say why" in reason


class Cluster:
    """Kueue's objects, a node and a namespace; creations are kept.

    ``before`` are its ClusterQueues at the first looks, one list a look; the trouble is met by so many dry runs.
    """

    def __init__(
        self,
        *found: Object,
        before: Sequence[Sequence[Object]] = (),
        trouble: errors.KubeError | None = None,
        troubles: int = 1000,
    ) -> None:
        self.made: list[Object] = []
        self.looks = 0
        self.trials = 0
        self._before = before
        self._landscape = landscape(*found)
        self._trouble = trouble
        self._troubles = troubles

    def _queues(self) -> Sequence[Object]:
        self.looks += 1
        return self._before[self.looks - 1] if self.looks <= len(self._before) else self._landscape.queues

    async def list(self, resource: Resource) -> Any:
        items = {
            "ClusterQueue": self._queues() if resource.kind == "ClusterQueue" else (),
            "ResourceFlavor": self._landscape.flavors,
            "Topology": self._landscape.topologies,
            "Node": [{"metadata": {"name": "n1", "labels": {}}}],
        }[resource.kind]
        return type("Page", (), {"items": items})

    async def get(self, resource: Resource, name: str, namespace: str | None = None) -> Object:
        if resource.kind == "LocalQueue":
            if name != "e2e":
                raise errors.NotFound("no", status=404)
            return {"spec": {"clusterQueue": "q"}}
        return {"metadata": {"name": name, "labels": {}}}

    async def create(self, obj: Object, *, dry_run: bool = False) -> Object:
        self.trials += dry_run
        if dry_run and self._trouble is not None and self.trials <= self._troubles:
            raise self._trouble
        self.made.append(obj)
        return obj


async def test_a_refusal_counts_while_the_queue_has_quota_for_the_group() -> None:
    assert await adapter().confirm(gang_trial.context(Cluster(cluster_queue())), members=4)
    with pytest.raises(outcomes.Blocked, match="has changed meanwhile: it has quota for 3 members"):
        await adapter().confirm(gang_trial.context(Cluster(cluster_queue(quota="3"))), members=4)
    with pytest.raises(outcomes.Blocked, match="has changed meanwhile: q is not active"):
        await adapter().confirm(gang_trial.context(Cluster(cluster_queue(active=False))), members=4)


async def test_a_refusal_by_a_queue_that_was_closed_for_a_moment_does_not_count_yet() -> None:
    cluster = Cluster(cluster_queue(), before=[[cluster_queue(active=False)]])
    assert not await adapter().confirm(gang_trial.context(cluster), members=4)
    assert await adapter().confirm(gang_trial.context(cluster), members=4)


class Flapping(dict[str, list[Object]]):
    """Kueue's objects; the queue is closed at the first look of so many confirmations, and open at the second."""

    def __init__(self, *, inactive: int) -> None:
        super().__init__(SERVED)
        self.inactive = inactive
        self._looks = 0

    def get(self, kind: str, default: Any = None) -> Any:
        if kind == "ClusterQueue":
            self._looks += 1
            if self._looks % 2 and self._looks < 2 * self.inactive:
                return [cluster_queue(active=False)]
        return super().get(kind, default)


async def test_a_gang_is_watched_anew_once_its_queue_has_opened() -> None:
    verdicts = await gang_trial.told(adapter(), Way.SOUND, habits="kueue", landscape=Flapping(inactive=1))
    assert [verdict for verdict, _ in verdicts.values()] == [Verdict.PASS] * 5, verdicts


async def test_a_queue_that_closes_again_and_again_tells_nothing() -> None:
    verdicts = await gang_trial.told(adapter(), Way.SOUND, habits="kueue", landscape=Flapping(inactive=2))
    verdict, reason = verdicts["NegativeGangScheduling"]
    assert verdict is Verdict.BLOCKED
    assert "its queue was closed for a moment, again and again" in reason


PLACE = Capacity(
    node="n1", supply=Supply(mechanism=Mechanism.DEVICE_PLUGIN, node="n1", name=GPU, total=4, free=4), free=4
)


async def settle(cluster: Cluster, options: GangOptions | None = None) -> tuple[kueue.Kueue, Capacity]:
    return await adapter(None, options).settle(gang_trial.context(cluster), PLACE, namespace="ns")


async def test_it_settles_on_a_queue_of_its_own_namespace_and_on_gangs_inside_the_quota() -> None:
    cluster = Cluster(cluster_queue(quota="3"))
    made, place = await settle(cluster)
    local, trial = cluster.made
    assert (local["kind"], local["spec"], local["metadata"]["namespace"]) == ("LocalQueue", {"clusterQueue": "q"}, "ns")
    assert trial["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == local["metadata"]["name"] == made.local_queue
    assert (place.members, place.surplus) == (3, 1)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (GangOptions(queue="nope"), r"no ClusterQueue nope; there are: q"),
        (
            GangOptions(namespace="tests", labels={"kueue.x-k8s.io/queue-name": "nope"}),
            r"no LocalQueue nope in namespace tests",
        ),
    ],
)
async def test_a_queue_that_is_named_and_not_there_blocks(options: GangOptions, what: str) -> None:
    with pytest.raises(outcomes.Blocked, match=what):
        await settle(Cluster(cluster_queue()), options)


async def test_a_local_queue_that_was_made_for_tests_leads_to_its_cluster_queue() -> None:
    options = GangOptions(namespace="tests", labels={"kueue.x-k8s.io/queue-name": "e2e"})
    made, _ = await settle(Cluster(cluster_queue("p"), cluster_queue("q")), options)
    assert made.queue is not None
    assert made.queue.name == "q"


async def test_without_a_queue_that_takes_groups_nothing_is_tried() -> None:
    with pytest.raises(outcomes.Blocked, match=r"no ClusterQueue takes groups on .*: q is not active"):
        await settle(Cluster(cluster_queue(active=False)))


async def test_a_queue_that_is_closed_for_a_moment_is_waited_for() -> None:
    cluster = Cluster(cluster_queue(), before=[[cluster_queue(active=False)], [cluster_queue(active=False)]])
    made, _ = await settle(cluster)
    assert made.queue is not None
    assert cluster.looks == 3


@pytest.mark.parametrize(
    "queue",
    [
        cluster_queue(active=False, reason="Stopped"),
        cluster_queue(active=False, reason="Terminating"),
        cluster_queue(active=False, flavors=["missing"]),
        cluster_queue(active=False, selector=None),
        cluster_queue(quota="1"),
    ],
)
async def test_a_queue_that_will_not_take_groups_is_not_waited_for(queue: Object) -> None:
    cluster = Cluster(queue)
    with pytest.raises(outcomes.Blocked, match=r"no ClusterQueue takes groups on"):
        await settle(cluster)
    assert cluster.looks == 1


async def test_another_queue_that_is_closed_keeps_nobody_waiting() -> None:
    cluster = Cluster(cluster_queue("closed", active=False), cluster_queue("q"))
    await settle(cluster)
    assert cluster.looks == 1
    cluster = Cluster(cluster_queue("closed", active=False), cluster_queue("q", quota="1"))
    with pytest.raises(outcomes.Blocked, match="q has unreserved quota for 1 members"):
        await settle(cluster, GangOptions(queue="q"))
    assert cluster.looks == 1


async def test_a_webhook_that_does_not_listen_yet_is_waited_for() -> None:
    trouble = errors.ServerError("failed calling webhook mpod.kb.io", status=500)
    cluster = Cluster(cluster_queue(), trouble=trouble, troubles=2)
    await settle(cluster)
    assert cluster.trials == 3


async def test_where_no_member_can_be_made_the_reason_is_the_api_servers() -> None:
    trouble = errors.ServerError("failed calling webhook mpod.kb.io", status=500)
    with pytest.raises(outcomes.Blocked, match=r"no member of a group can be made.*failed calling webhook mpod"):
        await settle(Cluster(cluster_queue(), trouble=trouble))
