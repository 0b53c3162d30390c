"""cluster_autoscaling: a pool of accelerator nodes grows for a pod that is one too many, and shrinks without it.

The pod can run in the pool alone (a node selector of the pool's label), so no other node of the cluster counts, and no
other check's pods do. That a node joined is not enough: the autoscaler has to own it up.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.metadata import INERT, ApiUse, CaseInfo, EvidenceInfo
from ai_conformance.checks.registry import check
from ai_conformance.checks.scaling import control, demand, detection, nodes, pools
from ai_conformance.checks.scaling.story import Story
from ai_conformance.checks.scaling.view import View
from ai_conformance.kube import resources
from ai_conformance.kube.mirror import Mirror
from ai_conformance.model.records import CaseKind
from ai_conformance.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ai_conformance.catalog import Autoscaler
    from ai_conformance.checks.context import Case, Context
    from ai_conformance.checks.inventory import Inventory, Supply
    from ai_conformance.checks.scaling.detection import Found
    from ai_conformance.checks.scaling.pools import Pool

Object = Mapping[str, Any]
_POSITIVE = CaseKind.POSITIVE
_DRA, _KARPENTER = "resource.k8s.io", "karpenter.sh"
_ALL = ("create", "get", "list", "watch", "delete")
_SEEN = ("list", "watch")

CASES = (
    CaseInfo(
        name="ControlNoDemandAddsNothing",
        kind=CaseKind.CONTROL,
        proves="as long as nobody asks for an accelerator of the pool, no node joins it",
    ),
    CaseInfo(
        name="PodBecomesUnschedulable",
        kind=_POSITIVE,
        proves="a pod of the pool that needs one accelerator more than there is cannot be placed, for that reason",
    ),
    CaseInfo(
        name="ScaleUpAddsAcceleratorNode",
        kind=_POSITIVE,
        proves="a node that was not there before joins the pool and exposes that accelerator",
    ),
    CaseInfo(
        name="ScaleUpIsAttributed",
        kind=_POSITIVE,
        proves="the autoscaler says that it has added that node for the pod",
    ),
    CaseInfo(
        name="PodUsesTheAccelerator",
        kind=_POSITIVE,
        proves="the pod runs on that node and sees the one device that it asked for",
    ),
    CaseInfo(
        name="ScaleDownRemovesNode",
        kind=_POSITIVE,
        proves="when the pod is gone, so is the Node object, and not merely its kubelet",
    ),
    CaseInfo(
        name="OtherNodesUntouched",
        kind=CaseKind.NEGATIVE,
        proves="no node that was there before was removed, replaced or kept from taking pods",
    ),
)

USES = (
    ApiUse(group="", resource="pods", verbs=_ALL),
    ApiUse(group="", resource="pods", verbs=("list",), own_namespace=False),
    ApiUse(group="", resource="pods", subresource="exec", verbs=("create", "get")),
    ApiUse(group="", resource="events", verbs=_SEEN),
    ApiUse(group="", resource="nodes", verbs=_SEEN, own_namespace=False),
    ApiUse(group="", resource="configmaps", verbs=("get",), own_namespace=False),
    ApiUse(group="apps", resource="deployments", verbs=("list",), own_namespace=False),
    ApiUse(group=_KARPENTER, resource="nodepools", verbs=("list",), own_namespace=False),
    ApiUse(group=_KARPENTER, resource="nodeclaims", verbs=_SEEN, own_namespace=False),
    ApiUse(group=_DRA, resource="resourceclaims", verbs=("list",), own_namespace=False),
    ApiUse(group=_DRA, resource="resourceslices", verbs=_SEEN, own_namespace=False),
    ApiUse(group=_DRA, resource="deviceclasses", verbs=("list",), own_namespace=False),
    ApiUse(group=_DRA, resource="resourceclaimtemplates", verbs=INERT),
)


@check(
    "cluster_autoscaling",
    artifact="TestAcceleratorClusterAutoscaling",
    summary="A pool of accelerator nodes grows for a pending pod that asks for an accelerator, and shrinks without it.",
    cases=CASES,
    uses=USES,
    waits=(
        waits.INVENTORY_SETTLED,
        waits.RESERVATION,
        waits.NO_DEMAND,
        waits.REFUSAL_SEEN,
        waits.NODE_ADDED,
        waits.POD_RUNNING,
        waits.NODE_REMOVED,
        waits.POD_GONE,
    ),
    evidence=(
        EvidenceInfo(name="node.json", content="the node that was added, as the API had it"),
        EvidenceInfo(name="events.json", content="the autoscaler's events that name the pod or the node"),
        EvidenceInfo(name="claims.json", content="the autoscaler's objects for the node, where it has any"),
    ),
    needs="consent to add nodes (--allow-scale), and a pool of accelerator nodes that an autoscaler scales",
    on_fail=(
        "See what the autoscaler says of the pending pod, and whether its pool may grow by a node with the accelerator "
        "and shrink again; with long delays of its own, give --autoscaler-scale-up-timeout and -scale-down-timeout."
    ),
    on_blocked="Let nothing but the missing accelerator keep the pod from the pool; name the pool if asked to.",
    accelerators_required=False,
)
async def cluster_autoscaling(ctx: Context) -> None:
    """Once for each mechanism by which the pool's accelerators are asked for, one after the other."""
    # Taken before any node is added, so that no check of this run takes such a node for one of the platform's own.
    inventory = await ctx.accelerators()
    found_nodes = (await ctx.session.list(resources.NODE)).items
    found = await detection.look(ctx, nodes=found_nodes)
    detection.required(found, named_pool=ctx.options.autoscaler_pool)
    there = "; ".join(map(str, found.present)) or f"the pool {ctx.options.autoscaler_pool}, which was named"
    ctx.note(f"autoscaler: {there}")
    if not ctx.options.allow_scale:
        # Not SKIPPED: a MUST that nobody left out and nothing tried must not look like one that holds.
        raise outcomes.NotTested(
            f"there is {there}; to try it adds a node, which may cost money, and was not allowed: --allow-scale allows "
            "it, and --max-extra-nodes says how many at a time"
        )
    declared = await _declared(ctx, found)
    pool = _chosen(ctx, declared=declared, found_nodes=found_nodes)
    kinds = await _kinds(ctx, pool, inventory=inventory, found_nodes=found_nodes)
    ctx.note(f"tried with {pool}, asked for {', '.join(f'{one.name} ({one.mechanism.value})' for one in kinds)}")
    members = {node["metadata"]["name"] for node in found_nodes if pool.has(node)}
    held = [one.key for one in inventory.supplies if one.node in members]
    async with ctx.reservations.hold(held):
        await _play(ctx, pool, kinds=kinds, inventory=inventory, autoscalers=_speakers(ctx, pool, found))
        await ctx.workspace.vacate()


async def _declared(ctx: Context, found: Found) -> list[tuple[Autoscaler, Object]]:
    """The objects that declare pools, with the autoscaler whose they are."""
    discovery = await ctx.session.discover()
    listed: list[tuple[Autoscaler, Object]] = []
    for one in (sign.autoscaler for sign in found.present):
        resource = discovery.find(one.group, one.pool_kind) if one.pool_kind else None
        if resource is not None:
            listed += [(one, obj) for obj in (await ctx.session.list(resource)).items]
    return listed


def _chosen(ctx: Context, *, declared: Sequence[tuple[Autoscaler, Object]], found_nodes: Sequence[Object]) -> Pool:
    label = ctx.options.autoscaler_pool
    if label:
        return pools.named(label, known=ctx.catalog.autoscalers, declared=declared)
    labels = [one.pool_label for one in ctx.catalog.autoscalers if one.pool_label]
    return pools.found(declared, nodes=found_nodes, vendors=ctx.catalog.vendors, pool_labels=labels)


async def _kinds(
    ctx: Context, pool: Pool, *, inventory: Inventory, found_nodes: Sequence[Object]
) -> tuple[Supply, ...]:
    discovery = await ctx.session.discover()
    resource = discovery.find(_DRA, "DeviceClass")
    classes = () if resource is None else (await ctx.session.list(resource)).items
    kinds = pools.kinds(
        pool,
        inventory=inventory,
        nodes=found_nodes,
        vendors=ctx.catalog.vendors,
        classes=classes,
        options=ctx.options,
    )
    for one in kinds:
        assert one.vendor is not None
        foreign = pools.foreign_taints(pool, vendor=one.vendor)
        if foreign:
            raise outcomes.Blocked(
                f"{pool} has the taint {', '.join(foreign)}, which no workload tolerates for its accelerator's sake"
            )
    return kinds


def _speakers(ctx: Context, pool: Pool, found: Found) -> list[Autoscaler]:
    """Whose word counts: the pool's own autoscaler, else all that were seen, else all that are known."""
    if pool.autoscaler is not None:
        return [pool.autoscaler]
    return [sign.autoscaler for sign in found.present] or list(ctx.catalog.autoscalers)


async def _play(
    ctx: Context, pool: Pool, *, kinds: Sequence[Supply], inventory: Inventory, autoscalers: Sequence[Autoscaler]
) -> None:
    namespace = await ctx.workspace.namespace()
    discovery = await ctx.session.discover()
    async with contextlib.AsyncExitStack() as stack:

        async def watched(resource: resources.Resource, within: str | None = None) -> Mirror:
            return await stack.enter_async_context(Mirror.open(ctx.session, resource, namespace=within))

        slice_kind = discovery.find(_DRA, "ResourceSlice")
        claim_kinds = [(one, discovery.find(one.group, one.claim_kind)) for one in autoscalers if one.claim_kind]
        view = View(
            nodes=await watched(resources.NODE),
            pods=await watched(resources.POD, namespace),
            events=await watched(resources.EVENT, namespace),
            slices=None if slice_kind is None else await watched(slice_kind),
            claims=[(one, await watched(kind)) for one, kind in claim_kinds if kind is not None],
            autoscalers=autoscalers,
        )
        before = nodes.Before.of(view.nodes.objects.values())
        async with _case(ctx, "ControlNoDemandAddsNothing") as case:
            await control.no_demand(ctx, case, pool=pool, view=view.nodes, before=before)
        if ctx.cases[-1].verdict is not Verdict.PASS:
            return
        for supply in kinds:
            claims = [obj["metadata"]["uid"] for _, mirror in view.claims for obj in mirror.objects.values()]
            told = Story(
                ctx=ctx,
                pool=pool,
                supply=supply,
                namespace=namespace,
                view=view,
                before=nodes.Before.of(view.nodes.objects.values()),
                old_claims=frozenset(claims),
            )
            if not await _once(told, inventory=inventory):
                return


async def _once(told: Story, *, inventory: Inventory) -> bool:
    """All cases for one kind of accelerator. Whether the pool is again as it was, so that another can be tried."""
    ctx = told.ctx
    seen_before = len(told.view.nodes.history)
    steps = (
        ("PodBecomesUnschedulable", lambda case: _one_too_many(told, case, inventory=inventory)),
        ("ScaleUpAddsAcceleratorNode", told.node_comes),
        ("ScaleUpIsAttributed", told.attributed),
        ("PodUsesTheAccelerator", told.used),
        ("ScaleDownRemovesNode", told.node_goes),
    )
    for name, step in steps:
        async with _case(ctx, name, variant=told.supply.mechanism.value) as case:
            await step(case)
        if ctx.cases[-1].verdict is not Verdict.PASS:
            await told.leave()
            break
    if not told.pod_uid:
        return False  # nothing was asked for: whatever happened to nodes is not for our demand
    async with _case(ctx, "OtherNodesUntouched", variant=told.supply.mechanism.value) as case:
        states = [one.object for one in told.view.nodes.history[seen_before:]]
        touched = told.before.touched(
            states,
            now=told.view.nodes.objects.values(),
            pool=told.pool,
            pool_labels=[one.pool_label for one in ctx.catalog.autoscalers if one.pool_label],
        )
        if touched:
            raise outcomes.Failed(f"while {told.pool} was scaled, {'; '.join(touched)}")
        case.observe(f"{len(told.before.nodes)} nodes that were there before are as they were")
    return not told.joined()


async def _one_too_many(told: Story, case: Case, *, inventory: Inventory) -> None:
    """Hold what is free in the pool, then ask for one more."""
    ctx, supply = told.ctx, told.supply
    members = {nodes.name(node) for node in told.before.nodes.values() if told.pool.has(node)}
    free = [
        one for one in inventory.of(supply.mechanism) if one.node in members and one.name == supply.name and one.free
    ]
    await told.all_held(await demand.hold(ctx, told.namespace, free))
    await told.ask(case, manifest=await demand.one_too_many(ctx, told.namespace, pool=told.pool, supply=supply))


@contextlib.asynccontextmanager
async def _case(ctx: Context, name: str, *, variant: str = "") -> AsyncIterator[Case]:
    """One case, expected to show what its declaration says."""
    async with ctx.case(name, expected=ctx.metadata.case(name).proves, variant=variant) as one:
        yield one
