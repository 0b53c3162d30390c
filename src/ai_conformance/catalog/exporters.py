"""What the catalog says of exporters: programs on accelerator nodes that tell what the accelerators do."""

from __future__ import annotations

import dataclasses
import enum

from ai_conformance.catalog.entries import Tried


class Unit(enum.StrEnum):
    """The unit of a metric's values."""

    RATIO = "ratio"
    """0 to 1."""
    PERCENT = "percent"
    """0 to 100."""
    BYTES = "bytes"
    MIB = "MiB"
    CELSIUS = "celsius"
    WATTS = "watts"
    MILLIWATTS = "milliwatts"
    OTHER = "other"
    """Reported as it is and not judged."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric by its name in the exposition, with the unit of its values."""

    name: str
    unit: Unit


@dataclasses.dataclass(frozen=True, kw_only=True)
class DeviceLabel:
    """A label of the series whose value is that of an attribute of the device's entry in its ResourceSlice."""

    label: str
    attribute: str = ""
    """Empty: the label has the device's name."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class HolderLabels:
    """The labels that name the pod which holds a device; empty where there are none."""

    namespace: str = ""
    pod: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class MetricsExporter:
    """One exporter: how its pods are recognised, where it answers, and what its metrics are called."""

    name: str
    title: str
    vendor: str
    """Name of the vendor whose accelerators it tells of."""
    pod_labels: tuple[str, ...] = ()
    """``key=value``, any of which tells such a pod."""
    images: tuple[str, ...] = ()
    """Last parts of image names without tag, any of which tells such a pod."""
    port: int
    """Where the pod does not name one."""
    port_names: tuple[str, ...] = ("metrics",)
    """Names of the container's port, in order of preference."""
    path: str = "/metrics"
    identity: tuple[str, ...]
    """Labels that together tell one accelerator of a node from another."""
    utilisation: tuple[Metric, ...]
    """The first that is on the page counts."""
    copy_engine: tuple[str, ...] = ()
    """Metrics that have to do with utilisation and say nothing of computing: they do not count."""
    memory_used: tuple[Metric, ...]
    memory_total: tuple[Metric, ...] = ()
    memory_free: tuple[Metric, ...] = ()
    """Where there is no total: used, free and reserved make it."""
    memory_reserved: tuple[Metric, ...] = ()
    temperature: tuple[Metric, ...] = ()
    power: tuple[Metric, ...] = ()
    interconnect: tuple[Metric, ...] = ()
    devices: tuple[DeviceLabel, ...] = ()
    """How a series is matched with a device of the API, in order of trust."""
    holder: HolderLabels = dataclasses.field(default_factory=HolderLabels)
    source: str
    tried: Tried
