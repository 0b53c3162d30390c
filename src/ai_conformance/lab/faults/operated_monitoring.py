"""The faults of a monitoring system that an operator runs: monitors are accepted by the API and lead to nothing."""

from __future__ import annotations

from ai_conformance.lab.addons import prometheus, prometheus_operator
from ai_conformance.lab.faults.effects.prometheus_operator import Instance, OperatorGone
from ai_conformance.lab.faults.model import Effect, Fault, Scope


def _fault(name: str, effect: Effect, summary: str, *, pipeline: bool = True) -> Fault:
    """``pipeline``: the metrics by which pods are scaled go the same way, and do not arrive either."""
    return Fault(
        name=name,
        summary=summary,
        breaks={"ai_service_metrics": "FAIL"} | ({"pod_autoscaling": "FAIL"} if pipeline else {}),
        scope=Scope.LAB,
        effect=effect,
        needs=(prometheus_operator.ADDON.name,),
        hidden_by=(prometheus.ADDON.name,),
    )


FAULTS: tuple[Fault, ...] = (
    _fault(
        "monitors-not-chosen",
        Instance(changed={"podMonitorSelector": None, "serviceMonitorSelector": None}),
        "The Prometheus has no selectors, so it chooses no monitor at all.",
    ),
    _fault(
        "monitors-of-own-namespace-only",
        Instance(changed={"podMonitorNamespaceSelector": None, "serviceMonitorNamespaceSelector": None}),
        "The Prometheus chooses monitors of its own namespace only, where users' workloads are not.",
    ),
    _fault(
        "monitors-operator-dead",
        OperatorGone(),
        "The operator does not run: monitors are accepted, and the Prometheus never hears of them.",
    ),
    _fault(
        "monitors-sample-limit",
        Instance(changed={"enforcedSampleLimit": 1}),
        "A limit makes every scrape of more than one sample fail.",
        pipeline=False,
    ),
)
