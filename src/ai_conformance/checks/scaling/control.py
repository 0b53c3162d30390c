"""The control: while nobody asks for a node, none joins; and what others may have asked for meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.scaling import nodes
from ai_conformance.kube import pods, resources

if TYPE_CHECKING:
    from ai_conformance.checks.context import Case, Context
    from ai_conformance.checks.scaling.pools import Pool
    from ai_conformance.kube.mirror import Mirror

Object = Mapping[str, Any]


async def no_demand(ctx: Context, case: Case, *, pool: Pool, view: Mirror, before: nodes.Before) -> None:
    """Watch a window in which we ask for nothing.

    Raises Blocked where a node joins for a workload of somebody else, Failed where it joins for none.
    """

    def joined(_: Mirror) -> Object | None:
        mine = before.joined(view.objects.values(), pool=pool)
        return mine[0] if mine else None

    window_s = ctx.seconds(waits.NO_DEMAND)
    node = await view.throughout(joined, seconds=window_s, watching_for="a pool for which nobody asks")
    if node is None:
        size = sum(pool.has(one) for one in view.objects.values())
        case.observe(f"for {window_s:g} s without demand {pool} stayed at {size} nodes")
        return
    others = asking((await ctx.session.list(resources.POD)).items, pool=pool, node=nodes.name(node))
    if others:
        raise outcomes.Blocked(
            f"node {nodes.name(node)} joined {pool} for workloads that are not this check's ({', '.join(others[:3])}): "
            "try it when nobody else scales the pool"
        )
    raise outcomes.Failed(f"node {nodes.name(node)} joined {pool}, and nobody had asked for one")


def asking(found: Sequence[Object], *, pool: Pool, node: str) -> list[str]:
    """Pods that a node may have joined for: on it, and no DaemonSet's; or pending with the pool's node selector."""
    names = []
    for pod in found:
        owners = {owner.get("kind") for owner in pod["metadata"].get("ownerReferences") or ()}
        selects = (pod["spec"].get("nodeSelector") or {}).get(pool.key) == pool.value
        if "DaemonSet" in owners:
            continue
        if pods.node_name(pod) == node or (selects and pods.node_name(pod) is None):
            names.append(f"{pod['metadata']['namespace']}/{pod['metadata']['name']}")
    return names
