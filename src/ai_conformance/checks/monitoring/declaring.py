"""Ways to tell a monitoring system of a workload: annotations are on the pod; where API kinds are served, objects too.

All ways that a platform has are gone at once: which of them its system follows is seen by what it collects.
"""

from __future__ import annotations

import dataclasses
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
PORT = "metrics"
"""The port's name, of the declared pod and of a Service before it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Way:
    """One kind that the cluster has, and who chooses among its objects."""

    kind: MonitorKind
    resource: Resource
    choosing: Sequence[Mapping[str, Any]] = ()

    @property
    def labels(self) -> dict[str, str]:
        """What an object has to have to be chosen."""
        return wanted_labels(self.choosing, field=f"{self.kind.choice}Selector")

    @property
    def namespace_labels(self) -> dict[str, str]:
        """What its namespace has to have."""
        return wanted_labels(self.choosing, field=f"{self.kind.choice}NamespaceSelector")

    @property
    def unheard(self) -> str:
        """Why nobody chooses such an object of a user's namespace, as far as can be told beforehand; else empty."""
        if not self.kind.chosen_by:
            return ""
        said = [_refusal(one, kind=self.kind) for one in self.choosing]
        return "" if said and not all(said) else "; ".join(said) or f"there is no {self.kind.chosen_by} to choose it"

    def objects(self, *, name: str, namespace: str, run: str) -> list[Object]:
        """What declares our workload, in the order of making."""
        monitor = {
            "apiVersion": self.resource.api_version,
            "kind": self.resource.kind,
            "metadata": {"name": name, "namespace": namespace, "labels": self.labels},
            "spec": {
                "selector": {"matchLabels": {workload.DECLARED: run}},
                self.kind.endpoints: [
                    {
                        "port": PORT,
                        "path": workload.PATH,
                        **({"interval": self.kind.interval} if self.kind.interval else {}),
                    }
                ],
            },
        }
        return [*([_service(name, namespace, run=run)] if self.kind.of_services else []), monitor]


async def ways(ctx: Context) -> list[Way]:
    """The ways that the cluster has, beside annotations. Raises DiscoveryIncomplete."""
    known = served(await ctx.session.discover(), known=ctx.catalog.monitor_kinds)
    return [Way(kind=kind, resource=resource, choosing=await _choosers(ctx, kind)) for kind, resource in known]


def once(found: Iterable[Way]) -> list[Way]:
    """Of each group's ways one, the first that is heard: for those who would count a pod twice."""
    best: dict[str, Way] = {}
    for way in found:
        before = best.get(way.kind.group)
        if before is None or (before.unheard and not way.unheard):
            best[way.kind.group] = way
    return list(best.values())


def namespace_labels(found: Iterable[Way]) -> dict[str, str]:
    """What a namespace has to have for all of them."""
    return {key: value for way in found for key, value in way.namespace_labels.items()}


def served(discovery: Discovery, *, known: Iterable[MonitorKind]) -> list[tuple[MonitorKind, Resource]]:
    """The kinds that the cluster has. Raises DiscoveryIncomplete."""
    found = ((one, discovery.find(one.group, one.kind)) for one in known)
    return [(one, resource) for one, resource in found if resource is not None]


async def _choosers(ctx: Context, kind: MonitorKind) -> list[Mapping[str, Any]]:
    """The objects that choose among the kind's, where there are such."""
    if not kind.chosen_by:
        return []
    resource = (await ctx.session.discover()).find(kind.group, kind.chosen_by)
    return [] if resource is None else list((await ctx.session.list(resource)).items)


def _refusal(chooser: Mapping[str, Any], *, kind: MonitorKind) -> str:
    spec, metadata = chooser.get("spec", {}), chooser["metadata"]
    who = f"{kind.chosen_by} {metadata.get('namespace', '')}/{metadata['name']}"
    if spec.get(f"{kind.choice}Selector") is None:
        return f"{who} has no {kind.choice}Selector and so chooses none"
    if spec.get(f"{kind.choice}NamespaceSelector") is None:
        return f"{who} has no {kind.choice}NamespaceSelector and so chooses in its own namespace alone"
    return ""


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


def _service(name: str, namespace: str, *, run: str) -> Object:
    labels = {workload.DECLARED: run}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"selector": labels, "ports": [{"name": PORT, "port": workload.PORT, "targetPort": PORT}]},
    }
