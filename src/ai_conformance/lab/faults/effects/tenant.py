"""A full cluster: a tenant of the lab's own holds every accelerator and nearly all CPU, as on a busy platform."""

from __future__ import annotations

import dataclasses
import decimal
from collections.abc import Mapping, Sequence
from typing import Any

from ai_conformance.lab.accelerators.api import ApiError, Client
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.flavours import Mechanism
from ai_conformance.lab.faults.effects.objects import wait_for
from ai_conformance.lab.faults.model import FaultError, FaultyLab, node_folder

NAMESPACE = "busy-tenant"
_PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
_CLAIMS = f"/apis/resource.k8s.io/v1/namespaces/{NAMESPACE}/resourceclaims"
_START_S = 90
_END_S = 90
_SPARE_MILLICPU = 20
"""Left free, so that the pods fit beside a change of the kubelet's own reservations."""
_NOT_FOUND = 404
_CONFLICT = 409


@dataclasses.dataclass(frozen=True, kw_only=True)
class FullCluster:
    """One pod per node that takes all that is left of it."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Start the tenant's pods and wait until they run."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        _create(api, "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        wait_for(
            api,
            f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts",
            lambda found: any(entry["metadata"]["name"] == "default" for entry in found),
            what="the tenant's service account",
            timeout_s=_START_S,
        )
        pods = api.request("GET", "/api/v1/pods")["items"]
        for name in nodes:
            if any(pod["metadata"]["namespace"] == NAMESPACE and pod["metadata"]["name"] == name for pod in pods):
                continue
            node = api.request("GET", f"/api/v1/nodes/{name}")
            config = AcceleratorConfig.read(node_folder(lab, name) / "accelerators.json")
            if claim := _claim(config):
                _create(api, _CLAIMS, claim)
            _create(api, _PODS, _pod(config, node=node, pods=pods))
        wait_for(
            api,
            _PODS,
            lambda found: len(found) == len(nodes) and all(pod["status"]["phase"] == "Running" for pod in found),
            what="the tenant's pods to hold what they take: is something else using accelerators?",
            timeout_s=_START_S,
        )

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Remove the tenant and wait until nothing of it is left."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        _delete(api, f"{_PODS}?gracePeriodSeconds=0")
        wait_for(api, _PODS, lambda found: not found, what="the tenant's pods to end", timeout_s=_END_S)
        _delete(api, _CLAIMS)
        _delete(api, f"/api/v1/namespaces/{NAMESPACE}")
        wait_for(
            api,
            f"/api/v1/namespaces?fieldSelector=metadata.name={NAMESPACE}",
            lambda found: not found,
            what="the tenant's namespace to go",
            timeout_s=_END_S,
        )


def millicpu(quantity: str) -> int:
    """A CPU quantity as thousandths, rounded up: `2`, `500m`, `1.5`."""
    if quantity.endswith("m"):
        return int(quantity.removesuffix("m"))
    return int((decimal.Decimal(quantity) * 1000).to_integral_value(rounding=decimal.ROUND_CEILING))


def free_millicpu(node: Mapping[str, Any], *, pods: Sequence[Mapping[str, Any]]) -> int:
    """What the requests of the pods on a node leave of its CPU."""
    here = [pod for pod in pods if pod["spec"].get("nodeName") == node["metadata"]["name"]]
    used = sum(
        millicpu(container.get("resources", {}).get("requests", {}).get("cpu", "0"))
        for pod in here
        if pod["status"].get("phase") not in ("Succeeded", "Failed")
        for container in pod["spec"]["containers"]
    )
    return millicpu(node["status"]["allocatable"]["cpu"]) - used


def _claim(config: AcceleratorConfig) -> dict[str, Any] | None:
    count = len(config.devices_of(Mechanism.DRA))
    if not count:
        return None
    request = {"name": "all", "exactly": {"deviceClassName": config.flavour.device_class, "count": count}}
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaim",
        "metadata": {"name": config.node},
        "spec": {"devices": {"requests": [request]}},
    }


def _pod(config: AcceleratorConfig, *, node: Mapping[str, Any], pods: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    cpu = f"{max(1, free_millicpu(node, pods=pods) - _SPARE_MILLICPU)}m"
    limits = {"cpu": cpu}
    if config.devices_of(Mechanism.DEVICE_PLUGIN):
        resource = config.flavour.extended_resource
        limits[resource] = node["status"]["allocatable"][resource]
    resources: dict[str, Any] = {"limits": limits, "requests": limits}
    spec: dict[str, Any] = {
        "nodeSelector": {"kubernetes.io/hostname": config.node},
        "terminationGracePeriodSeconds": 0,
        "containers": [{"name": "work", "image": _pause_image(node), "resources": resources}],
    }
    if config.devices_of(Mechanism.DRA):
        spec["resourceClaims"] = [{"name": "all", "resourceClaimName": config.node}]
        resources["claims"] = [{"name": "all"}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": config.node}, "spec": spec}


def _pause_image(node: Mapping[str, Any]) -> str:
    """The image that every node has, under the name that it has there; it needs no command."""
    names = [name for image in node["status"].get("images", []) for name in image["names"]]
    for name in names:
        if "pause" in name and "@" not in name:
            return str(name)
    raise FaultError(
        f"Node {node['metadata']['name']} has no pause image.", remedy="Run `ai-conformance lab up` again."
    )


def _create(api: Client, path: str, body: Mapping[str, Any]) -> None:
    try:
        api.request("POST", path, body=body)
    except ApiError as error:
        if error.status != _CONFLICT:  # an earlier attempt has made it
            raise FaultError(f"{body['kind']} {body['metadata']['name']} cannot be created: {error}") from error


def _delete(api: Client, path: str) -> None:
    try:
        api.request("DELETE", path)
    except ApiError as error:
        if error.status not in (_NOT_FOUND, _CONFLICT):  # gone, or going
            raise FaultError(f"{path} cannot be deleted: {error}") from error
