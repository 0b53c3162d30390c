"""Pods for a pool: those that take what is free in it, and the one that is one too many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import grants, outcomes
from ai_conformance.checks.inventory import Mechanism

if TYPE_CHECKING:
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.inventory import Supply
    from ai_conformance.checks.scaling.pools import Pool

Object = dict[str, Any]
CONTAINER = "probe"


async def hold(ctx: Context, namespace: str, free: Sequence[Supply]) -> int:
    """Make a pod for each supply that takes all that is free of it; how many there are."""
    for index, one in enumerate(free):
        name = f"{one.mechanism.value.lower()}-holder-{index}"
        part = grants.Part(name=CONTAINER, granted=True, count=one.free)
        template = await _template(ctx, one, name, namespace, count=one.free)
        await ctx.workspace.create(
            grants.probe(
                name,
                namespace,
                image=ctx.image("probe"),
                supply=one,
                template=template,
                node=one.node,
                parts=(part,),
                lifetime_s=_LIFETIME_S,
            )
        )
    return len(free)


async def one_too_many(ctx: Context, namespace: str, *, pool: Pool, supply: Supply) -> Object:
    """The manifest of a pod that only the pool can run; what it needs beside is made."""
    name = f"{supply.mechanism.value.lower()}-one-too-many"
    template = await _template(ctx, supply, name, namespace, count=1)
    part = grants.Part(name=CONTAINER, granted=True)
    pod = grants.probe(
        name,
        namespace,
        image=ctx.image("probe"),
        supply=supply,
        template=template,
        parts=(part,),
        lifetime_s=_LIFETIME_S,
    )
    pod["spec"]["nodeSelector"] = pool.selector
    return pod


_LIFETIME_S = 2 * 3600
"""The time for a node to come and to go on a slow platform; counted from the moment that the pod runs."""


async def _template(ctx: Context, supply: Supply, name: str, namespace: str, *, count: int) -> str | None:
    if supply.mechanism is not Mechanism.DRA:
        return None
    kind = (await ctx.session.discover()).find("resource.k8s.io", "ResourceClaimTemplate")
    if kind is None:
        raise outcomes.Blocked("resource.k8s.io serves devices, but no ResourceClaimTemplates")
    manifest = grants.claim_template(supply, name, namespace, count=count, api_version=kind.api_version)
    await ctx.workspace.create(manifest)
    return name
