"""Facts as data files with a strict loader: requirements per release, vendors, gang schedulers, images.

Importing this room is cheap; reading the files (and importing what reads them) waits until `load` is called.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ai_conformance.catalog.autoscalers import Autoscaler
from ai_conformance.catalog.entries import (
    Bypass,
    GangScheduler,
    Identity,
    IdentityMethod,
    Image,
    Load,
    NodeLabels,
    Tried,
    Vendor,
)
from ai_conformance.catalog.errors import CatalogError, UnknownName
from ai_conformance.catalog.exporters import DeviceLabel, HolderLabels, Metric, MetricsExporter, Unit
from ai_conformance.catalog.monitoring import MonitoringSystem, MonitorKind
from ai_conformance.catalog.operators import Operator, Webhooks

if TYPE_CHECKING:
    from ai_conformance.catalog.loader import Catalog

__all__ = [
    "Autoscaler",
    "Bypass",
    "Catalog",
    "CatalogError",
    "DeviceLabel",
    "GangScheduler",
    "HolderLabels",
    "Identity",
    "IdentityMethod",
    "Image",
    "Load",
    "Metric",
    "MetricsExporter",
    "MonitorKind",
    "MonitoringSystem",
    "NodeLabels",
    "Operator",
    "Tried",
    "Unit",
    "UnknownName",
    "Vendor",
    "Webhooks",
    "load",
]


def load(extra: tuple[Path, ...] = ()) -> Catalog:
    """The built-in catalog, with a user's own vendor files added. Raises CatalogError."""
    from ai_conformance.catalog import loader  # noqa: PLC0415 - see the module's docstring

    return loader.load(extra)
