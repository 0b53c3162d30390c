"""Which exporters there are, how each was recognised, and where it answers; pure but for the reads.

By the labels and images of pods that the catalog knows, or by what the user names with ``--metrics-endpoint``: an
address that this machine reaches, or a Service or Pod that the API server reaches.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.kube import pods

if TYPE_CHECKING:
    from ai_conformance.catalog import MetricsExporter

Object = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Something that answers with a page of metrics."""

    exporter: MetricsExporter | None
    """None where the user named it: its page tells which it is."""
    node: str
    """Empty for one that is not a node's."""
    where: str
    """For messages: ``pod monitoring/exporter-x``, or the address."""
    recognised_by: str
    path: str = ""
    """Below the API server; empty where there is an address."""
    url: str = ""
    ready: bool = True
    state: str = ""
    """Of a pod that is not ready, for messages."""

    def __str__(self) -> str:
        return f"{self.where} on node {self.node}" if self.node else self.where


def among(found: Sequence[Object], *, known: Sequence[MetricsExporter]) -> list[Endpoint]:
    """The exporters among pods, ready or not, by node."""
    endpoints = []
    for pod in found:
        if pods.phase(pod) in (pods.Phase.SUCCEEDED, pods.Phase.FAILED) or pod["metadata"].get("deletionTimestamp"):
            continue
        for exporter in known:
            sign = recognised(pod, exporter=exporter)
            if sign:
                endpoints.append(_endpoint(pod, exporter=exporter, sign=sign))
                break
    return sorted(endpoints, key=lambda one: (one.node, one.where))


def recognised(obj: Object, *, exporter: MetricsExporter) -> str:
    """By what a pod (or the template of a DaemonSet) is an exporter's; empty if it is none."""
    labels = obj["metadata"].get("labels") or {}
    for label in exporter.pod_labels:
        key, _, value = label.partition("=")
        if labels.get(key) == value:
            return f"label {label}"
    for container in obj["spec"].get("containers") or ():
        last = str(container.get("image", "")).partition("@")[0].rpartition("/")[2].partition(":")[0]
        if last in exporter.images:
            return f"image {container['image']}"
    return ""


def _endpoint(pod: Object, *, exporter: MetricsExporter, sign: str) -> Endpoint:
    namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
    port = _port(pod, exporter=exporter)
    return Endpoint(
        exporter=exporter,
        node=pods.node_name(pod) or "",
        where=f"pod {namespace}/{name}",
        recognised_by=sign,
        path=f"/api/v1/namespaces/{namespace}/pods/{name}:{port}/proxy{exporter.path}",
        ready=pods.is_ready(pod),
        state=pods.stuck_reason(pod) or f"phase {pods.phase(pod)}, not ready",
    )


def _port(pod: Object, *, exporter: MetricsExporter) -> int:
    ports = [one for container in pod["spec"]["containers"] for one in container.get("ports") or ()]
    for name in exporter.port_names:
        for one in ports:
            if one.get("name") == name:
                return int(one["containerPort"])
    return exporter.port


_IN_CLUSTER = re.compile(
    r"(?P<namespace>[a-z0-9-]+)/(?P<kind>svc|pod)/(?P<name>[a-z0-9.-]+):(?P<port>[a-z0-9-]+)(?P<path>/\S*)?"
)
FORM = "http(s)://HOST[:PORT]/PATH, or NAMESPACE/svc/NAME:PORT[/PATH] or NAMESPACE/pod/NAME:PORT[/PATH] of the cluster"


def named(text: str) -> Endpoint:
    """What ``--metrics-endpoint`` names. Raises ValueError with the forms that it takes."""
    sign = "named by --metrics-endpoint"
    if re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        return Endpoint(exporter=None, node="", where=text, recognised_by=sign, url=text)
    match = _IN_CLUSTER.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no endpoint of metrics; it has to be {FORM}")
    plural = {"svc": "services", "pod": "pods"}[match["kind"]]
    root = f"/api/v1/namespaces/{match['namespace']}/{plural}/{match['name']}:{match['port']}/proxy"
    return Endpoint(exporter=None, node="", where=text, recognised_by=sign, path=root + (match["path"] or "/metrics"))
