"""The nodes of a cluster while one of its pools is scaled: which have joined, what they expose, which were touched."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks.inventory import Mechanism, device_plugin
from ai_conformance.kube import pods

if TYPE_CHECKING:
    from ai_conformance.checks.inventory import Supply
    from ai_conformance.checks.scaling.pools import Pool

Object = Mapping[str, Any]

_CONDITION_TAINTS = "node.kubernetes.io/"
"""Set by the node controller for conditions of the node: nobody who scales does that."""
_SOFT = "PreferNoSchedule"
"""Keeps nobody away; cluster-autoscaler puts such a taint on any node that is little used, whatever it then does."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Before:
    """The nodes as they were at the beginning, by UID."""

    nodes: Mapping[str, Object]

    @classmethod
    def of(cls, nodes: Iterable[Object]) -> Before:
        """Remember these."""
        return cls(nodes={uid(node): node for node in nodes})

    def joined(self, nodes: Iterable[Object], *, pool: Pool) -> list[Object]:
        """Nodes of the pool that were not there; one with a known name and a new UID is new."""
        return [node for node in nodes if pool.has(node) and uid(node) not in self.nodes]

    def touched(
        self, seen: Sequence[Object], *, now: Iterable[Object], pool: Pool, pool_labels: Sequence[str]
    ) -> list[str]:
        """A sentence for each node that was there and that somebody removed, replaced or kept pods away from.

        ``seen`` is every state that a node had since, in order. A node of another scaled pool may be emptied and go by
        itself, for it may have been idle.
        """
        there = {uid(node) for node in now}
        said: dict[str, str] = {}
        judged = {key: node for key, node in self.nodes.items() if pool.has(node) or not _scaled(node, pool_labels)}
        for key, node in judged.items():
            if key not in there:
                said[key] = f"node {name(node)} was removed"
        for state in seen:
            first = judged.get(uid(state))
            change = first and _kept_away(first, state)
            if change and uid(state) in there:
                said.setdefault(uid(state), f"node {name(state)} {change}")
        return list(said.values())


def _scaled(node: Object, pool_labels: Sequence[str]) -> bool:
    labels = node["metadata"].get("labels") or {}
    return any(label in labels for label in pool_labels)


def _kept_away(first: Object, state: Object) -> str | None:
    if state["spec"].get("unschedulable") and not first["spec"].get("unschedulable"):
        return "was made unschedulable"
    new = _taints(state) - _taints(first)
    return f"got the taint {', '.join(sorted(new))}" if new else None


def _taints(node: Object) -> set[str]:
    return {
        f"{taint['key']}:{taint['effect']}"
        for taint in node["spec"].get("taints") or ()
        if taint["effect"] != _SOFT and not taint["key"].startswith(_CONDITION_TAINTS)
    }


def uid(node: Object) -> str:
    """What tells it from another of its name."""
    return str(node["metadata"]["uid"])


def name(node: Object) -> str:
    """Of its object."""
    return str(node["metadata"]["name"])


def offers(node: Object, *, supply: Supply, slices: Iterable[Object]) -> int:
    """How many accelerators of the kind a node exposes."""
    if supply.mechanism is Mechanism.DEVICE_PLUGIN:
        found = str((node.get("status", {}).get("allocatable") or {}).get(supply.name, "0"))
        return int(found) if found.isdigit() else 0
    return sum(
        len(one["spec"].get("devices") or ())
        for one in _of_node(slices, node)
        if one["spec"]["driver"] == supply.driver
    )


def exposed(node: Object, *, slices: Iterable[Object]) -> str:
    """What a node exposes of any kind, for a person."""
    resources = [
        f"{count} {key}"
        for key, count in (node.get("status", {}).get("allocatable") or {}).items()
        if device_plugin.is_extended(key) and str(count) != "0"
    ]
    devices = [
        f"{len(one['spec'].get('devices') or ())} devices of driver {one['spec']['driver']}"
        for one in _of_node(slices, node)
    ]
    return ", ".join([*resources, *devices]) or "no accelerator of any kind"


def _of_node(slices: Iterable[Object], node: Object) -> list[Object]:
    return [one for one in slices if one["spec"].get("nodeName") == name(node)]


def describe(node: Object) -> str:
    """How a node is that should be gone, for a person."""
    ready = pods.condition(node, "Ready") or {}
    state = {"True": "Ready", "False": "NotReady"}.get(str(ready.get("status")), "NotReady (its kubelet is silent)")
    leaving = node["metadata"].get("deletionTimestamp")
    if not leaving:
        return state
    kept = ", ".join(node["metadata"].get("finalizers") or ()) or "nothing"
    return f"{state}, asked to go since {leaving}, kept by {kept}"
