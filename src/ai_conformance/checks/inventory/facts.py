"""What an inventory needs of the API's objects, taken out of each as its page is read.

A Node of a large cluster has twenty kilobytes and a page of pods several megabytes; what is kept is some hundred bytes.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from typing import Any

from ai_conformance.checks.inventory import device_plugin, dra, taints
from ai_conformance.checks.inventory.model import Device
from ai_conformance.checks.inventory.taints import Taint

Object = Mapping[str, Any]
Held = tuple[str, Mapping[str, int]]
"""A node, and what a pod there holds of its extended resources."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class NodeFacts:
    """A node as far as accelerators go."""

    name: str
    usable: bool
    labels: Mapping[str, str]
    """Which of them a slice selects by is known only when all slices are."""
    allocatable: Mapping[str, int]
    """Extended resources."""
    capacity: Mapping[str, int]
    machine: str
    system: tuple[str, ...]
    """Architecture, system, kernel, container runtime."""
    taints: tuple[Taint, ...] = ()
    """Those that a workload for it tolerates."""
    closing: tuple[str, ...] = ()
    """Those that keep every workload off."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class SliceFacts:
    """A ResourceSlice."""

    driver: str
    pool: str
    generation: int
    count: int
    """How many slices its pool has, as it says."""
    place: Object
    """nodeName, nodeSelector or allNodes."""
    devices: tuple[tuple[Device, Object | None], ...]
    """Each with a place of its own, where the slice leaves that to its devices."""


def is_usable(node: Object) -> bool:
    """Whether a node is Ready and takes pods; what of its taints is tolerated is `taints`' business."""
    ready = any(c["type"] == "Ready" and c["status"] == "True" for c in node.get("status", {}).get("conditions", ()))
    return ready and not node.get("spec", {}).get("unschedulable", False)


def of_node(node: Object) -> NodeFacts:
    """Of a Node."""
    status = node.get("status", {})
    info = status.get("nodeInfo", {})
    # Thousands of nodes have the same labels, and are of the same machine.
    labels = {sys.intern(key): sys.intern(value) for key, value in node["metadata"].get("labels", {}).items()}
    return NodeFacts(
        name=node["metadata"]["name"],
        usable=is_usable(node),
        labels=labels,
        allocatable=device_plugin.extended(status.get("allocatable", {})),
        capacity=device_plugin.extended(status.get("capacity", {})),
        machine=labels.get("node.kubernetes.io/instance-type", ""),
        system=tuple(
            sys.intern(info.get(key, ""))
            for key in ("architecture", "osImage", "kernelVersion", "containerRuntimeVersion")
        ),
        taints=taints.tolerable(node),
        closing=tuple(taints.closing(node)),
    )


def of_slice(item: Object) -> SliceFacts:
    """Of a ResourceSlice."""
    spec = item["spec"]
    driver, pool = sys.intern(spec["driver"]), spec["pool"]["name"]
    own_places = spec.get("perDeviceNodeSelection", False)
    return SliceFacts(
        driver=driver,
        pool=pool,
        generation=spec["pool"]["generation"],
        count=spec["pool"]["resourceSliceCount"],
        place=_place(spec),
        devices=tuple(
            (
                dra.device(raw, driver=driver, pool=pool),
                _place({**raw, **raw.get("basic", {})}) if own_places else None,
            )
            for raw in spec.get("devices", ())
        ),
    )


def _place(of: Object) -> Object:
    return {key: of[key] for key in ("nodeName", "nodeSelector", "allNodes") if key in of}


def of_pod(pod: Object) -> Held | None:
    """Of a pod that holds extended resources of a node and has not ended."""
    node = pod.get("spec", {}).get("nodeName")
    if not node or pod.get("status", {}).get("phase") in device_plugin.ENDED:
        return None
    held = device_plugin.pod_requests(pod)
    return (node, held) if held else None


def of_claim(claim: Object) -> tuple[tuple[str, str, str], ...] | None:
    """(driver, pool, device) of what is allocated to a ResourceClaim."""
    return tuple(dra.allocated([claim])) or None
