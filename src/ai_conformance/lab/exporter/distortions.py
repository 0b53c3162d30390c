"""The exporter's faults: ways in which exporters in the field are wrong, each a file in a folder of the node."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable, Sequence
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ai_conformance.lab.exporter.gauges import Reading
from ai_conformance.lab.exporter.pages import Series


class Distortion(enum.StrEnum):
    """One fault; the value is the file's name."""

    CONSTANTS = "constants"
    COPY_ENGINE_ONLY = "copy-engine-only"
    STATIC_PAGE = "static-page"
    STALE = "stale"
    WRONG_DEVICE = "wrong-device"
    MISSING_DEVICE = "missing-device"
    WRONG_UNIT = "wrong-unit"
    ALL_RISE = "all-rise"


def active(folder: Path) -> frozenset[Distortion]:
    """Those that are set."""
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    return frozenset(one for one in Distortion if one.value in names)


def distorted(series: Sequence[Series], *, faults: frozenset[Distortion]) -> list[Series]:
    """What a broken exporter says instead; ``stale`` is the business of whoever keeps the page."""
    said = list(series)
    if Distortion.CONSTANTS in faults:
        said = [dataclasses.replace(one, reading=_constant(one.reading)) for one in said]
    if Distortion.WRONG_DEVICE in faults:
        said = [
            dataclasses.replace(one, reading=series[place - 1].reading, holder=series[place - 1].holder)
            for place, one in enumerate(said)
        ]
    if Distortion.ALL_RISE in faults and said:
        mean = sum(one.reading.utilisation for one in said)
        said = [
            dataclasses.replace(one, reading=dataclasses.replace(one.reading, utilisation=min(1.0, mean)))
            for one in said
        ]
    if Distortion.WRONG_UNIT in faults:
        said = [dataclasses.replace(one, reading=dataclasses.replace(one.reading, utilisation=2400.0)) for one in said]
    if Distortion.MISSING_DEVICE in faults:
        said = said[:-1]
    return said


def _constant(one: Reading) -> Reading:
    """Plausible numbers that nobody has measured."""
    return Reading(
        utilisation=0.37,
        copy_utilisation=0.12,
        memory_used_bytes=one.memory_total_bytes // 4,
        memory_total_bytes=one.memory_total_bytes,
        temperature_c=48.0,
        power_w=120.0,
    )


class StaticPage(Collector):
    """A page that says that all is well, and nothing of any device."""

    def collect(self) -> Iterable[Metric]:
        """Two families without a device's label."""
        yield GaugeMetricFamily("accelerator_exporter_up", "Whether the exporter runs.", value=1)
        yield GaugeMetricFamily("accelerator_utilization_ratio", "Share of time with work, of the node.", value=0.4)
