"""ai_service_metrics: the platform's monitoring discovers a workload that exposes metrics, and collects what it counts.

A workload whose counts are known is declared in the ways that the platform has; what the monitoring system says of it
is compared with what was really sent, one request more or less. A second workload serves the same and is not declared.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.metadata import INERT, ApiUse, CaseInfo, EvidenceInfo
from ai_conformance.checks.monitoring import declaring, systems, workload
from ai_conformance.checks.monitoring.story import Story
from ai_conformance.checks.registry import check
from ai_conformance.checks.together import together
from ai_conformance.kube import errors, pods, resources
from ai_conformance.kube.isolation import Network
from ai_conformance.kube.mirror import Mirror
from ai_conformance.model.records import CaseKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from ai_conformance.checks.context import Case, Context
    from ai_conformance.checks.monitoring.queries import Backend

_POSITIVE, _CONTROL = CaseKind.POSITIVE, CaseKind.CONTROL

CASES = (
    CaseInfo(
        name="ControlQueryIsEvaluated",
        kind=_CONTROL,
        proves="the monitoring system works out a number that nobody can know beforehand",
    ),
    CaseInfo(
        name="WorkloadIsDiscovered",
        kind=_POSITIVE,
        proves="a workload that declares its metrics is discovered, and its series are there",
    ),
    CaseInfo(
        name="RequestsAreCountedExactly",
        kind=_POSITIVE,
        proves="the counter becomes as many as the requests that were sent, and stays so",
    ),
    CaseInfo(name="OneMoreRequestCountsOneMore", kind=_POSITIVE, proves="one more request makes it one more"),
    CaseInfo(
        name="HistogramIsCollected",
        kind=_POSITIVE,
        proves="a histogram's buckets, sum and count are collected and agree with what was sent",
    ),
    CaseInfo(name="GaugeFollows", kind=_POSITIVE, proves="a gauge shows an unforeseeable value after it was set"),
    CaseInfo(
        name="LabelsIdentifyTheWorkload",
        kind=_POSITIVE,
        proves="labels of the series name the workload's namespace and pod",
    ),
    CaseInfo(name="TargetIsUp", kind=_POSITIVE, proves="the workload is listed as a target that is up"),
    CaseInfo(
        name="ControlUndeclaredWorkloadIsAbsent",
        kind=_CONTROL,
        proves="a workload that serves the same metrics and does not declare them is not there",
    ),
    CaseInfo(name="SeriesEnds", kind=_POSITIVE, proves="when the workload has gone its series ends"),
)

USES = (
    ApiUse(group="", resource="pods", verbs=("create", "get", "list", "watch", "delete")),
    ApiUse(group="", resource="pods", verbs=("list",), own_namespace=False),
    ApiUse(group="", resource="pods", subresource="exec", verbs=("create", "get")),
    ApiUse(group="", resource="pods", subresource="proxy", verbs=("get",), own_namespace=False),
    ApiUse(group="monitoring.coreos.com", resource="podmonitors", verbs=INERT),
    ApiUse(group="", resource="services", verbs=INERT),
    ApiUse(group="monitoring.coreos.com", resource="servicemonitors", verbs=INERT),
    ApiUse(group="monitoring.coreos.com", resource="prometheuses", verbs=("list",), own_namespace=False),
    ApiUse(group="azmonitoring.coreos.com", resource="podmonitors", verbs=INERT),
    ApiUse(group="monitoring.googleapis.com", resource="podmonitorings", verbs=INERT),
)


@check(
    "ai_service_metrics",
    artifact="TestAIServiceMetrics",
    summary="The monitoring system discovers a workload and collects exactly what it counts.",
    cases=CASES,
    uses=USES,
    waits=(
        waits.POD_RUNNING,
        waits.TARGET_FOUND,
        waits.COLLECTED,
        waits.COUNT_STAYS,
        waits.POD_GONE,
        waits.SERIES_ENDED,
    ),
    evidence=(EvidenceInfo(name="histogram.json", content="the buckets as the monitoring system has them"),),
    needs="a monitoring system that answers PromQL, in the cluster or at --prometheus-url",
    accelerators_required=False,
    network=Network.SERVES,
    on_fail=(
        "Let the monitoring system discover pods by annotation, PodMonitor, ServiceMonitor or its own kind in every "
        "namespace, and keep the labels of their series and those of namespace and pod; name a managed one with "
        "--prometheus-url."
    ),
    on_blocked="Allow what the plan lists (exec, pods/proxy), and let the probe image be pulled; then run anew.",
)
async def ai_service_metrics(ctx: Context) -> None:
    """The story of two workloads, one declared and one not."""
    backends = await systems.look(ctx)
    evaluated: list[bool] = []
    async with _case(ctx, "ControlQueryIsEvaluated") as case:
        case.observe(await systems.must_evaluate(ctx, backends))
        evaluated.append(True)
    if not evaluated:
        return
    story, ways = await _stage(ctx, backends)
    async with Mirror.open(ctx.session, resources.POD, namespace=story.namespace) as view:
        await together(_ready(ctx, view, name) for name in (story.pod, story.undeclared_pod))
        story.address = _address(view, story.pod)
        story.undeclared_address = _address(view, story.undeclared_pod)
        await story.send(1)
        async with _case(ctx, "WorkloadIsDiscovered") as case:
            await story.found(case, ways=ways)
        if story.backend is not None:
            await _collected(ctx, story)
            async with _case(ctx, "SeriesEnds") as case:
                await story.ends(case, remove=lambda: _remove(ctx, view, story.pod))


@contextlib.asynccontextmanager
async def _case(ctx: Context, name: str) -> AsyncIterator[Case]:
    """One case, expected to show what its declaration says."""
    async with ctx.case(name, expected=ctx.metadata.case(name).proves) as one:
        yield one


async def _collected(ctx: Context, story: Story) -> None:
    """What is there of the workload while it runs."""
    some = 20 + ctx.session.chance.below(30, of="requests")
    steps: tuple[tuple[str, Callable[[Case], Awaitable[None]]], ...] = (
        ("RequestsAreCountedExactly", lambda case: story.counted(case, more=some)),
        ("OneMoreRequestCountsOneMore", lambda case: story.counted(case, more=1)),
        ("HistogramIsCollected", story.histogram),
        ("GaugeFollows", story.gauge),
        ("LabelsIdentifyTheWorkload", story.labels),
        ("TargetIsUp", story.up),
        ("ControlUndeclaredWorkloadIsAbsent", story.absent),
    )
    for name, step in steps:
        async with _case(ctx, name) as case:
            await step(case)


async def _stage(ctx: Context, backends: list[Backend]) -> tuple[Story, list[str]]:
    """Both workloads, and the declarations of the first; the ways in which it is declared."""
    run, undeclared = (ctx.session.chance.token_hex(6, of="run") for _ in range(2))
    found = await declaring.ways(ctx)
    namespace = await ctx.workspace.namespace(labels=declaring.namespace_labels(found))
    story = Story(
        ctx=ctx,
        backends=backends,
        namespace=namespace,
        pod="declared",
        run=run,
        undeclared_pod="undeclared",
        undeclared_run=undeclared,
    )
    ways = [declaring.ANNOTATIONS]
    for way in found:
        for obj in way.objects(name="declared", namespace=namespace, run=run):
            await ctx.workspace.create(obj)
        ways.append(f"a {way.kind.title}{f' ({way.unheard})' if way.unheard else ''}")
    image = ctx.image("probe")
    await together(
        ctx.workspace.create(workload.pod(name, namespace, image=image, run=which, declared=declared))
        for name, which, declared in ((story.pod, run, True), (story.undeclared_pod, undeclared, False))
    )
    for said in ways:
        ctx.note(f"declared by {said}")
    return story, ways


async def _ready(ctx: Context, view: Mirror, name: str) -> None:
    def ready(seen: Mirror) -> bool | None:
        pod = seen.get(name)
        stuck = pods.hopeless_reason(pod) if pod is not None else None
        if stuck:
            raise outcomes.Blocked(stuck)
        return True if pod is not None and pods.is_ready(pod) else None

    wait_s = ctx.seconds(waits.POD_RUNNING)
    try:
        await view.until(ready, timeout_s=wait_s, waiting_for=f"pod {name} to serve")
    except errors.TimedOut as late:
        pod = view.get(name)
        said = (pods.stuck_reason(pod) if pod is not None else None) or late.last
        raise outcomes.Blocked(f"pod {name} did not become ready within {wait_s:g} s: {said}") from late


def _address(view: Mirror, name: str) -> str:
    return str((view.get(name) or {}).get("status", {}).get("podIP", ""))


async def _remove(ctx: Context, view: Mirror, name: str) -> None:
    pod = view.get(name)
    if pod is not None:
        await ctx.workspace.delete(pod, timeout_s=ctx.seconds(waits.POD_GONE))
