"""Who has added a node: an autoscaler that says so of this pod and this node, or nobody that is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ai_conformance.catalog import Autoscaler

Object = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Statement:
    """What one autoscaler says: events on the pod, and objects of its claim kind that are new."""

    autoscaler: Autoscaler
    events: Sequence[Object]
    claims: Sequence[Object]

    def of(self, node: str) -> str | None:
        """The sentence by which it owns the node up; None where it says nothing of it.

        Where it has objects that stand for machines, one of them has to name the node: an event tells of an intention.
        """
        nominated = [_event(one) for one in self.events if self._is_mine(one)]
        if not self.autoscaler.claim_kind:
            return f"{self.autoscaler.title} says on the pod: {nominated[0]}" if nominated else None
        for claim in self.claims:
            if (claim.get("status") or {}).get("nodeName") == node:
                words = f"{self.autoscaler.claim_kind} {claim['metadata']['name']} names node {node}"
                return f"{words}; {nominated[0]}" if nominated else words
        return None

    def _is_mine(self, event: Object) -> bool:
        return event.get("reason") in self.autoscaler.events and _reporter(event) in self.autoscaler.reporters

    def words(self) -> list[str]:
        """All that it says, for a person who has to see why nothing came of it."""
        said = [_event(one) for one in self.events if _reporter(one) in self.autoscaler.reporters]
        return [*dict.fromkeys(said), *(_claim(self.autoscaler, one) for one in self.claims)]


def owned_up(statements: Sequence[Statement], *, node: str) -> str | None:
    """The first autoscaler's sentence that owns a node up."""
    return next((said for one in statements if (said := one.of(node))), None)


def words(statements: Sequence[Statement]) -> str:
    """What all of them say."""
    said = [text for one in statements for text in one.words()]
    return "; ".join(said) or "no autoscaler says anything of the pod"


def _reporter(event: Object) -> str:
    return str(event.get("reportingComponent") or (event.get("source") or {}).get("component") or "")


def _event(event: Object) -> str:
    return f"{_reporter(event)}: {event.get('reason')}: {str(event.get('message') or '').strip()[:300]}"


def _claim(autoscaler: Autoscaler, claim: Object) -> str:
    conditions = (claim.get("status") or {}).get("conditions") or ()
    states = [
        f"{one['type']}={one['status']}{f' ({said})' if (said := one.get('message') or one.get('reason')) else ''}"
        for one in conditions
        if one["status"] != "True"
    ]
    return f"{autoscaler.claim_kind} {claim['metadata']['name']}: {', '.join(states) or 'all conditions hold'}"
