"""Kueue: groups of pods that wait at a gate until a queue admits all of them.

A queue admits by quota, which says nothing about what nodes have left: members of a group inside the quota are then
placed one by one. Only a flavour with a Topology counts nodes. So the group is sized inside the quota and beyond what
is free, and whoever admits it then has admitted by quota alone. Source: module sigs.k8s.io/kueue v0.19.2, integration
`pod` and topology-aware scheduling; tried on it.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import gangs, outcomes, waits
from ai_conformance.checks.gangs import members, queues
from ai_conformance.checks.gangs.adapters import Membership
from ai_conformance.checks.gangs.described import requests
from ai_conformance.checks.gangs.states import Refusal
from ai_conformance.checks.inventory import Mechanism
from ai_conformance.checks.together import together
from ai_conformance.kube import errors, pods, poll, resources

if TYPE_CHECKING:
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.gangs.capacity import Capacity
    from ai_conformance.checks.gangs.options import GangOptions
    from ai_conformance.kube.discovery import Discovery
    from ai_conformance.kube.resources import Resource

Object = Mapping[str, Any]

GROUP = "kueue.x-k8s.io"
QUEUE_LABEL = f"{GROUP}/queue-name"
_GROUP_LABEL = f"{GROUP}/pod-group-name"
_MANAGED_LABEL = f"{GROUP}/managed"
_COUNT_ANNOTATION = f"{GROUP}/pod-group-total-count"
_TOPOLOGY_ANNOTATION = f"{GROUP}/podset-required-topology"
_LOOK_S = 1.0
_NOT_YET = frozenset({"PendingEvaluation"})
_BY_QUOTA = frozenset({"WaitingForQuota", "ExceedsMaxQuota", "WaitingForPreemptedWorkloads"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kueue:
    """Makes groups of pods for a queue and reads the Workload that Kueue makes of each."""

    discovery: Discovery
    group_resource: Resource
    """Kueue's Workload, which bears the name of its group of pods."""
    options: GangOptions
    queue: queues.Queue | None = None
    """None until the adapter has settled on a place."""
    wanted: queues.Wanted | None = None
    local_queue: str = ""
    tried: bool
    name: str = "Kueue"
    made_of_members: bool = True
    holds_while_waiting: bool = False

    @property
    def recognised_by(self) -> str:
        """How it was detected, for the evidence."""
        return f"{self.group_resource.api_version} serves ClusterQueue and Workload"

    @property
    def caveat(self) -> str:
        """Quota alone cannot promise that members are placed together."""
        if self.queue is None or self.queue.topology:
            return ""
        return (
            f"the group was inside the quota, and Kueue admits by quota alone here ({self.queue}), "
            "which does not place groups as a whole"
        )

    def unfit(self, place: Capacity) -> str:
        """Kueue's topologies count extended resources and CPU, and no devices of DRA."""
        if place.supply is not None and place.supply.mechanism is Mechanism.DRA:
            return f"{place.label}: a Topology of Kueue does not count devices that are claimed through DRA"
        return ""

    async def settle(self, ctx: Context, place: Capacity, *, namespace: str) -> tuple[Kueue, Capacity]:
        """Choose a ClusterQueue and make a LocalQueue for it. Raises Blocked where none takes groups on that place."""
        name = await self._queue_of_options(ctx)
        nodes = {one["metadata"]["name"]: one for one in (await ctx.session.list(resources.NODE)).items}
        own = await ctx.session.get(resources.NAMESPACE, namespace)
        wanted = queues.Wanted(
            requests=_requests(place),
            node_labels=nodes.get(place.node, {}).get("metadata", {}).get("labels", {}),
            namespace_labels=own["metadata"].get("labels", {}),
        )
        landscape, _ = await self._open_landscape(ctx, wanted=wanted, name=name)
        queue, refused = queues.choose(landscape, wanted=wanted, name=name)
        if queue is None:
            raise outcomes.Blocked(_nothing(landscape, name=name, refused=refused, place=place))
        local_queue = f"{gangs.prefix(place.label)}-queue"
        await ctx.workspace.create(
            {
                "apiVersion": self.group_resource.api_version,
                "kind": "LocalQueue",
                "metadata": {"name": local_queue, "namespace": namespace},
                "spec": {"clusterQueue": queue.name},
            }
        )
        made = dataclasses.replace(self, queue=queue, local_queue=local_queue, wanted=wanted)
        await made._try_member(ctx, place, namespace=namespace)
        ctx.note(f"Kueue: {queue}, with quota for {queue.room} members; queues that are not used: {refused or 'none'}")
        return made, place.at_most(queue.room)

    async def _try_member(self, ctx: Context, place: Capacity, *, namespace: str) -> None:
        """Let the API server try a member (dry run): with Kueue's webhooks dead no pod can be made. Raises Blocked.

        A manager that has been restarted may not listen yet.
        """
        membership = self.membership("trial", members=2, pod={})
        pod = members.pod(place, "trial", namespace, image=ctx.image("probe"), membership=membership)

        async def trouble() -> errors.ServerError | None:
            try:
                await ctx.session.create(pod, dry_run=True)
            except errors.ServerError as error:
                return error
            return None

        try:
            await poll.eventually(
                trouble,
                until=lambda seen: seen is None,
                timeout_s=ctx.seconds(waits.WEBHOOK_ANSWERS),
                waiting_for="Kueue's webhook to answer",
                interval_s=_LOOK_S,
            )
        except errors.TimedOut as late:
            raise outcomes.Blocked(f"no member of a group can be made, and so nothing was tried: {late.last}") from late

    async def confirm(self, ctx: Context, *, members: int) -> bool:
        """See that the queue still has quota for the group, so that it was refused for what nodes have left.

        False where the queue had to become active again: the group may have been refused for that.
        """
        assert self.queue is not None
        assert self.wanted is not None
        landscape, at_once = await self._open_landscape(ctx, wanted=self.wanted, name=self.queue.name)
        now, refused = queues.choose(landscape, wanted=self.wanted, name=self.queue.name)
        if now is None or now.room < members:
            why = "; ".join(refused) or f"it has quota for {now.room if now else 0} members"
            raise outcomes.Blocked(
                f"whether it was refused for what is free is not known; {self.queue} has changed meanwhile: {why}"
            )
        return at_once

    async def _open_landscape(self, ctx: Context, *, wanted: queues.Wanted, name: str) -> tuple[queues.Landscape, bool]:
        """Kueue's objects once a queue takes the group, and whether that was so at once.

        Waited for is only a queue that would take it but is inactive; as it is when that does not pass.
        """
        looks: list[queues.Landscape] = []

        async def look() -> queues.Landscape:
            looks.append(await self._landscape(ctx))
            return looks[-1]

        def is_decided(seen: queues.Landscape) -> bool:
            found, _ = queues.choose(seen, wanted=wanted, name=name)
            return found is not None or not queues.may_open(seen, wanted=wanted, name=name)

        with contextlib.suppress(errors.TimedOut):
            await poll.eventually(
                look,
                until=is_decided,
                timeout_s=ctx.seconds(waits.OPERATOR_READY),
                waiting_for="a ClusterQueue to be active",
                interval_s=_LOOK_S,
            )
        return looks[-1], len(looks) == 1

    async def _landscape(self, ctx: Context) -> queues.Landscape:
        async def every(kind: str) -> Sequence[Object]:
            found = self.discovery.find(GROUP, kind)
            return (await ctx.session.list(found)).items if found is not None else ()

        found = await together(every(kind) for kind in ("ClusterQueue", "ResourceFlavor", "Topology"))
        return queues.Landscape(queues=found[0], flavors=found[1], topologies=found[2])

    async def _queue_of_options(self, ctx: Context) -> str:
        """The ClusterQueue that the user names, by itself or through a LocalQueue that has been made for tests."""
        local = self.options.labels.get(QUEUE_LABEL, "")
        if self.options.queue or not (local and self.options.namespace):
            return self.options.queue
        kind = self.discovery.find(GROUP, "LocalQueue")
        try:
            assert kind is not None
            found = await ctx.session.get(kind, local, self.options.namespace)
        except errors.NotFound as missing:
            where = f"LocalQueue {local} in namespace {self.options.namespace}"
            raise outcomes.Blocked(f"there is no {where}; --gang-queue names a ClusterQueue instead") from missing
        return str(found["spec"]["clusterQueue"])

    def manifests(self, name: str, namespace: str, *, members: int) -> Sequence[Object]:
        """None: Kueue makes a Workload of the members."""
        return ()

    def membership(self, group: str, *, members: int, pod: Object) -> Membership:
        """Labels and annotations; all members on one node where the queue's topology knows nodes."""
        host = {_TOPOLOGY_ANNOTATION: queues.HOST_LEVEL} if self.queue and self.queue.topology else {}
        labels = {key: value for key, value in self.options.labels.items() if key != QUEUE_LABEL}
        return Membership(
            labels={**labels, QUEUE_LABEL: self.local_queue, _GROUP_LABEL: group},
            annotations={_COUNT_ANNOTATION: str(members), **host},
        )

    def must_be_member(self, pod: Object, *, group: str) -> None:
        """Kueue's webhook has taken the pod in. Raises NotTested where it leaves pods alone."""
        if pod["metadata"].get("labels", {}).get(_MANAGED_LABEL) != "true":
            raise outcomes.NotTested(
                f"Kueue leaves pod {pod['metadata']['name']} of group {group} alone (no label {_MANAGED_LABEL}): its "
                "integration `pod` is off, and this version makes groups of pods only"
            )

    def refusal(self, group: Object, *, members: Sequence[Object]) -> Refusal | None:
        """Why the Workload is not admitted. Raises Blocked where it says that it is for quota: nothing was learnt then.

        v0.19 says so in the reason where that is switched on, else the reason is the same and `confirm` has to tell.
        """
        reserved = pods.condition(group, "QuotaReserved")
        if reserved is None or reserved.get("status") != "False" or reserved.get("reason") in _NOT_YET:
            return None
        refusal = Refusal(reason=reserved.get("reason", ""), message=reserved.get("message", ""))
        if refusal.reason in _BY_QUOTA:
            raise outcomes.Blocked(
                f"the group waits for quota and not for what is free, although {self.queue} had enough of it: {refusal}"
            )
        return refusal


def _requests(place: Capacity) -> dict[str, str]:
    """What a member asks for by resource, the scarce one first."""
    asked = requests(members.pod(place, "member", "none", image="none"))
    scarce = place.supply.name if place.supply is not None else "cpu"
    return {scarce: asked.pop(scarce), **asked}


def _nothing(landscape: queues.Landscape, *, name: str, refused: Sequence[str], place: Capacity) -> str:
    there = ", ".join(queue["metadata"]["name"] for queue in landscape.queues) or "none"
    if name and not refused:
        return f"there is no ClusterQueue {name}; there are: {there}"
    return f"no ClusterQueue takes groups on {place}: {'; '.join(refused) or 'there is none'}"


def detect(discovery: Discovery, *, options: GangOptions, tried: bool) -> Kueue | None:
    """The adapter where Kueue's API is served."""
    workloads = discovery.find(GROUP, "Workload")
    if workloads is None or discovery.find(GROUP, "ClusterQueue") is None:
        return None
    return Kueue(discovery=discovery, group_resource=workloads, options=options, tried=tried)
