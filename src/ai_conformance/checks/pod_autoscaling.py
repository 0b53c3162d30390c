"""pod_autoscaling: a HorizontalPodAutoscaler scales pods that hold accelerators by a custom metric of theirs.

One to two pods and back, by a load that is set from outside; every step that could be mistaken for success is held
against one where nothing may move. A decoy pod has the same metric, high, and is none of the Deployment's.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ai_conformance.checks import grants, outcomes, waits
from ai_conformance.checks.autoscaling import pipeline, story, workload
from ai_conformance.checks.autoscaling.story import Story
from ai_conformance.checks.inventory import Mechanism
from ai_conformance.checks.metadata import INERT, ApiUse, CaseInfo
from ai_conformance.checks.monitoring import declaring
from ai_conformance.checks.registry import check
from ai_conformance.kube import resources
from ai_conformance.kube.isolation import Network
from ai_conformance.kube.mirror import Mirror
from ai_conformance.model.records import CaseKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ai_conformance.checks.context import Case, Context
    from ai_conformance.checks.inventory import Supply

_POSITIVE, _NEGATIVE = CaseKind.POSITIVE, CaseKind.NEGATIVE
_DRA = "resource.k8s.io"
_ALL = ("create", "get", "list", "watch", "delete")

CASES = (
    CaseInfo(
        name="CustomMetricReachesTheMetricsAPI",
        kind=_POSITIVE,
        proves="an unforeseeable value that a pod tells is what the metrics API says of that pod",
    ),
    CaseInfo(
        name="BelowTargetNothingMoves",
        kind=_NEGATIVE,
        proves="the autoscaler sees the metric below its target and leaves the one pod alone",
    ),
    CaseInfo(name="ScalesUpOnLoad", kind=_POSITIVE, proves="above the target it scales to two pods, which are ready"),
    CaseInfo(
        name="PodsHoldDifferentAccelerators",
        kind=_POSITIVE,
        proves="both pods hold an accelerator, and not the same",
    ),
    CaseInfo(name="ScalesDownWhenLoadFalls", kind=_POSITIVE, proves="when the load falls it scales back to one pod"),
    CaseInfo(
        name="MissingMetricChangesNothing",
        kind=_NEGATIVE,
        proves="of a metric that does not exist the autoscaler says so, and nothing moves",
    ),
)

USES = (
    ApiUse(group="", resource="pods", verbs=_ALL),
    ApiUse(group="", resource="pods", verbs=("list",), own_namespace=False),
    ApiUse(group="", resource="pods", subresource="exec", verbs=("create", "get")),
    ApiUse(group="apps", resource="deployments", verbs=_ALL),
    ApiUse(group="autoscaling", resource="horizontalpodautoscalers", verbs=_ALL),
    ApiUse(group="apiregistration.k8s.io", resource="apiservices", verbs=("list",), own_namespace=False),
    # A metric of a pod is a subresource by its name.
    ApiUse(group=pipeline.GROUP, resource="pods", subresource=workload.METRIC, verbs=("get",)),
    ApiUse(group="monitoring.coreos.com", resource="podmonitors", verbs=INERT),
    ApiUse(group="", resource="services", verbs=INERT),
    ApiUse(group="monitoring.coreos.com", resource="servicemonitors", verbs=INERT),
    ApiUse(group="monitoring.coreos.com", resource="prometheuses", verbs=("list",), own_namespace=False),
    ApiUse(group="azmonitoring.coreos.com", resource="podmonitors", verbs=INERT),
    ApiUse(group="monitoring.googleapis.com", resource="podmonitorings", verbs=INERT),
    ApiUse(group=_DRA, resource="resourceclaims", verbs=("list",), own_namespace=False),
    ApiUse(group=_DRA, resource="resourceslices", verbs=("list",), own_namespace=False),
    ApiUse(group=_DRA, resource="deviceclasses", verbs=("list",), own_namespace=False),
    ApiUse(group=_DRA, resource="resourceclaimtemplates", verbs=INERT),
)


@check(
    "pod_autoscaling",
    artifact="TestAcceleratorHorizontalPodAutoscaling",
    summary="Pods that hold accelerators are scaled by a custom metric of theirs, and only by that.",
    cases=CASES,
    uses=USES,
    waits=(
        waits.INVENTORY_SETTLED,
        waits.RESERVATION,
        waits.POD_RUNNING,
        waits.TARGET_FOUND,
        waits.SCALED,
        waits.SCALING_REFUSAL,
        waits.POD_GONE,
    ),
    network=Network.SERVES,
    needs="two free accelerators of one kind on one node, and an adapter that serves custom metrics of pods",
    on_fail=(
        "Install an adapter that serves custom.metrics.k8s.io from the platform's monitoring (prometheus-adapter, "
        "the provider's own), with a rule for gauges of pods, and see the autoscaler's conditions."
    ),
    on_blocked="Free two accelerators of one kind on one node, and let the probe image be pulled; then run anew.",
)
async def pod_autoscaling(ctx: Context) -> None:
    """Up and down once, on the node with the most free accelerators."""
    served = (await ctx.session.discover()).versions("autoscaling")
    if "v2" not in served:
        raise outcomes.NotApplicable(f"the platform does not serve HorizontalPodAutoscaler autoscaling/v2 ({served})")
    api = await pipeline.look(ctx)
    ctx.note(f"custom metrics: {api.service}")
    inventory = await ctx.accelerators()
    fitting = [one for one in inventory.supplies if one.free >= 2 and one.vendor is not None]
    if not fitting:
        seen = inventory.seen()
        raise outcomes.Blocked(f"two free accelerators of one kind on one node are needed: {seen}")
    supply = max(fitting, key=lambda one: (one.free, one.label))
    async with ctx.reservations.hold(parts=[supply.part(2)]):
        await _play(ctx, supply, api=api)
        await ctx.workspace.vacate()


async def _play(ctx: Context, supply: Supply, *, api: pipeline.MetricsApi) -> None:
    namespace = await _stage(ctx, supply)
    async with (
        Mirror.open(ctx.session, resources.POD, namespace=namespace) as pods,
        Mirror.open(ctx.session, resources.HORIZONTAL_POD_AUTOSCALER, namespace=namespace) as scalers,
    ):
        told = Story(ctx=ctx, supply=supply, api=api, namespace=namespace, pods=pods, scalers=scalers)
        await told.ready(1, why="the Deployment has one replica")
        goes_on: list[str] = []
        async with _case(ctx, "CustomMetricReachesTheMetricsAPI") as case:
            await told.reaches_the_api(case)
            goes_on.append(case.observed[-1])
        if not goes_on:
            return
        scaler = await ctx.workspace.create(
            workload.autoscaler(story.SCALER, namespace, of=story.WORKERS, metric=workload.METRIC)
        )
        async with _case(ctx, "BelowTargetNothingMoves") as case:
            await told.stays(case)
        async with _case(ctx, "ScalesUpOnLoad") as case:
            await told.scales(case, to=2, load=workload.HIGH)
            goes_on.append(case.observed[-1])
        if len(goes_on) < 2:
            return
        async with _case(ctx, "PodsHoldDifferentAccelerators") as case:
            await told.differ(case)
        async with _case(ctx, "ScalesDownWhenLoadFalls") as case:
            await told.scales(case, to=1, load=workload.LOW[0])
            goes_on.append(case.observed[-1])
        if len(goes_on) < 3:
            return
        await ctx.workspace.delete(scaler, timeout_s=ctx.seconds(waits.POD_GONE))
        await ctx.workspace.create(
            workload.autoscaler(story.BLIND, namespace, of=story.WORKERS, metric=workload.MISSING_METRIC)
        )
        async with _case(ctx, "MissingMetricChangesNothing") as case:
            await told.blind(case)


async def _stage(ctx: Context, supply: Supply) -> str:
    """The Deployment and the decoy, declared in every way that there is; their namespace."""
    run = ctx.session.chance.token_hex(6, of="run")
    discovery = await ctx.session.discover()
    # Adapters sum what several jobs have of a pod: it is declared once.
    found = declaring.once(await declaring.ways(ctx))
    namespace = await ctx.workspace.namespace(labels=declaring.namespace_labels(found))
    template = None
    if supply.mechanism is Mechanism.DRA:
        kind_of_template = discovery.find(_DRA, "ResourceClaimTemplate")
        if kind_of_template is None:
            raise outcomes.Blocked("resource.k8s.io serves devices, but no ResourceClaimTemplates")
        template = "one"
        await ctx.workspace.create(
            grants.claim_template(supply, template, namespace, api_version=kind_of_template.api_version)
        )
    for way in found:
        for obj in way.objects(name="workers", namespace=namespace, run=run):
            await ctx.workspace.create(obj)
    image = ctx.image("probe")
    await ctx.workspace.create(workload.decoy(story.DECOY, namespace, image=image, supply=supply, run=run))
    await ctx.workspace.create(
        workload.deployment(
            story.WORKERS,
            namespace,
            image=image,
            supply=supply,
            template=template,
            run=run,
            start=workload.LOW[0],
        )
    )
    return namespace


@contextlib.asynccontextmanager
async def _case(ctx: Context, name: str) -> AsyncIterator[Case]:
    """One case, expected to show what its declaration says."""
    async with ctx.case(name, expected=ctx.metadata.case(name).proves) as one:
        yield one
