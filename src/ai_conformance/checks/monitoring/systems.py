"""Which monitoring systems there are, and which of them evaluates what it is asked."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.monitoring import patience
from ai_conformance.checks.monitoring.queries import Backend
from ai_conformance.kube import errors, pods, poll, resources

if TYPE_CHECKING:
    from ai_conformance.catalog import MonitoringSystem
    from ai_conformance.checks.context import Context

Object = Mapping[str, Any]
_LOOK_S = 2.0


async def look(ctx: Context) -> list[Backend]:
    """What the user named, else what is in the cluster. Raises Failed where there is nothing."""
    options = ctx.options
    if options.prometheus_url:
        sign = "named by --prometheus-url"
        return [
            Backend(
                where=options.prometheus_url,
                recognised_by=sign,
                url=options.prometheus_url,
                authorization=options.prometheus_authorization,
            )
        ]
    known = ctx.catalog.monitoring_systems
    found = await _ready_or_none(ctx, known=known)
    backends = among(found, known=known)
    if backends:
        return backends
    waiting = [state for pod in found if (state := _not_ready(pod, known=known))]
    if waiting:
        raise outcomes.Failed(f"no monitoring system is ready: {'; '.join(waiting)}")
    signs = "; ".join(
        f"{one.title} by {', '.join((*one.pod_labels, *(f'image {image}' for image in one.images)))}" for one in known
    )
    raise outcomes.Failed(
        f"no monitoring system of a known kind is in the cluster (looked for {signs}); where it is outside of the "
        "cluster, name it with --prometheus-url"
    )


async def _ready_or_none(ctx: Context, *, known: Sequence[MonitoringSystem]) -> Sequence[Object]:
    """All pods, once one of a system is ready, and at once where none is of any.

    One that has just been replaced is not there or not ready for a while: it gets the time that it would have for a
    new target.
    """
    seen = False

    async def listed() -> Sequence[Object]:
        return (await ctx.session.list(resources.POD)).items

    def is_decided(found: Sequence[Object]) -> bool:
        nonlocal seen
        seen = seen or any(recognised(pod, system=one) for pod in found for one in known)
        return not seen or bool(among(found, known=known))

    try:
        return await poll.eventually(
            listed,
            until=is_decided,
            timeout_s=ctx.seconds(waits.TARGET_FOUND),
            waiting_for="a monitoring system to be ready",
            interval_s=_LOOK_S,
        )
    except errors.TimedOut:
        return await listed()


def among(found: Sequence[Object], *, known: Sequence[MonitoringSystem]) -> list[Backend]:
    """The ready ones among pods."""
    backends = []
    for pod in found:
        for system in known:
            sign = recognised(pod, system=system)
            if sign and pods.is_ready(pod):
                namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
                port = _port(pod, system=system)
                backends.append(
                    Backend(
                        where=f"pod {namespace}/{name}",
                        recognised_by=f"{system.title}, {sign}",
                        path=f"/api/v1/namespaces/{namespace}/pods/{name}:{port}/proxy",
                    )
                )
                break
    return sorted(backends, key=lambda one: one.where)


def recognised(pod: Object, *, system: MonitoringSystem) -> str:
    """By what a pod is the system's; empty if it is not."""
    labels = pod["metadata"].get("labels") or {}
    for label in system.pod_labels:
        key, _, value = label.partition("=")
        if labels.get(key) == value:
            return f"label {label}"
    for container in pod["spec"].get("containers") or ():
        last = str(container.get("image", "")).partition("@")[0].rpartition("/")[2].partition(":")[0]
        if last in system.images:
            return f"image {container['image']}"
    return ""


def _not_ready(pod: Object, *, known: Sequence[MonitoringSystem]) -> str:
    where = f"pod {pod['metadata'].get('namespace', '')}/{pod['metadata']['name']}"
    if any(recognised(pod, system=one) for one in known):
        return pods.stuck_reason(pod) or f"{where} is {pods.phase(pod)}, not ready"
    return ""


def _port(pod: Object, *, system: MonitoringSystem) -> int:
    ports = [one for container in pod["spec"]["containers"] for one in container.get("ports") or ()]
    for name in system.port_names:
        for one in ports:
            if one.get("name") == name:
                return int(one["containerPort"])
    return system.port


async def must_evaluate(ctx: Context, backends: Sequence[Backend]) -> str:
    """Each system works out a number that nobody can know beforehand. Raises Failed with what it said instead."""
    told = []
    for backend in backends:
        chance = ctx.session.chance
        first, second = (1000 + chance.below(9000, of="factor") for _ in range(2))
        nonce = chance.token_hex(4, of="nonce")
        query = f'label_replace(vector({first}) * {second}, "nonce", "{nonce}", "", "")'
        said = await patience.eventually(
            functools.partial(backend.ask, ctx.session, query),
            until=lambda _: True,
            timeout_s=ctx.seconds(waits.TARGET_FOUND),
            waiting_for=f"{backend.where} to answer",
        )
        right = len(said) == 1 and said[0].value == first * second and said[0].labels.get("nonce") == nonce
        if not right:
            shown = ", ".join(map(str, said)) or "nothing"
            raise outcomes.Failed(
                f"{backend.where} does not evaluate what it is asked: {query} gives {shown}, not {first * second} "
                f"with the label nonce={nonce}"
            )
        told.append(f"{backend.where} ({backend.recognised_by}) evaluated {first} * {second}")
    return "; ".join(told)
