"""Nodes on demand: each Node object of an autoscaler's pool becomes a real node of the lab, and ends with the object.

An autoscaler's provider makes machines in a cloud; the lab's makes Node objects only. The process of this room stands
for the cloud: it starts containerd, kubelet, kube-proxy and the accelerators under the object's name, takes the startup
taint off when the devices are there, and takes everything away when the object goes.
"""

from __future__ import annotations

import enum
from pathlib import Path

COMPONENT = "node-pool"
"""The process, as a component of the lab."""
POOL_LABEL = "karpenter.sh/nodepool"
"""Node objects that bear it are this room's business."""
STARTING = "lab.ai-conformance/starting"
"""Key of the startup taint."""
STAYS = "lab.ai-conformance/stays"
"""A finalizer: the Node object stays, however often somebody deletes it."""
TOUCHED = "lab.ai-conformance/touched"
"""An annotation on nodes that a fault has made unschedulable."""


class Way(enum.StrEnum):
    """How nodes are made and taken away wrongly; the value is the name of a file that sets it."""

    OTHER_VENDOR = "other-vendor"
    """They carry accelerators of another kind than was asked for."""
    NO_DEVICES = "no-devices"
    """They carry none."""
    KUBELET_ONLY = "kubelet-only"
    """When the object is deleted, only the kubelet ends, and the object stays."""
    TOUCHES_OTHERS = "touches-others"
    """When one is made, a node that is none of the pool's takes no pods any more."""


def _folder(state: Path) -> Path:
    return state / "components" / COMPONENT


def ways(state: Path) -> frozenset[Way]:
    """What is set in a lab's state folder."""
    return frozenset(way for way in Way if (_folder(state) / way.value).exists())


def turn(state: Path, way: Way, *, on: bool) -> None:
    """Set or clear one; it holds for all that begins afterwards."""
    path = _folder(state) / way.value
    if on:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    else:
        path.unlink(missing_ok=True)
