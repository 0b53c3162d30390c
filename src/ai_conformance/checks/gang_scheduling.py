"""gang_scheduling: all pods of a group are placed together, or none of them is.

Tried where some units of one node (accelerators where two or more are free, else CPU) are known to be free: a gang of
all of them fits, one unit less and it does not. What happens between is watched, never sampled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_conformance.checks import gangs, outcomes, waits
from ai_conformance.checks.gangs import capacity, detection, kueue, story
from ai_conformance.checks.gangs.stage import Stage
from ai_conformance.checks.metadata import INERT, ApiUse, CaseInfo, EvidenceInfo
from ai_conformance.checks.registry import check
from ai_conformance.checks.together import together
from ai_conformance.kube import resources
from ai_conformance.kube.mirror import Mirror
from ai_conformance.model.records import CaseKind

if TYPE_CHECKING:
    from ai_conformance.catalog import GangScheduler
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.gangs.adapters import Adapter

CASES = (
    CaseInfo(
        name="PositiveGangScheduling",
        kind=CaseKind.POSITIVE,
        proves="a gang that fits is placed as a whole: its members run at the same time and complete",
    ),
    CaseInfo(
        name="NegativeGangScheduling",
        kind=CaseKind.NEGATIVE,
        proves="while one unit is missing no member is bound, and the group says why it waits",
    ),
    CaseInfo(
        name="ControlSinglePodIsPlaced",
        kind=CaseKind.CONTROL,
        proves="an ordinary pod gets a unit that the waiting gang does not: there was room for a part of the gang",
    ),
    CaseInfo(
        name="ReleaseStartsAllMembers",
        kind=CaseKind.POSITIVE,
        proves="as soon as the missing unit is free, all members of the waiting gang run",
    ),
    CaseInfo(
        name="TwoGroupsDoNotDeadlock",
        kind=CaseKind.NEGATIVE,
        proves="of two gangs that each need most of the units one runs wholly, and then the other",
    ),
)

_GROUPS = ("create", "get", "list", "watch")
_POD_GROUPS = ("scheduling.k8s.io", "scheduling.volcano.sh", "scheduling.run.ai", "scheduling.x-k8s.io")
USES = (
    ApiUse(group="", resource="pods", verbs=("create", "get", "list", "watch", "delete")),
    ApiUse(group="", resource="pods", verbs=("list",), own_namespace=False),
    ApiUse(group="", resource="pods", subresource="exec", verbs=("create", "get")),
    ApiUse(group="scheduling.k8s.io", resource="workloads", verbs=INERT),
    *(ApiUse(group=group, resource="podgroups", verbs=_GROUPS) for group in _POD_GROUPS),
    ApiUse(group=kueue.GROUP, resource="workloads", verbs=("list", "watch", "delete")),
    ApiUse(group=kueue.GROUP, resource="localqueues", verbs=("create", "get", "list", "watch", "delete")),
    ApiUse(group=kueue.GROUP, resource="localqueues", verbs=("get",), own_namespace=False),
    ApiUse(group=kueue.GROUP, resource="clusterqueues", verbs=("list",), own_namespace=False),
    ApiUse(group=kueue.GROUP, resource="resourceflavors", verbs=("list",), own_namespace=False),
    ApiUse(group=kueue.GROUP, resource="topologies", verbs=("list",), own_namespace=False),
    ApiUse(group="resource.k8s.io", resource="resourceclaimtemplates", verbs=INERT),
    ApiUse(group="resource.k8s.io", resource="resourceslices", verbs=("list",), own_namespace=False),
    ApiUse(group="resource.k8s.io", resource="deviceclasses", verbs=("list",), own_namespace=False),
    ApiUse(group="resource.k8s.io", resource="resourceclaims", verbs=("list",), own_namespace=False),
)


@check(
    "gang_scheduling",
    artifact="TestGangScheduling",
    summary="All pods of a group are placed together, or none is.",
    cases=CASES,
    uses=USES,
    waits=(
        waits.INVENTORY_SETTLED,
        waits.OPERATOR_READY,
        waits.WEBHOOK_ANSWERS,
        waits.POD_RUNNING,
        waits.POD_GONE,
        waits.GANG_PLACED,
        waits.GANG_REFUSAL,
        waits.REFUSAL,
        waits.REFUSAL_SEEN,
        waits.COMPLETED,
    ),
    evidence=(
        EvidenceInfo(name="pods.json", content="the members and the pods beside them, as the API had them"),
        EvidenceInfo(name="groups.json", content="the groups, with what they say of themselves"),
    ),
    needs="two free accelerators of one kind on one node, else a node with some tenths of a core free",
    accelerators_required=False,
    kinds=detection.kinds,
    on_fail="Enable the scheduler's gang scheduling (gate GenericWorkload, API scheduling.k8s.io), or repair it; give "
    "Kueue's flavours a Topology that goes down to kubernetes.io/hostname. Of several gang schedulers one is judged: "
    "--gang-scheduler names it.",
    on_blocked="Free two accelerators of one kind on one node, or half a core on a node without taints; repair "
    "the queue that is named; then run anew.",
)
async def gang_scheduling(ctx: Context) -> None:
    """The story of a gang, told once for each mechanism by which accelerators are granted."""
    adapter, others = await _scheduler(ctx)
    ctx.note(f"gang scheduler: {adapter.name}, recognised because {adapter.recognised_by}")
    for other in others:
        ctx.note(f"also seen, and not judged: {other}")
    places = await _places(ctx, adapter=adapter)
    namespace = await ctx.workspace.namespace()
    settled = [await adapter.settle(ctx, place, namespace=namespace) for place in places]
    groups_are = adapter.group_resource or resources.POD
    async with (
        Mirror.open(ctx.session, resources.POD, namespace=namespace) as pods,
        Mirror.open(ctx.session, groups_are, namespace=namespace) as groups,
    ):
        on_stage = {place.label for place in places}
        await together(
            _on(ctx, place, adapter=settled_on, namespace=namespace, pods=pods, groups=groups, on_stage=on_stage)
            for settled_on, place in settled
        )


async def _scheduler(ctx: Context) -> tuple[Adapter, list[str]]:
    """The gang scheduler to judge, and the others. Raises an outcome where there is none that can be judged."""
    known = ctx.catalog.gang_schedulers
    there: set[str] = set()
    for one in known:
        if one.pods:
            labels = ",".join(f"{key}={value}" for key, value in one.pods.items())
            there |= {one.name} if (await ctx.session.list(resources.POD, label_selector=labels)).items else set()

    def has_pods(scheduler: GangScheduler) -> bool:
        return scheduler.name in there

    discovery = await ctx.session.discover()
    return detection.detect(discovery, known=known, options=ctx.options.gangs, has_pods=has_pods)


async def _places(ctx: Context, *, adapter: Adapter) -> list[capacity.Capacity]:
    """Where to try it: each mechanism's best node, else CPU. Raises Blocked where nothing is free."""
    inventory = await ctx.accelerators()
    places: list[capacity.Capacity] = []
    for place in capacity.of_accelerators(inventory):
        if why := adapter.unfit(place):
            ctx.note(f"not tried on {why}")
        else:
            places.append(place)
    if places:
        return places
    nodes, pods = await together((ctx.session.list(resources.NODE), ctx.session.list(resources.POD)))
    on_cpu, seen = capacity.of_cpu(nodes.items, pods=pods.items)
    accelerators = inventory.seen()
    if on_cpu is None:
        needed = 3 * capacity.LEAST_UNIT_MILLIS + capacity.SPARE_MILLIS
        raise outcomes.Blocked(
            f"no node has two free accelerators of one kind ({accelerators}), and none has {needed}m of CPU free "
            f"instead (free CPU: {', '.join(seen)})"
        )
    ctx.note(f"tried with CPU, because no node has two free accelerators of one kind for it ({accelerators})")
    return [on_cpu]


async def _on(
    ctx: Context,
    place: capacity.Capacity,
    *,
    adapter: Adapter,
    namespace: str,
    pods: Mirror,
    groups: Mirror,
    on_stage: set[str],
) -> None:
    """All cases on one node, its units reserved for the time. ``on_stage`` are the places that are still at it."""
    discovery = await ctx.session.discover()
    claims = discovery.find("resource.k8s.io", "ResourceClaim")
    stage = Stage(
        ctx=ctx,
        capacity=place,
        adapter=adapter,
        namespace=namespace,
        pods=pods,
        groups=groups,
        prefix=gangs.prefix(place.label),
    )
    async with ctx.reservations.hold([place.key]):
        ctx.note(f"tried on {place}")
        await stage.prepare(resource_api=claims.api_version if claims else "")
        usable = await story.fits(stage)
        await stage.clear()
        if usable and await story.waits_and_starts(stage):
            await stage.clear()
            await story.two_groups(stage)
        if adapter.made_of_members:
            await stage.clear()  # such members go with their group
        on_stage.remove(place.label)
        # Beside another stage this node alone is given back; from the last one, the namespace goes with its pods.
        await (stage.leave() if on_stage else ctx.workspace.vacate())
