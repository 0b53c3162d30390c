"""The faults of metrics: exporters of accelerators, and the system that collects metrics from workloads."""

from __future__ import annotations

from ai_conformance.lab.exporter.distortions import Distortion
from ai_conformance.lab.faults.effects.exporter import Distorts, MissingOnOneNode
from ai_conformance.lab.faults.model import Fault, Scope

_METRICS = "accelerator_metrics"
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
)
