"""What the catalog says of monitoring systems: how a workload is declared to one, and where one answers queries."""

from __future__ import annotations

import dataclasses

from ai_conformance.catalog.entries import Tried


@dataclasses.dataclass(frozen=True, kw_only=True)
class MonitoringSystem:
    """Something in the cluster that answers PromQL over the Prometheus HTTP API."""

    name: str
    title: str
    pod_labels: tuple[str, ...] = ()
    """``key=value``, any of which tells such a pod."""
    images: tuple[str, ...] = ()
    """Last parts of image names without tag, any of which tells such a pod."""
    port: int
    """Where the pod does not name one."""
    port_names: tuple[str, ...] = ()
    source: str
    tried: Tried


@dataclasses.dataclass(frozen=True, kw_only=True)
class MonitorKind:
    """An API kind by whose objects pods or Services are declared: by labels, in the object's own namespace."""

    name: str
    title: str
    group: str
    kind: str
    endpoints: str
    """The field of ``spec`` that lists port, path and interval."""
    interval: str = ""
    """Where the kind wants one; else the platform's own holds."""
    of_services: bool = False
    """Whether its objects choose Services, and the pods behind these."""
    chosen_by: str = ""
    """The kind, of the same group, whose objects choose among these by label selectors."""
    choice: str = ""
    """In that kind: the field of the selector over the objects, which its namespaces' ends like (``...Selector``)."""
    source: str
    tried: Tried
