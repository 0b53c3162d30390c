"""The faults of metrics: exporters of accelerators, and the system that collects metrics from workloads."""

from __future__ import annotations

from ai_conformance.lab.addons.prometheus.configuration import Variant
from ai_conformance.lab.custom_metrics import Way
from ai_conformance.lab.exporter.distortions import Distortion
from ai_conformance.lab.faults.effects.exporter import Distorts, MissingOnOneNode
from ai_conformance.lab.faults.effects.prometheus import Adapting, Monitoring
from ai_conformance.lab.faults.model import Fault, Scope
from ai_conformance.lab.meddling import Meddling

_METRICS, _SERVICE, _PODS = "accelerator_metrics", "ai_service_metrics", "pod_autoscaling"
_FAIL = "FAIL"


def _exporter(name: str, distortion: Distortion, summary: str) -> Fault:
    return Fault(
        name=name,
        summary=summary,
        breaks={_METRICS: _FAIL},
        scope=Scope.NODE,
        effect=Distorts(distortion=distortion),
        needs=("exporter",),
    )


def _system(name: str, effect: Monitoring, summary: str, *, autoscaling: bool = False) -> Fault:
    """``autoscaling``: the adapter, too, sees no metric of any pod then."""
    return Fault(
        name=name,
        summary=summary,
        breaks={_SERVICE: _FAIL, **({_PODS: _FAIL} if autoscaling else {})},
        scope=Scope.LAB,
        effect=effect,
        needs=("prometheus",),
        hidden_by=("prometheus-operator",),
    )


def _adapter(name: str, way: Way, summary: str) -> Fault:
    return Fault(
        name=name,
        summary=summary,
        breaks={_PODS: _FAIL},
        scope=Scope.LAB,
        effect=Adapting(way=way),
        needs=("custom-metrics",),
    )


FAULTS: tuple[Fault, ...] = (
    Fault(
        name="metrics-one-exporter-missing",
        summary="One node with accelerators has no exporter.",
        breaks={_METRICS: _FAIL},
        scope=Scope.LAB,
        effect=MissingOnOneNode(),
        needs=("exporter",),
    ),
    _exporter("metrics-constant", Distortion.CONSTANTS, "The exporter tells plausible numbers that nobody measures."),
    _exporter(
        "metrics-copy-engine-only",
        Distortion.COPY_ENGINE_ONLY,
        "The exporter tells how busy the copy engine is, and nothing of computing.",
    ),
    _exporter("metrics-static-page", Distortion.STATIC_PAGE, "The exporter answers with a page without any device."),
    _exporter("metrics-stale", Distortion.STALE, "The exporter repeats what it saw once, with the time stamp of then."),
    _exporter(
        "metrics-wrong-device",
        Distortion.WRONG_DEVICE,
        "The exporter tells of each accelerator what another of the node does.",
    ),
    _exporter("metrics-missing-device", Distortion.MISSING_DEVICE, "The exporter leaves one accelerator out."),
    _exporter("metrics-wrong-unit", Distortion.WRONG_UNIT, "Utilisation is told in a unit that it does not have."),
    _exporter(
        "metrics-all-rise",
        Distortion.ALL_RISE,
        "The exporter tells of every accelerator what all of the node do together.",
    ),
    _system(
        "monitoring-scrapes-nothing",
        Monitoring(variant=Variant.SCRAPES_NOTHING),
        "The monitoring system answers queries and scrapes nothing.",
        autoscaling=True,
    ),
    _system(
        "monitoring-drops-run-label",
        Monitoring(variant=Variant.DROPS_RUN_LABEL),
        "Relabelling drops labels of the series that tell one run from another.",
    ),
    _system(
        "monitoring-drops-pod-labels",
        Monitoring(variant=Variant.DROPS_POD_LABELS),
        "The series do not say of which namespace and pod they are.",
        autoscaling=True,
    ),
    _system(
        "monitoring-scrapes-everything",
        Monitoring(variant=Variant.SCRAPES_EVERYTHING),
        "Every port of every pod is scraped, declared or not.",
    ),
    _system(
        "monitoring-drops-histograms",
        Monitoring(variant=Variant.REFUSES_HISTOGRAMS),
        "Histograms are dropped on the way in.",
    ),
    _system(
        "monitoring-constant",
        Monitoring(meddling=Meddling.CONSTANT),
        "In place of the monitoring system a stub gives every query the same answer.",
        autoscaling=True,
    ),
    _system(
        "monitoring-counters-restart",
        Monitoring(meddling=Meddling.COUNTERS_RESTART),
        "Counters begin anew in the monitoring system while what they count goes on.",
    ),
    _system(
        "monitoring-counts-twice",
        Monitoring(meddling=Meddling.COUNTS_TWICE),
        "Counters have twice of what was counted.",
    ),
    _system(
        "monitoring-never-forgets",
        Monitoring(meddling=Meddling.NEVER_FORGETS),
        "The series of a workload that has gone are there for good.",
    ),
    _adapter(
        "adapter-other-pods-value",
        Way.OTHER_PODS_VALUE,
        "The metrics API tells of each pod what another pod has.",
    ),
    _adapter("adapter-constant", Way.CONSTANT, "The metrics API tells the same number of every metric of every pod."),
    _adapter(
        "adapter-never-falls",
        Way.NEVER_FALLS,
        "In the metrics API a value that was high once stays so, and nothing ever scales down.",
    ),
)
