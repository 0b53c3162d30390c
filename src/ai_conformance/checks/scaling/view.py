"""What is watched while a pool is scaled."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ai_conformance.catalog import Autoscaler
    from ai_conformance.kube.mirror import Mirror

Object = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class View:
    """All views, kept open for the whole check."""

    nodes: Mirror
    pods: Mirror
    """Of the check's own namespace, as are the events."""
    events: Mirror
    slices: Mirror | None
    claims: Sequence[tuple[Autoscaler, Mirror]]
    """Of each autoscaler that has objects which stand for machines."""
    autoscalers: Sequence[Autoscaler]
    """Those whose word counts."""

    def all_slices(self) -> list[Object]:
        """ResourceSlices; none where they are not served."""
        return list(self.slices.objects.values()) if self.slices else []
