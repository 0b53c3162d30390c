"""What the user asked for, as far as checks care."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from ai_conformance.checks.gangs.options import GangOptions
from ai_conformance.checks.waits import Profile


class AllocationMode(enum.StrEnum):
    """How accelerators are asked for: through what was found, or through one mechanism alone."""

    AUTO = "auto"
    DRA = "dra"
    DEVICE_PLUGIN = "device-plugin"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a run. Names are those of the command line."""

    profile: Profile = Profile.DEFAULT
    accelerator_type: str = ""
    """A vendor of the catalog, an extended resource, a DeviceClass or a DRA driver; empty takes all that are found."""
    allocation_mode: AllocationMode = AllocationMode.AUTO
    nodes_per_class: int = 2
    """On how many nodes of each class of accelerator nodes a check is tried."""
    namespace_prefix: str = "aic"
    gang_negative_window_s: float | None = None
    gangs: GangOptions = dataclasses.field(default_factory=GangOptions)
    """Which gang scheduler is tried, and how."""
    metrics_endpoints: tuple[str, ...] = ()
    """Exporters of the accelerators' metrics; empty takes all that are found."""
    load_image: str = ""
    """An image whose own command loads the accelerator that it is granted; empty takes the catalog's."""
    prometheus_url: str = ""
    """A monitoring system that answers PromQL; empty takes those that are found in the cluster."""
    prometheus_authorization: str = dataclasses.field(default="", repr=False)
    """Value of the header for it; a secret."""
    operators: tuple[str, ...] = ()
    """Operators of the catalog that are tried; empty takes all that are found."""
    disruptive: bool = False
    """Whether something that was there before may be restarted, so that it is seen to come back."""
    gateway_class: str = ""
    """A GatewayClass; empty takes an accepted one."""
    allow_scale: bool = False
    """Whether the autoscaler may be made to add nodes, which on most platforms costs money."""
    max_extra_nodes: int = 1
    """How many nodes it may have added at a time for us."""
    autoscaler_pool: str = ""
    """``KEY=VALUE`` of the label of the nodes of the pool that is tried; empty takes the one that is found."""
    autoscaler_scale_up_s: float | None = None
    autoscaler_scale_down_s: float | None = None
    pull_secret: str = dataclasses.field(default="", repr=False)
    """What a ``.dockerconfigjson`` holds: credentials for the images; a secret."""
    image_registry: str = ""
    """Replaces the registry's host of every image."""
    image_map: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Reference to use by the catalog's name of an image, or by its default reference."""

    def image(self, name: str, *, default: str) -> str:
        """The reference of an image after the user's overrides."""
        if name in self.image_map:
            return self.image_map[name]
        if default in self.image_map:
            return self.image_map[default]
        if self.image_registry:
            return f"{self.image_registry.rstrip('/')}/{default.split('/', 1)[-1]}"
        return default
