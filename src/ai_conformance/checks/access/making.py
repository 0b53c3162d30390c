"""Makes a stage: both namespaces, then everything in them at the same time."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import grants, outcomes
from ai_conformance.checks.access import manifests
from ai_conformance.checks.access.stage import Neighbour, Stage
from ai_conformance.checks.inventory import Mechanism
from ai_conformance.checks.together import together
from ai_conformance.kube import errors

if TYPE_CHECKING:
    from ai_conformance.checks.context import Context


async def namespaces(ctx: Context) -> tuple[str, str]:
    """The namespace of the pods with accelerators, and the one of the pods without."""
    own, elsewhere = await together(
        [
            ctx.workspace.namespace(),
            ctx.workspace.namespace("elsewhere"),
        ]
    )
    return own, elsewhere


async def make(ctx: Context, stage: Stage) -> None:
    """Create the claim templates, then all pods."""
    image = ctx.image("probe")
    templates = await _templates(ctx, stage)
    work: list[Coroutine[Any, Any, Any]] = []
    for site in stage.sites:
        template = templates.get(site.supply.name) if site.supply.mechanism is Mechanism.DRA else None
        able, unable = (
            manifests.holders(site, namespace=stage.namespace, image=image, template=template, makes_nodes=makes_nodes)
            for makes_nodes in (True, False)
        )
        work.extend(_holder(ctx, stage, *either) for either in zip(able, unable, strict=True))
    for neighbour in stage.neighbours:
        work.append(_plain(ctx, stage, neighbour, image=image))
        if neighbour.vendor.bypass.annotations:
            pod = manifests.annotated(neighbour, namespace=stage.elsewhere, image=image)
            work.append(ctx.workspace.create(pod))
    await together(work)


async def _holder(ctx: Context, stage: Stage, able: manifests.Object, unable: manifests.Object) -> None:
    """A pod whose containers may make device nodes; where admission does not admit that, one whose may not."""
    try:
        await ctx.workspace.create(able)
    except errors.Denied as denial:
        _without_nodes(ctx, stage, able["metadata"]["name"], denial=denial)
        await ctx.workspace.create(unable)


def _without_nodes(ctx: Context, stage: Stage, pod: str, *, denial: errors.Denied) -> None:
    stage.refused_nodes[pod] = denial.message
    ctx.note(f"pod {pod} is made without the capability to make device nodes, because admission says: {denial.message}")


async def _plain(ctx: Context, stage: Stage, neighbour: Neighbour, *, image: str) -> None:
    def pod(*, host_path: bool, makes_nodes: bool = True) -> manifests.Object:
        return manifests.plain(
            neighbour, namespace=stage.elsewhere, image=image, host_path=host_path, makes_nodes=makes_nodes
        )

    if neighbour.vendor.bypass.volume_mounts:
        try:
            await ctx.workspace.create(pod(host_path=True))
            return
        except (errors.Denied, errors.Invalid) as refusal:
            stage.refused_mounts[neighbour.plain] = refusal.message
    await _holder(ctx, stage, pod(host_path=False), pod(host_path=False, makes_nodes=False))


async def _templates(ctx: Context, stage: Stage) -> dict[str, str]:
    """A ResourceClaimTemplate for each DeviceClass: its name by the class's."""
    by_class = {site.supply.name: site for site in stage.sites if site.supply.mechanism is Mechanism.DRA}
    if not by_class:
        return {}
    kind = (await ctx.session.discover()).find("resource.k8s.io", "ResourceClaimTemplate")
    if kind is None:
        raise outcomes.Blocked("resource.k8s.io serves devices, but no ResourceClaimTemplates")
    names = {name: f"one-{index}" for index, name in enumerate(by_class)}
    made = [
        grants.claim_template(by_class[name].supply, template, stage.namespace, api_version=kind.api_version)
        for name, template in names.items()
    ]
    await together([ctx.workspace.create(template) for template in made])
    return names
