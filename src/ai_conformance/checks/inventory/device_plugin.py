"""What nodes say about extended resources of device plugins (KEP-3573): allocatable, and requested by pods."""

from __future__ import annotations

import collections
import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ai_conformance.checks.inventory.model import Mechanism, Supply

if TYPE_CHECKING:
    from ai_conformance.catalog import Vendor
    from ai_conformance.checks.inventory.facts import Held, NodeFacts

Object = Mapping[str, Any]

ENDED = {"Succeeded", "Failed"}


def requested(held: Iterable[Held]) -> Mapping[tuple[str, str], int]:
    """Units by (node, extended resource) that pods hold."""
    total: dict[tuple[str, str], int] = collections.Counter()
    for node, units in held:
        for name, count in units.items():
            total[node, name] += count
    return total


def pod_requests(pod: Object) -> Mapping[str, int]:
    """Units of extended resources a pod holds: the sum over its containers, or one init container if that is more.

    An init container that is restarted always (a sidecar) runs beside the containers and counts with them.
    """
    running: dict[str, int] = collections.Counter()
    highest: dict[str, int] = {}
    for container in pod["spec"].get("containers", ()):
        for name, count in _extended(container).items():
            running[name] += count
    for container in pod["spec"].get("initContainers", ()):
        for name, count in _extended(container).items():
            if container.get("restartPolicy") == "Always":
                running[name] += count
            else:
                highest[name] = max(highest.get(name, 0), count)
    return {name: max(running.get(name, 0), highest.get(name, 0)) for name in {*running, *highest}}


def _extended(container: Object) -> Mapping[str, int]:
    limits = container.get("resources", {}).get("limits", {})
    return {name: int(count) for name, count in limits.items() if is_extended(name)}


@functools.cache
def is_extended(name: str) -> bool:
    """Whether a resource name is an extended resource: a domain that is not Kubernetes' own."""
    domain, slash, _ = name.partition("/")
    return bool(slash) and not domain.endswith("kubernetes.io")


def extended(resources: Mapping[str, Any]) -> Mapping[str, int]:
    """The extended resources among a node's."""
    return {name: int(count) for name, count in resources.items() if is_extended(name) and str(count).isdigit()}


def supplies(
    nodes: Mapping[str, NodeFacts], *, held: Iterable[Held], known: Mapping[str, Vendor], served_by_dra: set[str]
) -> list[Supply]:
    """One supply for each node and known resource that a device plugin has there.

    Where it reports all devices as unhealthy, the capacity is there and nothing of it is allocatable: a supply of which
    none is free, so that nobody takes the node for one without accelerators.
    """
    taken = requested(held)
    return [
        Supply(
            mechanism=Mechanism.DEVICE_PLUGIN,
            node=name,
            name=resource,
            vendor=known[resource],
            total=healthy or capacity,
            free=max(0, healthy - taken.get((name, resource), 0)),
            healthy=healthy > 0,
        )
        for name, node in nodes.items()
        for resource, capacity in {**node.allocatable, **node.capacity}.items()
        for healthy in [node.allocatable.get(resource, 0)]
        if capacity > 0 and resource in known and resource not in served_by_dra
    ]


def unknown(nodes: Mapping[str, NodeFacts], *, known: Mapping[str, Vendor], served_by_dra: set[str]) -> list[str]:
    """A sentence for each extended resource that is offered but is not known as an accelerator."""
    seen: dict[str, list[str]] = collections.defaultdict(list)
    for name, node in nodes.items():
        for resource, total in node.allocatable.items():
            if total > 0 and resource not in known and resource not in served_by_dra:
                seen[resource].append(name)
    return [
        f"extended resource {resource} on {', '.join(where[:3])}{' and others' if len(where) > 3 else ''} "
        "is not known as an accelerator"
        for resource, where in sorted(seen.items())
    ]
