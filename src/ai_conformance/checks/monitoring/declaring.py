"""Ways to tell a monitoring system of a workload: annotations are on the pod; where API kinds are served, objects too.

All ways that a platform has are gone at once: which of them its system follows is seen by what it collects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks.monitoring import workload

if TYPE_CHECKING:
    from ai_conformance.catalog import MonitorKind
    from ai_conformance.checks.context import Context
    from ai_conformance.kube.discovery import Discovery
    from ai_conformance.kube.resources import Resource

Object = dict[str, Any]
ANNOTATIONS = "annotations prometheus.io/scrape, port and path of the pod"


def served(discovery: Discovery, *, known: Iterable[MonitorKind]) -> list[tuple[MonitorKind, Resource]]:
    """The kinds that the cluster has. Raises DiscoveryIncomplete."""
    found = ((one, discovery.find(one.group, one.kind)) for one in known)
    return [(one, resource) for one, resource in found if resource is not None]


async def choosers(ctx: Context, kind: MonitorKind) -> list[Mapping[str, Any]]:
    """The objects that choose among the kind's, where there are such."""
    if not kind.chosen_by:
        return []
    resource = (await ctx.session.discover()).find(kind.group, kind.chosen_by)
    return [] if resource is None else list((await ctx.session.list(resource)).items)


def wanted_labels(choosing: Sequence[Mapping[str, Any]], *, field: str) -> dict[str, str]:
    """Labels that a selector asks for; of several choosers, of the first that has the selector at all."""
    for obj in choosing:
        selector = obj.get("spec", {}).get(field)
        if selector is not None:
            labels = {str(key): str(value) for key, value in (selector.get("matchLabels") or {}).items()}
            for one in selector.get("matchExpressions") or ():
                if one.get("operator") == "In":
                    labels[str(one["key"])] = str(one["values"][0])
                elif one.get("operator") == "Exists":
                    labels[str(one["key"])] = "true"
            return labels
    return {}


def monitor(
    kind: MonitorKind, resource: Resource, *, name: str, namespace: str, run: str, labels: Mapping[str, str]
) -> Object:
    """An object of the kind that declares our workload."""
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
        "spec": {
            "selector": {"matchLabels": {workload.DECLARED: run}},
            kind.endpoints: [{"port": "metrics", "path": workload.PATH, "interval": kind.interval}],
        },
    }
