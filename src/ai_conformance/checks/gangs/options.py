"""Which gang scheduler is tried, and through which queue, as far as the user says so."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, kw_only=True)
class GangOptions:
    """Empty values leave the choice to what is found."""

    scheduler: str = ""
    """The name of a gang scheduler of the catalog."""
    queue: str = ""
    """Kueue's ClusterQueue, or the queue of another scheduler's groups."""
    namespace: str = ""
    """Where a LocalQueue is that has been made for tests; the members' label names it."""
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Put on every member."""
    pod_scheduler: str = ""
    """The members' ``spec.schedulerName``, where it is not the usual one of that scheduler."""
