"""A Deployment whose pods hold an accelerator each and tell a load that is set from outside; and its autoscaler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import grants
from ai_conformance.checks.monitoring import workload as served

if TYPE_CHECKING:
    from ai_conformance.checks.inventory import Supply

Object = dict[str, Any]

METRIC = "aic_autoscaling_load"
MISSING_METRIC = "aic_autoscaling_nobody_has_this"
TARGET = 1000
"""Average value per pod that the autoscaler aims at."""
LOW, HIGH = (100, 400), 1900
"""Values within LOW move nothing; HIGH asks for two pods, and not for more."""
CONTAINER = "worker"
APP = "aic-app"
_SERVER = r"""
mkdir -p /tmp/www/cgi-bin && cd /tmp/www && echo START > /tmp/load
cat > cgi-bin/metrics <<'END'
#!/bin/sh
printf 'Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n\r\n'
printf '# HELP METRIC Load that is asked of this pod.\n# TYPE METRIC gauge\nMETRIC %s\n' "$(cat /tmp/load)"
END
chmod +x cgi-bin/metrics
httpd -f -p PORT -h /tmp/www & wait $!
"""


def _script(start: int) -> str:
    script = _SERVER
    for word, value in (("START", str(start)), ("METRIC", METRIC), ("PORT", str(served.PORT))):
        script = script.replace(word, value)
    return script


def _annotations() -> dict[str, str]:
    return {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(served.PORT),
        "prometheus.io/path": served.PATH,
        "prometheus.io/scheme": "http",
    }


def deployment(
    name: str, namespace: str, *, image: str, supply: Supply, template: str | None, run: str, start: int
) -> Object:
    """One replica to begin with; each pod asks for one accelerator of the supply, on its node."""
    part = grants.Part(name=CONTAINER, granted=True, script=_script(start))
    pod = grants.probe(name, namespace, image=image, supply=supply, template=template, node=supply.node, parts=(part,))
    spec = pod["spec"]
    # What ends by itself or is never started anew cannot be a Deployment's.
    del spec["activeDeadlineSeconds"], spec["restartPolicy"]
    _serve(spec["containers"][0])
    labels = {APP: name, served.DECLARED: run}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {APP: name}},
            "template": {"metadata": {"labels": labels, "annotations": _annotations()}, "spec": spec},
        },
    }


def decoy(name: str, namespace: str, *, image: str, supply: Supply, run: str) -> Object:
    """A pod with the same metric, high, which is none of the Deployment's: its value must not be taken for theirs.

    It tolerates what they tolerate: there may be no other nodes.
    """
    part = grants.Part(name=CONTAINER, script=_script(4 * TARGET))
    pod = grants.probe(
        name,
        namespace,
        image=image,
        supply=supply,
        parts=(part,),
        labels={APP: name, served.DECLARED: run},
        annotations=_annotations(),
    )
    _serve(pod["spec"]["containers"][0])
    return pod


def _serve(container: Object) -> None:
    container["ports"] = [{"name": "metrics", "containerPort": served.PORT}]
    container["readinessProbe"] = {"tcpSocket": {"port": served.PORT}, "periodSeconds": 1}


def autoscaler(name: str, namespace: str, *, of: str, metric: str) -> Object:
    """One to two pods, by the average of a metric of the pods; without damping, so that it can be watched."""
    at_once = {"stabilizationWindowSeconds": 0, "policies": [{"type": "Pods", "value": 1, "periodSeconds": 1}]}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": of},
            "minReplicas": 1,
            "maxReplicas": 2,
            "metrics": [
                {
                    "type": "Pods",
                    "pods": {
                        "metric": {"name": metric},
                        "target": {"type": "AverageValue", "averageValue": str(TARGET)},
                    },
                }
            ],
            "behavior": {"scaleUp": at_once, "scaleDown": at_once},
        },
    }


def set_load(value: int) -> Sequence[str]:
    """The command that sets the load of a pod."""
    return ["sh", "-c", f"echo {value} > /tmp/load"]


def says(hpa: Mapping[str, Any]) -> str:
    """What an autoscaler tells of itself, for a person."""
    status = hpa.get("status") or {}
    counts = f"{status.get('currentReplicas', 0)} of {status.get('desiredReplicas', 0)} desired"
    conditions = [
        f"{one['type']}={one['status']} {one.get('reason', '')}: {one.get('message', '')}"
        for one in status.get("conditions") or ()
    ]
    values = [
        str(((one.get("pods") or {}).get("current") or {}).get("averageValue"))
        for one in status.get("currentMetrics") or ()
        if one
    ]
    seen = f", sees {', '.join(values)}" if values else ""
    return f"{counts}{seen}; {'; '.join(conditions) or 'no condition'}"
