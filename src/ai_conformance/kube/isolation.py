"""What a namespace of ours needs on a cluster that lets nothing through by itself, and what its pods need beside.

A namespace enforces the strictest Pod Security level that its pods meet. Where they are reached, or reach others, it
has a NetworkPolicy that allows that: a cluster that denies all traffic by default does so in new namespaces as well.
Where the user gives credentials for images, it has them, and every pod refers to them.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Mapping
from typing import Any

Object = dict[str, Any]

PULL_SECRET = "aic-image-pull"
POLICY = "aic-traffic"
_PULL_SECRET_TYPE = "kubernetes.io/dockerconfigjson"
_FILE = ".dockerconfigjson"


class PodSecurity(enum.StrEnum):
    """The Pod Security level that a namespace enforces."""

    RESTRICTED = "restricted"
    BASELINE = "baseline"
    PRIVILEGED = "privileged"


class Network(enum.StrEnum):
    """The traffic that pods of a namespace need."""

    NONE = "none"
    """Commands and logs go by the kubelet, past any policy."""
    SERVES = "serves"
    """They are reached from elsewhere: by a monitoring system in whatever namespace, or on the nodes themselves."""
    OPEN = "open"
    """Both ways: a gateway's address may be anywhere, and its proxies in the namespace itself."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Isolation:
    """How the namespaces of one check are made."""

    levels: Mapping[str, PodSecurity] = dataclasses.field(default_factory=dict)
    """By the namespace's suffix, where its pods do not meet ``restricted``."""
    network: Network = Network.NONE
    pull_secret: str = dataclasses.field(default="", repr=False)
    """What a ``.dockerconfigjson`` holds; empty where images are pulled without credentials."""

    def labels(self, suffix: str) -> list[dict[str, str]]:
        """What a namespace bears; and what it bears instead where admission admits no namespace that is less strict."""
        declared = self.levels.get(suffix, PodSecurity.RESTRICTED)
        return [
            {
                "pod-security.kubernetes.io/enforce": level.value,
                "pod-security.kubernetes.io/enforce-version": "latest",
            }
            for level in dict.fromkeys((declared, PodSecurity.RESTRICTED))
        ]

    def furniture(self, namespace: str) -> Iterator[Object]:
        """What is made in a namespace before any pod."""
        if self.network is not Network.NONE:
            yield _traffic(namespace, network=self.network)
        if self.pull_secret:
            yield {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": PULL_SECRET, "namespace": namespace},
                "type": _PULL_SECRET_TYPE,
                "stringData": {_FILE: self.pull_secret},
            }

    def dress(self, obj: Object, *, labels: Mapping[str, str]) -> None:
        """Put into a pod, and into every pod template of another kind, what all pods of ours have."""
        for metadata, spec in pod_templates(obj):
            metadata["labels"] = {**(metadata.get("labels") or {}), **labels}
            if self.pull_secret:
                named = spec.get("imagePullSecrets") or []
                spec["imagePullSecrets"] = [*named, {"name": PULL_SECRET}]


def pod_templates(value: Any) -> Iterator[tuple[Object, Object]]:
    """Metadata and spec of every pod that an object is or describes, wherever its kind keeps it."""
    if isinstance(value, list):
        for item in value:
            yield from pod_templates(item)
    if not isinstance(value, dict):
        return
    spec = value.get("spec")
    if isinstance(spec, dict) and "containers" in spec:
        yield value.setdefault("metadata", {}), spec
        return
    for item in value.values():
        yield from pod_templates(item)


def _traffic(namespace: str, *, network: Network) -> Object:
    """It allows and never forbids: whatever it is about, it allows all of, as if there were no policy at all."""
    spec: Object = {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}
    if network is Network.OPEN:
        spec |= {"policyTypes": ["Ingress", "Egress"], "egress": [{}]}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": POLICY, "namespace": namespace},
        "spec": spec,
    }
