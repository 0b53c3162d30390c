"""Faults of a gateway: somebody spoils what its controller publishes, or there is no controller."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ai_conformance.lab.accelerators.api import ApiError, Client
from ai_conformance.lab.addons.gateway import deployments, names
from ai_conformance.lab.faults.effects.objects import wait_for
from ai_conformance.lab.faults.model import FaultError, FaultyLab
from ai_conformance.lab.gateway_extension import Way

_APPLY = "application/apply-patch+yaml"
_MANAGER = "?fieldManager=ai-conformance&force=true"
"""The add-on's own: what it does not say any more goes."""
_APPS = f"/apis/apps/v1/namespaces/{names.NAMESPACE}"
_CORE = f"/api/v1/namespaces/{names.NAMESPACE}"
_PATHS = {"Deployment": f"{_APPS}/deployments", "Service": f"{_CORE}/services", "ConfigMap": f"{_CORE}/configmaps"}
_SETTLED_S = 120


@dataclasses.dataclass(frozen=True, kw_only=True)
class Extended:
    """Envoy Gateway asks an extension server that spoils what it publishes; in effect once both are available."""

    way: Way

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Start the server, then the controller that asks it."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        for obj in (*deployments.extension(self.way), deployments.config_map(self.way)):
            _apply(api, obj)
        _settle(api, names.EXTENSION)
        _apply(api, deployments.controller(self.way))
        _settle(api, names.NAME)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """The controller as it was, then nothing of the server is left."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        _apply(api, deployments.controller())
        _settle(api, names.NAME)
        for obj in (*deployments.extension(self.way), deployments.config_map(self.way)):
            _delete(api, obj)
        _settle(api, names.EXTENSION, pods=0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Stopped:
    """Nobody cares for Gateways, and the GatewayClass still says that it is accepted."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """No replica of the controller is left."""
        self._scale(lab, replicas=0)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """One is back."""
        self._scale(lab, replicas=1)

    def _scale(self, lab: FaultyLab, *, replicas: int) -> None:
        api = Client.with_kubeconfig(lab.kubeconfig)
        _apply(api, deployments.controller(replicas=replicas))
        _settle(api, names.NAME, pods=replicas)


def _apply(api: Client, obj: Mapping[str, Any]) -> None:
    path = f"{_PATHS[obj['kind']]}/{obj['metadata']['name']}{_MANAGER}"
    try:
        api.request("PATCH", path, body=obj, content_type=_APPLY)
    except ApiError as error:
        raise _explained(error) from error


def _delete(api: Client, obj: Mapping[str, Any]) -> None:
    try:
        api.request("DELETE", f"{_PATHS[obj['kind']]}/{obj['metadata']['name']}")
    except ApiError as error:
        if error.status != 404:
            raise _explained(error) from error


def _settle(api: Client, name: str, *, pods: int = 1) -> None:
    """Wait until the Deployment is as it should be and only its newest pods are left."""
    if pods:
        wait_for(
            api,
            _PATHS["Deployment"],
            lambda found: any(one["metadata"]["name"] == name and _available(one) for one in found),
            what=f"{name} to be available",
            timeout_s=_SETTLED_S,
        )
    wait_for(
        api,
        f"{_CORE}/pods",
        lambda found: sum(_of(one, name) for one in found) == pods,
        what=f"{name} to have {pods} pods",
        timeout_s=_SETTLED_S,
    )


def _available(one: Mapping[str, Any]) -> bool:
    status = one.get("status", {})
    current = status.get("observedGeneration", 0) >= one["metadata"]["generation"]
    return bool(current and status.get("updatedReplicas") == status.get("availableReplicas") == 1)


def _of(pod: Mapping[str, Any], name: str) -> bool:
    """Whether a pod is a Deployment's: by the name of its ReplicaSet, which ends in a hash."""
    owners = pod["metadata"].get("ownerReferences") or ()
    return any(one["kind"] == "ReplicaSet" and one["name"].rpartition("-")[0] == name for one in owners)


def _explained(error: ApiError) -> FaultError:
    return FaultError(
        f"The gateway cannot be changed: {error}", remedy="Is the lab up? See `ai-conformance lab status`."
    )
