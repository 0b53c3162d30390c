"""The way of a metric from a pod to the metrics API: whether that is served, and what it says of a pod."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes
from ai_conformance.kube import errors, quantities, resources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_conformance.checks.context import Context

GROUP = "custom.metrics.k8s.io"


@dataclasses.dataclass(frozen=True, kw_only=True)
class MetricsApi:
    """The custom metrics API in the version that is served."""

    version: str
    service: str
    """Who answers it, for messages."""

    async def value(self, ctx: Context, *, namespace: str, pod: str, metric: str) -> float | None:
        """A metric of one pod; None where the API knows none. Raises Failed where the answer is another pod's."""
        path = f"/apis/{GROUP}/{self.version}/namespaces/{namespace}/pods/{pod}/{metric}"
        try:
            answer = (await ctx.session.request("GET", path)).json()
        except errors.NotFound:
            return None
        except errors.ServerError as error:
            raise outcomes.Failed(f"the metrics pipeline does not answer: {error}") from error
        items = answer.get("items") or ()
        named = [str(one.get("describedObject", {}).get("name")) for one in items]
        if named and named != [pod]:
            raise outcomes.Failed(f"asked for {metric} of pod {pod}, {self.service} tells of {', '.join(named)}")
        return float(quantities.parse(str(items[0]["value"]))) if items else None


async def look(ctx: Context) -> MetricsApi:
    """The served API. Raises Failed where there is none, or where nobody is behind it."""
    return chosen((await ctx.session.list(resources.API_SERVICE)).items)


def chosen(services: Sequence[Mapping[str, Any]]) -> MetricsApi:
    """Among all APIServices; the newest version that is available."""
    mine = sorted((one for one in services if one["spec"].get("group") == GROUP), key=_version, reverse=True)
    states = []
    for one in mine:
        conditions = (one.get("status") or {}).get("conditions") or ()
        available: Mapping[str, Any] = next((each for each in conditions if each["type"] == "Available"), {})
        if available.get("status") == "True":
            return MetricsApi(version=_version(one), service=f"APIService {one['metadata']['name']}")
        states.append(f"{one['metadata']['name']}: {available.get('message') or 'no condition'}")
    if states:
        raise outcomes.Failed(f"the API {GROUP} is registered and nobody answers it: {'; '.join(states)}")
    raise outcomes.Failed(f"no API {GROUP} is served: a HorizontalPodAutoscaler cannot see a custom metric of any pod")


def _version(service: Mapping[str, Any]) -> str:
    return str(service["spec"].get("version", ""))
