"""What the catalog's files hold, as data. Field names are the keys of the files."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from ai_conformance.catalog.gangs import Grouping


class Tried(enum.StrEnum):
    """On what a fact was tried."""

    HARDWARE = "hardware"
    LAB = "lab"
    NONE = "none"


class IdentityMethod(enum.StrEnum):
    """How a device inside a container is told from another."""

    FIRST_LINE = "first-line"
    """The first line of a readable block device equals the attribute."""
    PATH_INDEX = "path-index"
    """The number at the end of the path equals the one at the end of the device's name, or the attribute."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Identity:
    """One method, and the attribute of the ResourceSlice that it is compared with."""

    method: IdentityMethod
    attribute: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bypass:
    """Ways in which a legacy runtime hands out devices to containers that did not request any."""

    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    volume_mounts: tuple[str, ...] = ()
    annotations: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, kw_only=True)
class NodeLabels:
    """Labels by which a vendor's feature discovery describes a node; empty where it has none for the purpose."""

    presence: str = ""
    product: str = ""
    driver_version: str = ""
    runtime_version: str = ""
    physical_count: str = ""
    """How many physical accelerators the node has, however many units its device plugin makes of them."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Load:
    """A container that keeps the accelerator busy which it was granted, until it is told to end."""

    image: str
    """Name of an image of the catalog."""
    script: str = ""
    """A program for the image's shell; else the arguments of the image's own command."""
    args: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Vendor:
    """A kind of accelerators."""

    name: str
    title: str
    extended_resources: tuple[str, ...] = ()
    dra_drivers: tuple[str, ...] = ()
    device_classes: tuple[str, ...] = ()
    device_globs: tuple[str, ...]
    """Paths in a container that stand for a device each."""
    control_globs: tuple[str, ...] = ()
    """Paths that match the former but are no devices."""
    identity: tuple[Identity, ...] = ()
    bypass: Bypass = dataclasses.field(default_factory=Bypass)
    taints: tuple[str, ...] = ()
    """Keys of taints that keep other workloads away and that a workload with a request tolerates."""
    driver_version_attributes: tuple[str, ...] = ()
    runtime_version_attributes: tuple[str, ...] = ()
    node_labels: NodeLabels = dataclasses.field(default_factory=NodeLabels)
    management_tool: str = ""
    """The command in the vendor's images that lists devices and versions."""
    load: Load | None = None
    """None where no public image is known that loads such an accelerator."""
    source: str
    """Which documents or sources the facts were read in."""
    tried: Tried


@dataclasses.dataclass(frozen=True, kw_only=True)
class GangScheduler:
    """Something that places groups of pods, recognised by API kinds that are served, or else by its own pods."""

    name: str
    title: str
    group: str = ""
    kinds: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    """The newest first."""
    pods: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Labels of its own pods, where no API kind tells of it."""
    source: str
    tried: Tried
    grouping: Grouping | None = None
    """None where the check has code for it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Image:
    """An image that checks use."""

    name: str
    reference: str
    purpose: str
