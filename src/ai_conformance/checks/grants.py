"""Pods that are granted an accelerator, and the ResourceClaimTemplates they are granted it through.

Every check that needs an accelerator asks for it here, so that both mechanisms are asked for in one way: a DeviceClass
by a claim from a template, an extended resource by a container's limits. A pod is pinned to a node by a node affinity,
never by spec.nodeName, which would go round the scheduler and with it round the allocation.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks.inventory import Mechanism, taints
from ai_conformance.kube import pods

if TYPE_CHECKING:
    from ai_conformance.checks.inventory import Supply

Object = dict[str, Any]

CLAIM = "accelerator"
"""Name of the claim inside a pod."""
REQUEST = "device"
"""Name of the request inside a claim."""
IDLE = pods.HOLD
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
    most_cpu_millis: int = 500
    most_memory_mib: int = 64
    """What it may take."""


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
    extra: Mapping[str, Any] | None = None,
    lifetime_s: int = LIFETIME_S,
) -> Object:
    """A pod whose granted parts get an accelerator of the supply.

    `template` names the ResourceClaimTemplate (or `claim` a ResourceClaim) where the supply is DRA's; a device
    plugin's resource is asked for by the granted containers themselves. `node` pins the pod through the scheduler;
    `scheduling_group` is the name of its PodGroup. All but parts with `root_capabilities` meet the restricted Pod
    Security level.
    """
    claims: dict[str, dict[str, str]] = {}
    if template is not None:
        claims[CLAIM] = {"resourceClaimTemplateName": template}
    elif claim is not None:
        claims[CLAIM] = {"resourceClaimName": claim}
    spec: Object = dict(extra or {})
    if volumes:
        spec["volumes"] = [dict(volume) for volume in volumes]
    return pods.probe_pod(
        name,
        namespace=namespace,
        containers=[_container(part, image=image, supply=supply) for part in parts],
        init_containers=[_container(part, image=image, supply=supply) for part in init],
        node=node,
        claims=claims,
        tolerations=taints.tolerations(supply) if supply is not None else (),
        labels=labels,
        annotations=annotations,
        lifetime_s=lifetime_s,
        extra=spec,
    )


def _container(part: Part, *, image: str, supply: Supply | None) -> pods.Container:
    granted = supply is not None and part.granted
    by_limit = supply is not None and supply.mechanism is Mechanism.DEVICE_PLUGIN
    extra: Object = {}
    if part.root_capabilities:
        extra["securityContext"] = {
            "runAsUser": 0,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"], "add": list(part.root_capabilities)},
            "seccompProfile": {"type": "RuntimeDefault"},
        }
    if part.mounts:
        extra["volumeMounts"] = [dict(mount) for mount in part.mounts]
    return pods.Container(
        name=part.name,
        image=image,
        script=part.script,
        env=part.env,
        cpu_millis=part.cpu_millis,
        memory_mib=8,
        most_cpu_millis=part.most_cpu_millis,
        most_memory_mib=part.most_memory_mib,
        resources={supply.name: str(part.count)} if supply is not None and granted and by_limit else {},
        claims=(CLAIM,) if granted and not by_limit else (),
        extra=extra,
    )
