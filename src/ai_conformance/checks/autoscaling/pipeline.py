"""The way of a metric from a pod to the metrics API: whether that is served, and what it says of a pod."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes, waits
from ai_conformance.kube import errors, pods, poll, quantities, resources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_conformance.checks.context import Context

GROUP = "custom.metrics.k8s.io"
_LOOK_S = 2.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class MetricsApi:
    """The custom metrics API in the version that is served."""

    version: str
    service: str
    """Who answers it, for messages."""

    async def says(self, ctx: Context, *, namespace: str, pod: str, metric: str) -> float | str:
        """A metric of one pod, or in words why there is none now. Raises Failed where the answer is another pod's."""
        path = f"/apis/{GROUP}/{self.version}/namespaces/{namespace}/pods/{pod}/{metric}"
        try:
            answer = (await ctx.session.request("GET", path)).json()
        except errors.NotFound:
            return "does not know the metric"
        except errors.ServerError as error:
            return f"does not answer: {error}"
        items = answer.get("items") or ()
        named = [str(one.get("describedObject", {}).get("name")) for one in items]
        if named and named != [pod]:
            raise outcomes.Failed(f"asked for {metric} of pod {pod}, {self.service} tells of {', '.join(named)}")
        return float(quantities.parse(str(items[0]["value"]))) if items else "has no value of the metric"


async def look(ctx: Context) -> MetricsApi:
    """The served API. Raises Failed where there is none, or where nobody is behind it and nobody comes.

    An adapter whose monitoring system has just restarted answers nothing for a while, and the API server looks at it
    only now and then: what is registered gets the time that a monitoring system has to find its targets.
    """
    wait_s = ctx.seconds(waits.TARGET_FOUND)

    async def registered() -> list[Mapping[str, Any]]:
        return mine((await ctx.session.list(resources.API_SERVICE)).items)

    try:
        services = await poll.eventually(
            registered,
            until=lambda seen: not seen or any(map(_available, seen)),
            timeout_s=wait_s,
            waiting_for="the custom metrics API to be answered",
            interval_s=_LOOK_S,
        )
    except errors.TimedOut:
        services = await registered()
    return chosen(services, after_s=wait_s)


def mine(services: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Among all APIServices those of the custom metrics API, newest version first."""
    return sorted((one for one in services if one["spec"].get("group") == GROUP), key=_version, reverse=True)


def chosen(services: Sequence[Mapping[str, Any]], *, after_s: float) -> MetricsApi:
    """Of the custom metrics API's APIServices the first that is available; there was time for that, in seconds."""
    for one in services:
        if _available(one):
            return MetricsApi(version=_version(one), service=f"APIService {one['metadata']['name']}")
    states = [
        f"{one['metadata']['name']}: {(pods.condition(one, 'Available') or {}).get('message') or 'no condition'}"
        for one in services
    ]
    if states:
        raise outcomes.Failed(
            f"the API {GROUP} is registered and after {after_s:g} s nobody answers it: {'; '.join(states)}"
        )
    raise outcomes.Failed(f"no API {GROUP} is served: a HorizontalPodAutoscaler cannot see a custom metric of any pod")


def _available(service: Mapping[str, Any]) -> bool:
    return (pods.condition(service, "Available") or {}).get("status") == "True"


def _version(service: Mapping[str, Any]) -> str:
    return str(service["spec"].get("version", ""))
