"""Faults of a node: switches that its driver, device plugin and container runtime follow."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ai_conformance.lab.accelerators import switches
from ai_conformance.lab.accelerators.api import Client
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.flavours import Mechanism
from ai_conformance.lab.accelerators.switches import Switch
from ai_conformance.lab.faults.effects.objects import wait_for
from ai_conformance.lab.faults.model import FaultError, FaultyLab, node_folder
from ai_conformance.lab.waiting import WaitTimeoutError, poll_until

_TAKE_UP_S = 20
"""The driver acts at once and then writes one or two objects; the rest is for a machine under load."""
_KUBELET_S = 60
"""A kubelet reports changed resources with its next status, every 10 s by default."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class NodeSwitches:
    """Sets switches; in effect once the driver has said so, and has published what follows from them."""

    switches: frozenset[Switch]
    changes_allocatable: bool = False
    """The kubelet has to tell the API server, too, before anybody can see it."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Set them."""
        for node in nodes:
            switches.turn(_folder(lab, node), on=self.switches)
        self._settle(lab, nodes=nodes, on=True)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Take them back."""
        for node in nodes:
            switches.turn(_folder(lab, node), off=self.switches)
        self._settle(lab, nodes=nodes, on=False)

    def _settle(self, lab: FaultyLab, *, nodes: Sequence[str], on: bool) -> None:
        for node in nodes:
            _wait_until_acknowledged(_folder(lab, node), node=node)
        if not self.changes_allocatable:
            return
        api = Client.with_kubeconfig(lab.kubeconfig)
        for node in nodes:
            config = AcceleratorConfig.read(node_folder(lab, node) / "accelerators.json")
            devices = config.devices_of(Mechanism.DEVICE_PLUGIN)
            if not devices:
                continue
            resource, wanted = config.flavour.extended_resource, "0" if on else str(len(devices))
            wait_for(
                api,
                f"/api/v1/nodes?fieldSelector=metadata.name={node}",
                functools.partial(_offers, resource=resource, count=wanted),
                what=f"{wanted} allocatable {resource} on {node}",
                timeout_s=_KUBELET_S,
            )


def _offers(nodes: Sequence[Mapping[str, Any]], *, resource: str, count: str) -> bool:
    return any(node["status"]["allocatable"].get(resource) == count for node in nodes)


def _folder(lab: FaultyLab, node: str) -> Path:
    return node_folder(lab, node) / "faults"


def _wait_until_acknowledged(folder: Path, *, node: str) -> None:
    try:
        # Not by inotify, of which a host has few: the driver needs one, and must not miss it for the sake of this wait.
        poll_until(
            lambda: switches.acknowledged(folder) == switches.active(folder),
            what=f"the accelerator process of {node}",
            timeout_s=_TAKE_UP_S,
        )
    except WaitTimeoutError as error:
        raise FaultError(
            f"The accelerator process of {node} did not act within {_TAKE_UP_S} s.",
            remedy=f"See `ai-conformance lab logs {node}/accelerators`; `lab up` starts what has ended.",
        ) from error
