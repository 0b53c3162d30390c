"""ai_inference: a Gateway splits traffic by weight and routes it by path and header, as inference services need it.

Accepted and Programmed are what a controller says of itself, and it can say so while the data plane is dead or stale:
every case is decided by requests that are sent and counted.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ai_conformance.checks import waits
from ai_conformance.checks.inference import classes, reaching, routes, scene
from ai_conformance.checks.inference.story import Story
from ai_conformance.checks.metadata import INERT, ApiUse, CaseInfo, Relaxed
from ai_conformance.checks.registry import check
from ai_conformance.checks.together import together
from ai_conformance.kube.isolation import Network, PodSecurity
from ai_conformance.model.records import CaseKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from ai_conformance.checks.context import Case, Context

_POSITIVE, _NEGATIVE = CaseKind.POSITIVE, CaseKind.NEGATIVE
_ALL = ("create", "get", "list", "watch", "delete")
_REACHABLE = "GatewayProgrammedAndReachable"

CASES = (
    CaseInfo(
        name=_REACHABLE,
        kind=_POSITIVE,
        proves="a Gateway of an accepted class is programmed, and a pod gets answers at its address",
    ),
    CaseInfo(
        name="WeightedSplit",
        kind=_POSITIVE,
        proves="500 requests are split 80/20/0 as the weights say, and the backend with weight 0 gets none",
    ),
    CaseInfo(
        name="ChangedWeightsFollow",
        kind=_POSITIVE,
        proves="when the weights are changed to 10/0/90, 500 requests are split so",
    ),
    CaseInfo(
        name="HeaderAndPathRouting",
        kind=_POSITIVE,
        proves="requests that satisfy path and header of an OpenAI-style rule all reach its backend",
    ),
    CaseInfo(
        name="StreamedAnswerArrivesPiecewise",
        kind=_POSITIVE,
        proves="the events of a streamed answer arrive one by one, as without a Gateway",
    ),
    CaseInfo(
        name="UnmatchedRequestsAreRefused",
        kind=_NEGATIVE,
        proves="another header, path or host is not found, or goes to the default rule's backend alone",
    ),
    CaseInfo(
        name="MissingBackendIsReported",
        kind=_NEGATIVE,
        proves="a route to a Service that does not exist has ResolvedRefs=False, and its requests get a server error",
    ),
    CaseInfo(
        name="ForeignRouteIsNotAttached",
        kind=_NEGATIVE,
        proves="a route of a namespace that the listener does not allow gets no traffic",
    ),
)

USES = (
    ApiUse(group="", resource="pods", verbs=_ALL),
    ApiUse(group="", resource="pods", subresource="exec", verbs=("create", "get")),
    ApiUse(group="", resource="services", verbs=INERT),
    ApiUse(group=classes.GROUP, resource="gateways", verbs=_ALL),
    ApiUse(group=classes.GROUP, resource="httproutes", verbs=(*_ALL, "patch")),
    ApiUse(group=classes.GROUP, resource="gatewayclasses", verbs=("list",), own_namespace=False),
)


@check(
    "ai_inference",
    artifact="TestAIInference",
    summary="A Gateway splits requests by weight and routes them by path and header; traffic decides, not conditions.",
    cases=CASES,
    uses=USES,
    waits=(
        waits.POD_RUNNING,
        waits.GATEWAY_PROGRAMMED,
        waits.GATEWAY_REACHED,
        waits.ROUTE_FOLLOWS,
        waits.GATEWAY_GONE,
    ),
    needs="an implementation of the Gateway API with an accepted GatewayClass; no accelerator",
    on_fail=(
        "Install an implementation of the Gateway API with a GatewayClass, and see the conditions of the class, the "
        "Gateway and the HTTPRoutes and the log of the implementation; --gateway-class names another class."
    ),
    on_blocked=(
        "Let Gateways get an address that pods reach (a provider of LoadBalancer addresses, or a class whose Gateways "
        "have a cluster address), and let the probe image be pulled; then run anew."
    ),
    accelerators_required=False,
    relaxed=(
        Relaxed(
            level=PodSecurity.BASELINE,
            why="some implementations run their proxies beside the Gateway; how much those need is not what is tried",
        ),
    ),
    network=Network.OPEN,
)
async def ai_inference(ctx: Context) -> None:
    """One Gateway, one client, some thousand requests."""
    api = classes.served(await ctx.session.discover())
    choice = await classes.choose(ctx, api)
    ctx.note(str(choice))
    if choice.others:
        ctx.note(f"also accepted and not tried: {', '.join(choice.others)}; --gateway-class names one")
    async with scene.made(ctx, api=api, choice=choice) as where:
        await scene.ready(where)
        told: Story | None = None
        async with _case(ctx, _REACHABLE) as case:
            told = Story(scene=where, traffic=await reaching.reached(where, case))
        if told is not None:
            await _play(ctx, told)
        gateway = where.gateways.get(routes.GATEWAY)
        if gateway is not None:
            await ctx.workspace.delete(gateway, timeout_s=ctx.seconds(waits.GATEWAY_GONE))


async def _play(ctx: Context, told: Story) -> None:
    """Side by side, each with routes of its own; only the change of weights comes after what it changes."""

    async def in_turn(*parts: tuple[str, Callable[[Case], Awaitable[None]]]) -> None:
        for name, part in parts:
            async with _case(ctx, name) as case:
                await part(case)

    await together(
        [
            in_turn(("WeightedSplit", told.weighted), ("ChangedWeightsFollow", told.changed)),
            in_turn(("HeaderAndPathRouting", told.matched)),
            in_turn(("StreamedAnswerArrivesPiecewise", told.streamed)),
            in_turn(("UnmatchedRequestsAreRefused", told.unmatched)),
            in_turn(("MissingBackendIsReported", told.missing)),
            in_turn(("ForeignRouteIsNotAttached", told.foreign)),
        ]
    )


@contextlib.asynccontextmanager
async def _case(ctx: Context, name: str) -> AsyncIterator[Case]:
    """One case, expected to show what its declaration says."""
    async with ctx.case(name, expected=ctx.metadata.case(name).proves) as one:
        yield one
