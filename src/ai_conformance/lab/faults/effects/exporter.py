"""Faults of the accelerators' exporter: what it tells is wrong, or on one node it is not there."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ai_conformance.lab.accelerators.api import MERGE_PATCH, ApiError, Client
from ai_conformance.lab.addons.exporter import KEPT_AWAY, NAMESPACE
from ai_conformance.lab.exporter import FAULTS, FOLDER
from ai_conformance.lab.exporter.distortions import Distortion
from ai_conformance.lab.faults.effects.objects import wait_for
from ai_conformance.lab.faults.model import FaultError, FaultyLab, node_folder

_PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
_FOLLOWS_S = 60


@dataclasses.dataclass(frozen=True, kw_only=True)
class Distorts:
    """The exporters of some nodes tell something else than they see; the next scrape shows it."""

    distortion: Distortion

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Set the fault's file where the exporter looks at each scrape."""
        for node in nodes:
            _switch(lab, node, self.distortion).touch()

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Take it away."""
        for node in nodes:
            _switch(lab, node, self.distortion).unlink(missing_ok=True)


def _switch(lab: FaultyLab, node: str, distortion: Distortion) -> Path:
    folder = node_folder(lab, node) / "lib" / FOLDER / FAULTS
    folder.mkdir(parents=True, exist_ok=True)
    return folder / distortion.value


@dataclasses.dataclass(frozen=True, kw_only=True)
class MissingOnOneNode:
    """The DaemonSet leaves the last node out."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Keep the exporter away and wait until its pod has gone."""
        node = lab.nodes[-1].name
        api = Client.with_kubeconfig(lab.kubeconfig)
        _label(api, node, value="true")
        wait_for(
            api,
            _PODS,
            lambda found: not any(pod["spec"].get("nodeName") == node for pod in found),
            what=f"the exporter of {node} to go",
            timeout_s=_FOLLOWS_S,
        )

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Let it come back and wait until it is ready."""
        node = lab.nodes[-1].name
        api = Client.with_kubeconfig(lab.kubeconfig)
        _label(api, node, value=None)
        wait_for(
            api,
            _PODS,
            lambda found: any(pod["spec"].get("nodeName") == node and _ready(pod) for pod in found),
            what=f"the exporter of {node} to be ready",
            timeout_s=_FOLLOWS_S,
        )


def _label(api: Client, node: str, *, value: str | None) -> None:
    body = {"metadata": {"labels": {KEPT_AWAY: value}}}
    try:
        api.request("PATCH", f"/api/v1/nodes/{node}", body=body, content_type=MERGE_PATCH)
    except ApiError as error:
        raise FaultError(
            f"Node {node} cannot be labelled: {error}", remedy="Is the lab up? See `ai-conformance lab status`."
        ) from error


def _ready(pod: Mapping[str, Any]) -> bool:
    conditions = pod.get("status", {}).get("conditions") or ()
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
