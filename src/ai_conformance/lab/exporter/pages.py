"""The exporter's page: the same readings under the names of the lab's own kind or of a vendor's well-known exporter.

Names and labels of the vendor's are those of NVIDIA's dcgm-exporter (its default counters and its README): the values
are of fake devices all the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.devices import FakeDevice
from ai_conformance.lab.accelerators.flavours import Vendor
from ai_conformance.lab.exporter.gauges import Reading
from ai_conformance.lab.exporter.holders import Holder

_MIB = 1 << 20


@dataclasses.dataclass(frozen=True, kw_only=True)
class Series:
    """All that the page says of one device."""

    device: FakeDevice
    reading: Reading
    holder: Holder | None
    """The first where several containers share it."""
    at_s: float | None = None
    """When it was read, in seconds since 1970; None leaves that to whoever scrapes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Column:
    """One metric: its name, its help text, and how it comes from a reading."""

    name: str
    text: str
    value: Callable[[Reading], float]


LAB: tuple[_Column, ...] = (
    _Column(
        name="accelerator_utilization_ratio",
        text="Share of time in which the accelerator had work.",
        value=lambda one: one.utilisation,
    ),
    _Column(
        name="accelerator_copy_utilization_ratio",
        text="Share of time in which the copy engine had work.",
        value=lambda one: one.copy_utilisation,
    ),
    _Column(
        name="accelerator_memory_used_bytes",
        text="Memory in use.",
        value=lambda one: one.memory_used_bytes,
    ),
    _Column(
        name="accelerator_memory_total_bytes",
        text="Memory of the accelerator.",
        value=lambda one: one.memory_total_bytes,
    ),
    _Column(
        name="accelerator_temperature_celsius",
        text="Temperature of the accelerator.",
        value=lambda one: round(one.temperature_c, 1),
    ),
    _Column(name="accelerator_power_watts", text="Power draw.", value=lambda one: round(one.power_w, 1)),
)
DCGM: tuple[_Column, ...] = (
    _Column(
        name="DCGM_FI_DEV_GPU_UTIL",
        text="GPU utilization (in %).",
        value=lambda one: round(100 * one.utilisation),
    ),
    _Column(
        name="DCGM_FI_DEV_MEM_COPY_UTIL",
        text="Memory utilization (in %).",
        value=lambda one: round(100 * one.copy_utilisation),
    ),
    _Column(
        name="DCGM_FI_DEV_FB_USED",
        text="Frame buffer memory used (in MiB).",
        value=lambda one: one.memory_used_bytes // _MIB,
    ),
    _Column(
        name="DCGM_FI_DEV_FB_FREE",
        text="Frame buffer memory free (in MiB).",
        value=lambda one: (one.memory_total_bytes - one.memory_used_bytes) // _MIB,
    ),
    _Column(
        name="DCGM_FI_DEV_GPU_TEMP",
        text="GPU temperature (in C).",
        value=lambda one: round(one.temperature_c),
    ),
    _Column(name="DCGM_FI_DEV_POWER_USAGE", text="Power draw (in W).", value=lambda one: round(one.power_w, 3)),
)
COPY_ONLY = frozenset({"accelerator_utilization_ratio", "DCGM_FI_DEV_GPU_UTIL"})
"""What an exporter leaves out that knows no more of work than its copy engine."""


class Page(Collector):
    """A page as a collector of the Prometheus client, which writes it."""

    def __init__(
        self, config: AcceleratorConfig, series: Sequence[Series], *, without: Iterable[str] = frozenset()
    ) -> None:
        self._config, self._series, self._without = config, series, frozenset(without)

    def collect(self) -> Iterable[Metric]:
        """One family for each column, one sample for each device."""
        nvidia = self._config.vendor is Vendor.NVIDIA
        for column in DCGM if nvidia else LAB:
            if column.name in self._without:
                continue
            rows = [(self._dcgm_labels(one) if nvidia else self._lab_labels(one), one) for one in self._series]
            family = GaugeMetricFamily(column.name, column.text, labels=list(rows[0][0]) if rows else [])
            for labels, one in rows:
                family.add_metric(list(labels.values()), column.value(one.reading), timestamp=one.at_s)
            yield family

    def _lab_labels(self, one: Series) -> Mapping[str, str]:
        config, flavour = self._config, self._config.flavour
        return {
            "device": flavour.device_name(one.device.index),
            "uuid": one.device.uuid,
            "model": flavour.model(config.node_index).product,
            "node": config.node,
            **_holder(one),
        }

    def _dcgm_labels(self, one: Series) -> Mapping[str, str]:
        config, flavour = self._config, self._config.flavour
        return {
            "gpu": str(one.device.index),
            "UUID": one.device.uuid,
            "pci_bus_id": f"00000000:{0x10 + one.device.index:02X}:00.0",
            "device": f"nvidia{one.device.index}",
            "modelName": flavour.model(config.node_index).product,
            "Hostname": config.node,
            **_holder(one),
        }


def _holder(one: Series) -> Mapping[str, str]:
    held = one.holder
    return {
        "namespace": held.namespace if held else "",
        "pod": held.pod if held else "",
        "container": held.container if held else "",
    }


def render(page: Collector) -> bytes:
    """A page as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(page)
    return bytes(generate_latest(registry))
