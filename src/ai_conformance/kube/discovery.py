"""What an API server serves, from aggregated discovery: two requests for everything.

A group whose own server does not answer (an aggregated API that is down) is stale: it is neither served nor absent, and
asking for something in it raises `errors.DiscoveryIncomplete`. Source: API reference, apidiscovery.k8s.io/v2.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ai_conformance.kube import errors
from ai_conformance.kube.resources import Resource

ACCEPT = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Discovery:
    """All resources, each group's versions in the server's order of preference."""

    resources: tuple[Resource, ...]
    stale: frozenset[str] = frozenset()
    """``group/version`` of which nothing can be said."""

    def find(self, group: str, kind_or_plural: str, *, version: str | None = None) -> Resource | None:
        """By kind or plural name, in the preferred version that has it; None where it is known not to be served.

        Raises `errors.DiscoveryIncomplete` where that is not known.
        """
        for one in self.resources:
            if one.group == group and kind_or_plural in (one.kind, one.plural) and version in (None, one.version):
                return one
        unknown = [name for name in self.stale if name.rpartition("/")[0] == group]
        if unknown and (version is None or f"{group}/{version}" in unknown):
            raise errors.DiscoveryIncomplete(
                f"Whether {kind_or_plural} of {group} is served is not known: the server behind {', '.join(unknown)} "
                "does not answer. See its APIService."
            )
        return None

    def versions(self, group: str) -> tuple[str, ...]:
        """Served versions of a group, the preferred one first."""
        return tuple(dict.fromkeys(one.version for one in self.resources if one.group == group))


def parse(documents: Iterable[Any]) -> Discovery:
    """Read APIGroupDiscoveryLists. Raises `errors.Unintelligible`."""
    resources: list[Resource] = []
    stale: set[str] = set()
    for document in documents:
        if not isinstance(document, dict) or document.get("kind") != "APIGroupDiscoveryList":
            raise errors.Unintelligible("no aggregated discovery; Kubernetes has it since 1.30", path="/apis")
        for item in document.get("items") or ():
            group = (item.get("metadata") or {}).get("name", "")
            for version in item.get("versions") or ():
                if version.get("freshness") == "Stale":
                    stale.add(f"{group}/{version['version']}")
                    continue  # what it lists is what it served some time ago
                resources += _resources(group, version)
    return Discovery(resources=tuple(resources), stale=frozenset(stale))


def _resources(group: str, version: Mapping[str, Any]) -> Iterator[Resource]:
    for raw in version.get("resources") or ():
        kind = (raw.get("responseKind") or {}).get("kind")
        if not kind:  # a parent that exists for its subresources only
            continue
        yield Resource(
            group=group,
            version=version["version"],
            plural=raw["resource"],
            kind=kind,
            namespaced=raw.get("scope") == "Namespaced",
            verbs=frozenset(raw.get("verbs") or ()),
            subresources={
                sub["subresource"]: frozenset(sub.get("verbs") or ()) for sub in raw.get("subresources") or ()
            },
        )
