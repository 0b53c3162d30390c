"""A page of metrics as numbers of single accelerators; pure.

The text is read by the Prometheus client's own parser. Units are made equal here: utilisation is 0 to 1, memory bytes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

from ai_conformance.catalog import Unit

if TYPE_CHECKING:
    from ai_conformance.catalog import Metric, MetricsExporter

_FACTORS: Mapping[Unit, float] = {
    Unit.RATIO: 1.0,
    Unit.PERCENT: 0.01,
    Unit.BYTES: 1.0,
    Unit.MIB: float(1 << 20),
    Unit.MILLIWATTS: 0.001,
}
_OPENMETRICS = "application/openmetrics-text"


class MalformedPage(Exception):  # noqa: N818 - says what was seen
    """What was answered is not a page of metrics."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sample:
    """One line of a page."""

    labels: Mapping[str, str]
    value: float
    at_s: float | None = None
    """Seconds since 1970, where the page says it."""


Page = Mapping[str, Sequence[Sample]]
"""Samples by the metric's name."""


def parse(text: str, *, content_type: str = "") -> Page:
    """Read the text format, or OpenMetrics where the answer says so. Raises MalformedPage."""
    read = openmetrics_families if content_type.startswith(_OPENMETRICS) else text_string_to_metric_families
    found: dict[str, list[Sample]] = {}
    try:
        for family in read(text):
            for one in family.samples:
                at_s = None if one.timestamp is None else float(one.timestamp)
                found.setdefault(one.name, []).append(Sample(labels=one.labels, value=float(one.value), at_s=at_s))
    except (ValueError, KeyError, IndexError) as error:
        first = text.strip().splitlines()[:1]
        raise MalformedPage(f"it is not Prometheus' text format: {error} (it begins with {first!r})") from error
    if not found:
        raise MalformedPage("there is no sample on it")
    return found


@dataclasses.dataclass(frozen=True, kw_only=True)
class Figure:
    """A value of a metric, in our unit."""

    metric: str
    value: float
    raw: float
    """As the page has it."""
    at_s: float | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Readings:
    """All that a page says of one accelerator."""

    key: tuple[str, ...]
    """The values of the labels that tell it from others."""
    labels: Mapping[str, str]
    utilisation: Figure | None = None
    memory_used: Figure | None = None
    memory_total_bytes: float | None = None
    temperature: Figure | None = None
    power: Figure | None = None
    interconnect: Figure | None = None

    @property
    def name(self) -> str:
        """For messages."""
        return "/".join(self.key)


def of_devices(page: Page, *, exporter: MetricsExporter) -> dict[tuple[str, ...], Readings]:
    """By accelerator. Samples without the labels that tell accelerators apart belong to none."""
    columns = {
        "utilisation": _column(page, exporter.utilisation),
        "memory_used": _column(page, exporter.memory_used),
        "temperature": _column(page, exporter.temperature),
        "power": _column(page, exporter.power),
        "interconnect": _column(page, exporter.interconnect),
    }
    sides = [exporter.memory_total] if _has(page, exporter.memory_total) else _parts(exporter)
    totals = [_by_key(page, side, exporter=exporter) for metrics in sides for side in (_column(page, metrics),) if side]
    found: dict[tuple[str, ...], dict[str, Figure]] = {}
    labels: dict[tuple[str, ...], Mapping[str, str]] = {}
    for field, metric in columns.items():
        if metric is None:
            continue
        for key, sample in _keyed(page[metric.name], exporter=exporter):
            found.setdefault(key, {})[field] = _figure(sample, metric)
            labels.setdefault(key, sample.labels)
    return {
        key: Readings(
            key=key,
            labels=labels[key],
            memory_total_bytes=_sum(key, totals),
            utilisation=fields.get("utilisation"),
            memory_used=fields.get("memory_used"),
            temperature=fields.get("temperature"),
            power=fields.get("power"),
            interconnect=fields.get("interconnect"),
        )
        for key, fields in found.items()
    }


def _parts(exporter: MetricsExporter) -> list[tuple[Metric, ...]]:
    if not exporter.memory_free:
        return []
    return [exporter.memory_used, exporter.memory_free, exporter.memory_reserved]


def _has(page: Page, metrics: Sequence[Metric]) -> bool:
    return _column(page, metrics) is not None


def _column(page: Page, metrics: Sequence[Metric]) -> Metric | None:
    return next((one for one in metrics if one.name in page), None)


def _keyed(samples: Sequence[Sample], *, exporter: MetricsExporter) -> Iterator[tuple[tuple[str, ...], Sample]]:
    for sample in samples:
        key = tuple(sample.labels.get(name, "") for name in exporter.identity)
        if any(key):
            yield key, sample


def _by_key(page: Page, metric: Metric, *, exporter: MetricsExporter) -> dict[tuple[str, ...], float]:
    return {key: _figure(one, metric).value for key, one in _keyed(page[metric.name], exporter=exporter)}


def _sum(key: tuple[str, ...], totals: Sequence[Mapping[tuple[str, ...], float]]) -> float | None:
    values = [one[key] for one in totals if key in one]
    return sum(values) if values else None


def _figure(sample: Sample, metric: Metric) -> Figure:
    value = sample.value * _FACTORS.get(metric.unit, 1.0)
    return Figure(metric=metric.name, value=value, raw=sample.value, at_s=sample.at_s)
