"""Which of Kueue's ClusterQueues takes a group, and how much it has left; pure.

Source: Kueue's API (kueue.x-k8s.io/v1beta1 and v1beta2, where these fields are alike): ClusterQueue.spec.resourceGroups
and status.flavorsReservation, ResourceFlavor.spec.nodeLabels and topologyName, Topology.spec.levels.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ai_conformance.kube import pods, quantities

Object = Mapping[str, Any]

HOST_LEVEL = "kubernetes.io/hostname"
"""The level at which a topology counts what single nodes have left."""
_CLOSED_FOR_GOOD = frozenset({"Stopped", "Terminating"})
"""Reasons of a queue that somebody has closed; any other goes when Kueue has seen what the queue refers to."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Queue:
    """A ClusterQueue that takes a group."""

    name: str
    flavor: str
    """The one from which members get what is scarce."""
    topology: str = ""
    """Empty where the flavour names none: then the queue counts quota, and not what nodes have left."""
    room: int
    """Members for which there is nominal quota that nobody has reserved."""

    def __str__(self) -> str:
        how = f"with topology {self.topology}" if self.topology else "without a topology"
        return f"ClusterQueue {self.name}, flavour {self.flavor} {how}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a member asks for, where, and from which namespace."""

    requests: Mapping[str, str]
    """Quantities by resource; the scarce one first."""
    node_labels: Mapping[str, str]
    namespace_labels: Mapping[str, str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Landscape:
    """Kueue's cluster-scoped objects."""

    queues: Sequence[Object]
    flavors: Sequence[Object]
    topologies: Sequence[Object]


def choose(landscape: Landscape, *, wanted: Wanted, name: str = "") -> tuple[Queue | None, list[str]]:
    """The queue to use, and why each other one is not used; ``name`` leaves no other choice.

    One with a topology is preferred: a queue without one cannot promise what is asked for. Then the one with most room.
    """
    usable: list[Queue] = []
    refused: list[str] = []
    for queue in landscape.queues:
        if name and queue["metadata"]["name"] != name:
            continue
        found = _usable(queue, landscape=landscape, wanted=wanted)
        if isinstance(found, Queue):
            usable.append(found)
        else:
            refused.append(f"{queue['metadata']['name']} {found}")
    usable.sort(key=lambda one: (not one.topology, -one.room, one.name))
    return (usable[0] if usable else None), refused


def may_open(landscape: Landscape, *, wanted: Wanted, name: str = "") -> bool:
    """Whether a queue would take the group but for being inactive, as all are for a moment when Kueue has restarted."""
    return any(
        (pods.condition(queue, "Active") or {}).get("reason") not in _CLOSED_FOR_GOOD
        and isinstance(_offered(queue, landscape=landscape, wanted=wanted), Queue)
        for queue in landscape.queues
        if _inactive(queue) and name in ("", queue["metadata"]["name"])
    )


def _usable(queue: Object, *, landscape: Landscape, wanted: Wanted) -> Queue | str:
    """The queue as a group would see it, or why it does not take the group."""
    return _inactive(queue) or _offered(queue, landscape=landscape, wanted=wanted)


def _offered(queue: Object, *, landscape: Landscape, wanted: Wanted) -> Queue | str:
    """The same, of a queue that is active or is going to be."""
    if not selects(queue["spec"].get("namespaceSelector"), labels=wanted.namespace_labels):
        return "does not take the check's namespace (spec.namespaceSelector)"
    flavors: list[str] = []
    rooms: list[int] = []
    for resource, amount in wanted.requests.items():
        groups = queue["spec"].get("resourceGroups", ())
        group = next((one for one in groups if resource in one.get("coveredResources", ())), None)
        flavor = _flavor(group, landscape=landscape, node_labels=wanted.node_labels) if group else None
        if group is None or flavor is None:
            return f"has no flavour for {resource} on that node" if group else f"does not cover {resource}"
        flavors.append(flavor)
        rooms.append(int(_left(queue, group=group, flavor=flavor, resource=resource) // quantities.parse(amount)))
    if min(rooms) < 2:
        return f"has unreserved quota for {max(min(rooms), 0)} members"
    topology = _topology(landscape, flavor=flavors[0])
    if topology is None:
        return f"has flavour {flavors[0]}, whose topology does not go down to {HOST_LEVEL}"
    return Queue(name=queue["metadata"]["name"], flavor=flavors[0], topology=topology, room=min(rooms))


def _inactive(queue: Object) -> str:
    """Why it takes no group, whatever it asks for; empty where it is active."""
    active = pods.condition(queue, "Active")
    if active is None or active.get("status") != "True":
        return "is not active" + (f" ({active.get('reason', '')}: {active.get('message', '')})" if active else "")
    return ""


def _flavor(group: Object, *, landscape: Landscape, node_labels: Mapping[str, str]) -> str | None:
    """The first flavour of a resource group whose nodes the node is one of: Kueue tries them in that order."""
    known = {one["metadata"]["name"]: one.get("spec", {}) for one in landscape.flavors}
    for one in group.get("flavors", ()):
        labels = known.get(one["name"], {}).get("nodeLabels", {})
        if one["name"] in known and all(node_labels.get(key) == value for key, value in labels.items()):
            return str(one["name"])
    return None


def _topology(landscape: Landscape, *, flavor: str) -> str | None:
    """The flavour's topology, empty where it has none; None where that topology does not tell nodes apart."""
    spec = next(one.get("spec", {}) for one in landscape.flavors if one["metadata"]["name"] == flavor)
    name = str(spec.get("topologyName") or "")
    levels = [
        level.get("nodeLabel")
        for one in landscape.topologies
        if one["metadata"]["name"] == name
        for level in one["spec"].get("levels", ())
    ]
    return None if name and HOST_LEVEL not in levels else name


def _left(queue: Object, *, group: Object, flavor: str, resource: str) -> Decimal:
    """Nominal quota less what is reserved; what might be borrowed is left out of account."""
    quota = (
        one.get("nominalQuota", "0")
        for entry in group["flavors"]
        if entry["name"] == flavor
        for one in entry.get("resources", ())
        if one["name"] == resource
    )
    reserved = (
        one.get("total", "0")
        for entry in queue.get("status", {}).get("flavorsReservation", ())
        if entry["name"] == flavor
        for one in entry.get("resources", ())
        if one["name"] == resource
    )
    return _sum(quota) - _sum(reserved)


def _sum(amounts: Iterable[object]) -> Decimal:
    return sum((quantities.parse(str(one)) for one in amounts), start=Decimal(0))


def selects(selector: Object | None, *, labels: Mapping[str, str]) -> bool:
    """Whether a label selector takes these labels; None takes nothing, an empty one everything (API reference)."""
    if selector is None:
        return False
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    return all(_expression(one, labels=labels) for one in selector.get("matchExpressions", ()))


def _expression(one: Object, *, labels: Mapping[str, str]) -> bool:
    key, values = one["key"], one.get("values", ())
    return {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }.get(one["operator"], False)
