"""What pages have to say, and what is wrong with them; pure. Each function gives a sentence for each thing wrong."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ai_conformance.checks.exporters.pages import Figure, Readings
from ai_conformance.kube import quantities

if TYPE_CHECKING:
    from ai_conformance.catalog import MetricsExporter
    from ai_conformance.checks.inventory import Device

Pages = Mapping[tuple[str, ...], Readings]

OVERSHOOT = 0.01
"""Averages of counters that are read at slightly different moments may exceed the whole by this share."""
MEMORY_TOLERANCE = 0.25
"""Exporters leave out what firmware keeps for itself, and makers count in powers of ten."""
RISE = 0.10
"""By how much of the whole utilisation has to rise under a load that is made to keep a device busy."""
STIR = 0.05
"""An idle device may seem to have this much to do: the exporter itself looks at it."""
STALE_S = 300.0
"""The look-back of Prometheus: a sample that is older is no longer there for its queries."""
_HOTTEST_C, _COLDEST_C = 150.0, -20.0
_MOST_W = 5000.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Expected:
    """The accelerators of one vendor on one node, as the API knows them."""

    node: str
    devices: tuple[Device, ...]
    """Those that have names."""
    units: int
    """Those of a device plugin, which have none."""

    @property
    def count(self) -> int:
        """How many there are in all."""
        return len(self.devices) + self.units


def uncovered(expected: Expected, pages: Pages, *, exporter: MetricsExporter) -> list[str]:
    """What of the inventory has no series."""
    missing = [
        f"{device.name} ({_identity(device, exporter)})"
        for device in expected.devices
        if _comparable(device, exporter=exporter) and match(device, pages, exporter=exporter) is None
    ]
    if missing:
        return [f"node {expected.node}: no series of {', '.join(missing)}; there are {_names(pages)}"]
    # Where both mechanisms hand out the same hardware, the named devices are all there is.
    same = bool(expected.devices) and len(pages) == len(expected.devices) == expected.units
    if len(pages) < expected.count and not same:
        return [f"node {expected.node} has {expected.count} accelerators and series of {len(pages)}: {_names(pages)}"]
    return []


def match(device: Device, pages: Pages, *, exporter: MetricsExporter) -> Readings | None:
    """The series of a device, by the first label that both sides have."""
    for label in exporter.devices:
        value = device.attribute(label.attribute) if label.attribute else device.name
        if value is None:
            continue
        found = [one for one in pages.values() if one.labels.get(label.label) == str(value)]
        if found:
            return found[0]
    return None


def _comparable(device: Device, *, exporter: MetricsExporter) -> bool:
    return any(not one.attribute or device.attribute(one.attribute) is not None for one in exporter.devices)


def _identity(device: Device, exporter: MetricsExporter) -> str:
    values = (device.attribute(one.attribute) for one in exporter.devices if one.attribute)
    return next((str(value) for value in values if value is not None), "no identity in the API")


def _names(pages: Pages) -> str:
    return ", ".join(one.name for one in pages.values()) or "none of a single accelerator"


def utilisation(pages: Pages, *, now_s: float) -> list[str]:
    """Missing, out of range, or old."""
    return list(_figures(pages, field="utilisation", limits=(0.0, 1.0 + OVERSHOOT), now_s=now_s))


def _figures(pages: Pages, *, field: str, limits: tuple[float, float], now_s: float) -> Iterator[str]:
    low, high = limits
    for one in pages.values():
        figure: Figure | None = getattr(one, field)
        if figure is None:
            yield f"{one.name} has no {field} series"
        elif math.isnan(figure.value) or not low <= figure.value <= high:
            yield f"{figure.metric} of {one.name} is {figure.raw:g}, which no {field} can be"
        elif figure.at_s is not None and now_s - figure.at_s > STALE_S:
            yield f"{figure.metric} of {one.name} is {now_s - figure.at_s:.0f} s old, by its own time stamp"


def memory(pages: Pages, *, now_s: float, devices: Sequence[Device], exporter: MetricsExporter) -> list[str]:
    """Missing, negative, more than there is, or of another size than the API says."""
    wrong = list(_figures(pages, field="memory_used", limits=(0.0, float(1 << 50)), now_s=now_s))
    for one in pages.values():
        used, total = one.memory_used, one.memory_total_bytes
        if used is not None and total is not None and used.value > total * (1 + OVERSHOOT):
            wrong.append(f"{one.name} uses {_gib(used.value)} of {_gib(total)}")
    for device in devices:
        said = device.capacity.get("memory")
        found = match(device, pages, exporter=exporter)
        if said is None or found is None or found.memory_total_bytes is None:
            continue
        published = float(quantities.parse(said))
        if abs(found.memory_total_bytes - published) > MEMORY_TOLERANCE * published:
            wrong.append(
                f"{found.name} has {_gib(found.memory_total_bytes)} by its metrics and {_gib(published)} by the API"
            )
    return wrong


def optional(pages: Pages) -> tuple[list[str], list[str]]:
    """Which of temperature, power and interconnect are told of how many accelerators; and values that cannot be."""
    limits = {
        "temperature": (_COLDEST_C, _HOTTEST_C),
        "power": (0.0, _MOST_W),
        "interconnect": (0.0, math.inf),
    }
    told, wrong = [], []
    for field, (low, high) in limits.items():
        figures = [(one.name, figure) for one in pages.values() if (figure := getattr(one, field)) is not None]
        if figures:
            told.append(f"{field} ({figures[0][1].metric}) of {len(figures)}")
        wrong += [
            f"{figure.metric} of {name} is {figure.raw:g}, which no {field} can be"
            for name, figure in figures
            if math.isnan(figure.value) or not low <= figure.value <= high
        ]
    return told, wrong


def rise(before: Readings | None, after: Readings | None) -> float | None:
    """By how much utilisation rose, of 1; None where one of them does not say."""
    if before is None or after is None or before.utilisation is None or after.utilisation is None:
        return None
    return after.utilisation.value - before.utilisation.value


def shown(one: Readings | None) -> str:
    """The utilisation of an accelerator, for a person."""
    if one is None or one.utilisation is None:
        return "nothing"
    return f"{one.utilisation.value:.0%}"


def _gib(value: float) -> str:
    return f"{value / (1 << 30):.1f} GiB"
