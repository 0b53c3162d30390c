"""The pods that gangs are tried with: ordinary ones, and members of a group, of one shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_conformance.checks import grants
from ai_conformance.checks.gangs.adapters import Membership

if TYPE_CHECKING:
    from ai_conformance.checks.gangs.capacity import Capacity

CONTAINER = "member"
ORDINARY = Membership()


def pod(
    place: Capacity,
    name: str,
    namespace: str,
    *,
    image: str,
    membership: Membership = ORDINARY,
    template: str | None = None,
    count: int = 1,
) -> dict[str, Any]:
    """A pod that asks for ``count`` units on the place's node; ``template`` is what it claims DRA's devices through."""
    part = grants.Part(name=CONTAINER, granted=True, count=count, cpu_millis=place.unit_millis)
    return grants.probe(
        name,
        namespace,
        image=image,
        supply=place.supply,
        template=template,
        node=place.node,
        parts=(part,),
        labels=membership.labels,
        annotations=membership.annotations,
        extra=membership.spec,
    )
