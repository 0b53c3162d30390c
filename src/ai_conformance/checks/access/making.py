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
        made = manifests.holders(site, namespace=stage.namespace, image=image, template=template)
        work.extend(ctx.workspace.create(pod) for pod in made)
    for neighbour in stage.neighbours:
        work.append(_plain(ctx, stage, neighbour, image=image))
        if neighbour.vendor.bypass.annotations:
            pod = manifests.annotated(neighbour, namespace=stage.elsewhere, image=image)
            work.append(ctx.workspace.create(pod))
    await together(work)


async def _plain(ctx: Context, stage: Stage, neighbour: Neighbour, *, image: str) -> None:
    def pod(*, host_path: bool) -> manifests.Object:
        return manifests.plain(neighbour, namespace=stage.elsewhere, image=image, host_path=host_path)

    try:
        await ctx.workspace.create(pod(host_path=True))
    except (errors.Forbidden, errors.Invalid) as refusal:
        if not neighbour.vendor.bypass.volume_mounts:
            raise
        stage.refused_mounts[neighbour.plain] = refusal.message
        await ctx.workspace.create(pod(host_path=False))


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
