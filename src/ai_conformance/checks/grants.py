"""Pods that are granted an accelerator, and the ResourceClaimTemplates they are granted it through.

Every check that needs an accelerator asks for it here, so that both mechanisms are asked for in one way: a DeviceClass
by a claim from a template, an extended resource by a container's limits. A pod is pinned to a node by a node affinity,
never by spec.nodeName, which would go round the scheduler and with it round the allocation.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks.inventory import Mechanism

if TYPE_CHECKING:
    from ai_conformance.catalog import Vendor
    from ai_conformance.checks.inventory import Supply

Object = dict[str, Any]

CLAIM = "accelerator"
"""Name of the claim inside a pod."""
REQUEST = "device"
"""Name of the request inside a claim."""
IDLE = "trap 'exit 0' TERM; sleep 86400 & wait"
"""The script that runs until it is told to end, and then ends at once with success."""
LIFETIME_S = 1800
"""After this a probe ends by itself, should nobody be left to delete it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """One container of a probe. What is not `granted` gets no accelerator."""

    name: str = "probe"
    script: str = IDLE
    granted: bool = False
    count: int = 1
    """Units of a device plugin's resource; with DRA the claim says how many."""
    env: Mapping[str, str] = dataclasses.field(default_factory=dict)
    mounts: Sequence[Mapping[str, Any]] = ()
    root_capabilities: Sequence[str] = ()
    """If any: the container runs as root with these capabilities and no other."""
    cpu_millis: int = 1
    """CPU that is requested, in thousandths of a core."""


HOLDER = Part(name="holder", granted=True)


def claim_template(
    supply: Supply,
    name: str,
    namespace: str,
    *,
    selectors: Sequence[str] = (),
    count: int = 1,
    api_version: str = "resource.k8s.io/v1",
) -> Object:
    """A ResourceClaimTemplate for devices of a supply's DeviceClass.

    `selectors` are CEL expressions (all have to hold); `count` is a number of devices. In v1beta1 a request has its
    fields in itself, from v1beta2 on under `exactly` (resource.k8s.io API reference).
    """
    spec = claim_spec(supply.name, selectors=selectors, count=count, api_version=api_version)
    return {
        "apiVersion": api_version,
        "kind": "ResourceClaimTemplate",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"spec": spec},
    }


def claim_spec(device_class: str, *, selectors: Sequence[str] = (), count: int = 1, api_version: str) -> Object:
    """The spec of a ResourceClaim with one request."""
    request: Object = {"deviceClassName": device_class, "allocationMode": "ExactCount", "count": count}
    if selectors:
        request["selectors"] = [{"cel": {"expression": expression}} for expression in selectors]
    named = {"name": REQUEST, **(request if api_version.endswith("/v1beta1") else {"exactly": request})}
    return {"devices": {"requests": [named]}}


def probe(
    name: str,
    namespace: str,
    *,
    image: str,
    supply: Supply | None = None,
    template: str | None = None,
    claim: str | None = None,
    node: str | None = None,
    parts: Sequence[Part] = (HOLDER,),
    init: Sequence[Part] = (),
    volumes: Sequence[Mapping[str, Any]] = (),
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    scheduling_group: str | None = None,
    lifetime_s: int = LIFETIME_S,
) -> Object:
    """A pod whose granted parts get an accelerator of the supply.

    `template` names the ResourceClaimTemplate (or `claim` a ResourceClaim) where the supply is DRA's; a device
    plugin's resource is asked for by the granted containers themselves. `node` pins the pod through the scheduler;
    `scheduling_group` is the name of its PodGroup. All but parts with `root_capabilities` meet the restricted Pod
    Security level.
    """
    spec: Object = {
        "restartPolicy": "Never",
        "activeDeadlineSeconds": lifetime_s,
        "terminationGracePeriodSeconds": 1,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(part, image=image, supply=supply) for part in parts],
    }
    if init:
        spec["initContainers"] = [_container(part, image=image, supply=supply) for part in init]
    if volumes:
        spec["volumes"] = [dict(volume) for volume in volumes]
    if template is not None:
        spec["resourceClaims"] = [{"name": CLAIM, "resourceClaimTemplateName": template}]
    elif claim is not None:
        spec["resourceClaims"] = [{"name": CLAIM, "resourceClaimName": claim}]
    if node is not None:
        spec["affinity"] = {"nodeAffinity": pinned(node)}
    if scheduling_group is not None:
        spec["schedulingGroup"] = {"podGroupName": scheduling_group}
    if supply is not None and supply.vendor is not None:
        spec["tolerations"] = tolerations(supply.vendor)
    metadata: Object = {"name": name, "namespace": namespace}
    if labels:
        metadata["labels"] = dict(labels)
    if annotations:
        metadata["annotations"] = dict(annotations)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def pinned(node: str) -> Object:
    """A node affinity that leaves the scheduler one node, by name; labels can be missing or shared."""
    field = {"key": "metadata.name", "operator": "In", "values": [node]}
    return {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchFields": [field]}]}}


def tolerations(vendor: Vendor) -> list[Object]:
    """For the vendor's own taints, whatever their value and effect; no other taint is tolerated."""
    return [{"key": taint, "operator": "Exists"} for taint in vendor.taints]


def _container(part: Part, *, image: str, supply: Supply | None) -> Object:
    context: Object = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    if part.root_capabilities:
        context |= {"runAsUser": 0, "runAsNonRoot": False}
        context["capabilities"]["add"] = list(part.root_capabilities)
    needs: Object = {"requests": {"cpu": f"{part.cpu_millis}m", "memory": "8Mi"}}
    if part.granted and supply is not None and supply.mechanism is Mechanism.DEVICE_PLUGIN:
        needs["limits"] = {supply.name: str(part.count)}
    elif part.granted and supply is not None:
        needs["claims"] = [{"name": CLAIM}]
    found: Object = {
        "name": part.name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", part.script],
        "resources": needs,
        "securityContext": context,
    }
    if part.env:
        found["env"] = [{"name": name, "value": value} for name, value in part.env.items()]
    if part.mounts:
        found["volumeMounts"] = [dict(mount) for mount in part.mounts]
    return found
