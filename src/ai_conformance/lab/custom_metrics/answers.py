"""What the adapter says, from what Prometheus and the API server say; pure.

Source of the forms: Kubernetes' API custom.metrics.k8s.io/v1beta2 (MetricValueList) and discovery (APIResourceList).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ai_conformance.lab.custom_metrics import GROUP, VERSION, Way

Object = dict[str, Any]
ROOT = f"/apis/{GROUP}/{VERSION}"
_VALUES = re.compile(rf"{re.escape(ROOT)}/namespaces/(?P<namespace>[^/]+)/pods/(?P<pod>[^/]+)/(?P<metric>[^/]+)")
CONSTANT = 42
PROMETHEUS = "app.kubernetes.io/name=prometheus"
"""The label of its pods, whoever runs them."""
_PORTS = ("http", "web")


def asked(path: str) -> tuple[str, str, str] | None:
    """Namespace, pod (``*`` for all) and metric of a request; None for another path."""
    match = _VALUES.fullmatch(path)
    return (match["namespace"], match["pod"], match["metric"]) if match else None


def resources(metrics: Iterable[str]) -> Object:
    """The list of what can be asked for."""
    entries = [
        {"name": f"pods/{name}", "singularName": "", "namespaced": True, "kind": "MetricValueList", "verbs": ["get"]}
        for name in sorted(set(metrics))
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{GROUP}/{VERSION}", "resources": entries}


def values(
    metric: str,
    *,
    namespace: str,
    pods: Sequence[str],
    samples: Sequence[tuple[str, str, float]],
    now: datetime.datetime,
) -> Object | None:
    """The values of a metric for these pods; None where none of them has it.

    ``samples`` are namespace, pod and value. Values are told in thousandths, as quantities are.
    """
    stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    items = [
        {
            "describedObject": {"kind": "Pod", "namespace": namespace, "name": pod, "apiVersion": "/v1"},
            "metric": {"name": metric},
            "timestamp": stamp,
            "value": f"{round(value * 1000)}m",
        }
        for where, pod, value in samples
        if where == namespace and pod in pods
    ]
    if not items:
        return None
    return {"kind": "MetricValueList", "apiVersion": f"{GROUP}/{VERSION}", "metadata": {}, "items": items}


def distorted(
    samples: Sequence[tuple[str, str, float]],
    *,
    way: Way,
    namespace: str,
    pods: Sequence[str],
    highest: dict[tuple[str, str], float],
) -> list[tuple[str, str, float]]:
    """The samples as a broken adapter sees them; ``highest`` is what one that never falls remembers."""
    if way is Way.CONSTANT:
        return [(namespace, pod, float(CONSTANT)) for pod in pods]
    if way is Way.OTHER_PODS_VALUE and samples:
        others = [value for where, pod, value in sorted(samples) if pod not in pods] or [0.0]
        return [(namespace, pod, others[0]) for pod in pods]
    if way is Way.NEVER_FALLS:
        for where, pod, value in samples:
            highest[where, pod] = max(value, highest.get((where, pod), value))
        return [(where, pod, highest[where, pod]) for where, pod, _ in samples]
    return list(samples)


def status(code: int, reason: str, message: str) -> Object:
    """A refusal, as the API has them."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "reason": reason,
        "code": code,
        "message": message,
    }


def prometheuses(pods: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where the ready ones among the pods answer: ``10.201.64.7:9090``."""
    found = []
    for pod in pods:
        conditions = pod.get("status", {}).get("conditions", ())
        if not any(one["type"] == "Ready" and one["status"] == "True" for one in conditions):
            continue
        ports = [port for container in pod["spec"]["containers"] for port in container.get("ports", ())]
        for port in ports:
            if port.get("name") in _PORTS:
                found.append(f"{pod['status']['podIP']}:{port['containerPort']}")
                break
    return found


def samples(result: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, float]]:
    """Namespace, pod and value of each pod in a Prometheus vector; of several series of one pod the first."""
    found: dict[tuple[str, str], float] = {}
    for one in result:
        if "pod" in one["metric"] and "namespace" in one["metric"]:
            found.setdefault((one["metric"]["namespace"], one["metric"]["pod"]), float(one["value"][1]))
    return [(namespace, pod, value) for (namespace, pod), value in found.items()]
