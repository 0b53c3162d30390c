"""accelerator_metrics: an exporter tells of every accelerator how busy it is and how much of its memory is in use.

Each exporter is scraped by itself and held against the inventory. That its values are measured is shown by a load: on
the accelerator that a pod of ours holds they have to rise and fall with it, on one that a second pod holds and leaves
alone they must not. What else moves on a busy platform does not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_conformance.checks import grants, outcomes, waits
from ai_conformance.checks.exporters import places, story
from ai_conformance.checks.exporters.loading import Experiment
from ai_conformance.checks.exporters.places import Place
from ai_conformance.checks.inventory import Mechanism
from ai_conformance.checks.metadata import INERT, ApiUse, CaseInfo, EvidenceInfo
from ai_conformance.checks.registry import check
from ai_conformance.checks.together import together
from ai_conformance.kube import resources
from ai_conformance.kube.mirror import Mirror
from ai_conformance.model.records import CaseKind

if TYPE_CHECKING:
    from ai_conformance.catalog import Load
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.inventory import Supply

_DRA = "resource.k8s.io"

CASES = (
    CaseInfo(
        name="MetricsEndpointReachable",
        kind=CaseKind.POSITIVE,
        proves="every node with accelerators has an exporter, and each answers with metrics in a standard format",
    ),
    CaseInfo(
        name="PerAcceleratorUtilizationMetric",
        kind=CaseKind.POSITIVE,
        proves="every accelerator of the inventory has a utilisation series of its own, within its range",
    ),
    CaseInfo(
        name="PerAcceleratorMemoryMetric",
        kind=CaseKind.POSITIVE,
        proves="every accelerator of the inventory has a memory series of its own that agrees with its size",
    ),
    CaseInfo(
        name="OptionalMetrics",
        kind=CaseKind.POSITIVE,
        proves="temperature, power and interconnect, where they are told, are within what is possible",
    ),
    CaseInfo(
        name="UtilizationFollowsLoad",
        kind=CaseKind.POSITIVE,
        proves="while a pod loads the accelerator that it holds, that accelerator's utilisation is higher than before",
    ),
    CaseInfo(
        name="IdleAcceleratorStaysIdle",
        kind=CaseKind.NEGATIVE,
        proves="meanwhile the utilisation of an accelerator that a pod holds and leaves alone does not rise",
    ),
    CaseInfo(
        name="ValuesChangeOverTime",
        kind=CaseKind.CONTROL,
        proves="two scrapes differ in values of the loaded accelerator other than its utilisation, too",
    ),
    CaseInfo(
        name="UtilizationFallsAfterLoad",
        kind=CaseKind.POSITIVE,
        proves="when the load has ended the utilisation is again what it was",
    ),
)

USES = (
    ApiUse(group="", resource="pods", verbs=("create", "get", "list", "watch", "delete")),
    ApiUse(group="", resource="pods", verbs=("list",), own_namespace=False),
    ApiUse(group="", resource="pods", subresource="exec", verbs=("create", "get")),
    ApiUse(group="", resource="pods", subresource="proxy", verbs=("get",), own_namespace=False),
    ApiUse(group="apps", resource="daemonsets", verbs=("list",), own_namespace=False),
    ApiUse(group=_DRA, resource="resourceclaims", verbs=("get",)),
    ApiUse(group=_DRA, resource="resourceclaims", verbs=("list",), own_namespace=False),
    ApiUse(group=_DRA, resource="resourceslices", verbs=("list",), own_namespace=False),
    ApiUse(group=_DRA, resource="deviceclasses", verbs=("list",), own_namespace=False),
    ApiUse(group=_DRA, resource="resourceclaimtemplates", verbs=INERT),
)


@check(
    "accelerator_metrics",
    artifact="TestAcceleratorPerformanceMetrics",
    summary="Exporters tell the utilisation and memory of every accelerator, and what they tell is measured.",
    cases=CASES,
    uses=USES,
    images=("probe", "load-nvidia"),
    waits=(
        waits.INVENTORY_SETTLED,
        waits.RESERVATION,
        waits.POD_RUNNING,
        waits.METRIC_FOLLOWS,
        waits.IDLE_METRIC,
        waits.POD_GONE,
    ),
    evidence=(EvidenceInfo(name="*.prom.log", content="a page of an exporter: of each, and before and during a load"),),
    needs="a metrics exporter on the nodes with accelerators, and two free accelerators on some nodes of each class",
    on_fail=(
        "Run the vendor's exporter on every node with accelerators and let it collect utilisation and memory of "
        "each device (for dcgm-exporter: DCGM_FI_DEV_GPU_UTIL, DCGM_FI_DEV_FB_USED, DCGM_FI_DEV_FB_FREE)."
    ),
    on_blocked=(
        "Free accelerators on the nodes that are named, let the load image be pulled (or name another: --load-image), "
        "and allow get on pods/proxy; then run anew."
    ),
)
async def accelerator_metrics(ctx: Context) -> None:
    """What the pages say on every node; what they say under load on sampled nodes of every class."""
    inventory = await ctx.accelerators()
    if not inventory.supplies:
        raise outcomes.Blocked(inventory.nothing_found())
    found = await places.look(ctx)
    for one in found.endpoints:
        ctx.note(f"exporter: {one}, recognised by {one.recognised_by}")
    nodes = {node["metadata"]["name"]: node for node in (await ctx.session.list(resources.NODE)).items}
    where = places.planned(inventory.supplies, found=found, nodes=nodes)
    if not where:
        raise outcomes.NotTested(f"the vendors of {inventory.seen()} are not known")
    told = await together(story.told(ctx, place, found=found) for place in where)
    answering = {place.label: place for place, fine in zip(where, told, strict=True) if fine}
    sampled = inventory.sampled(nodes_per_class=ctx.options.nodes_per_class)
    wanted = [(place, one) for place in answering.values() for one in place.supplies if one in sampled]
    await _under_load(ctx, wanted)


async def _under_load(ctx: Context, wanted: list[tuple[Place, Supply]]) -> None:
    """Every supply by itself, all at the same time."""
    ready: list[tuple[Place, Supply, Load]] = []
    for place, supply in wanted:
        load = story.load_for(ctx, place.vendor)
        if load is not None and supply.free > 0:
            ready.append((place, supply, load))
            continue
        async with story.case(ctx, "UtilizationFollowsLoad", supply.label):
            if load is None:
                raise outcomes.NotTested(
                    f"no image is known that loads an accelerator of {place.vendor.title}; name one with --load-image"
                )
            raise outcomes.Blocked(f"a free accelerator is needed: {supply}")
    if not ready:
        return
    async with ctx.reservations.hold(parts=[supply.part(2) for _, supply, _ in ready]):
        namespace = await ctx.workspace.namespace()
        templates = await _templates(ctx, namespace, [supply for _, supply, _ in ready])
        async with Mirror.open(ctx.session, resources.POD, namespace=namespace) as view:
            await together(
                story.under_load(
                    Experiment(
                        ctx=ctx,
                        supply=supply,
                        endpoints=place.endpoints,
                        vendor=place.vendor.name,
                        namespace=namespace,
                        view=view,
                        template=templates.get(supply.name) if supply.mechanism is Mechanism.DRA else None,
                        prefix=f"p{index}",
                        load=load,
                        image=ctx.options.load_image or ctx.image(load.image),
                    )
                )
                for index, (place, supply, load) in enumerate(ready)
            )
            await ctx.workspace.vacate()


async def _templates(ctx: Context, namespace: str, supplies: list[Supply]) -> dict[str, str]:
    """A ResourceClaimTemplate for each DeviceClass: its name by the class's."""
    by_class = {one.name: one for one in supplies if one.mechanism is Mechanism.DRA}
    kind = (await ctx.session.discover()).find(_DRA, "ResourceClaimTemplate")
    if by_class and kind is None:
        raise outcomes.Blocked("resource.k8s.io serves devices, but no ResourceClaimTemplates")
    names = {name: f"one-{index}" for index, name in enumerate(by_class)}
    for name, template in names.items():
        assert kind is not None
        await ctx.workspace.create(
            grants.claim_template(by_class[name], template, namespace, api_version=kind.api_version)
        )
    return names
