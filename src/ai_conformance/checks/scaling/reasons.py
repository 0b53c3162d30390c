"""Why the scheduler cannot place a pod, by its own words: for want of an accelerator in the pool, or for another cause.

The words are those of kube-scheduler's PodScheduled condition: ``0/3 nodes are available: 1 Insufficient x, 2 node(s)
didn't match Pod's node affinity/selector. preemption: ...`` (k8s.io/kubernetes, framework.FitError).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks.inventory import Mechanism

if TYPE_CHECKING:
    from ai_conformance.checks.inventory import Supply

Object = Mapping[str, Any]

_WHOLE = re.compile(r"0/(?P<nodes>\d+) nodes are available: (?P<reasons>.*?)\.(?: |$)", re.DOTALL)
_ONE = re.compile(r"(?P<count>\d+) (?P<words>.+)", re.DOTALL)
_NO_NODES = "no nodes available to schedule pods"
_CLAIMS = "cannot allocate all claims"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Words:
    """The scheduler's count of nodes by reason."""

    nodes: int
    reasons: Mapping[str, int]


def parse(message: str) -> Words | None:
    """The words as data; None where they are not the scheduler's."""
    if message.startswith(_NO_NODES):
        return Words(nodes=0, reasons={})
    whole = _WHOLE.match(message)
    if whole is None:
        return None
    reasons: dict[str, int] = {}
    for part in re.split(r", (?=\d+ )", whole["reasons"]):
        one = _ONE.fullmatch(part)
        if one is None:
            return None
        reasons[one["words"]] = reasons.get(one["words"], 0) + int(one["count"])
    return Words(nodes=int(whole["nodes"]), reasons=reasons)


def another_reason(message: str, *, supply: Supply, pool: int) -> str | None:
    """What keeps the pod pending instead of the missing accelerator; None where it is that.

    ``pool`` nodes take the pod's node selector and are usable. Each of them has to lack the accelerator; all others
    may say what they like. How many those are is the scheduler's count, not ours: a node that has just joined may be
    known to it before we hear of it. Where the pool has no node, it is for want of one.
    """
    words = parse(message)
    if words is None:
        return f"the scheduler's words are not understood: {message!r}"
    lacking = sum(count for reason, count in words.reasons.items() if _is_lack(reason, supply=supply))
    other = {reason: count for reason, count in words.reasons.items() if not _is_lack(reason, supply=supply)}
    outside = max(0, words.nodes - pool)
    if sum(other.values()) > outside or (pool and not lacking):
        return f"of {pool} usable nodes of the pool and {outside} others, the scheduler says: {message}"
    return None


def _is_lack(reason: str, *, supply: Supply) -> bool:
    if supply.mechanism is Mechanism.DEVICE_PLUGIN:
        return reason == f"Insufficient {supply.name}"
    return _CLAIMS in reason


def altered(asked: Object, got: Object) -> str | None:
    """What somebody has put into the pod that keeps it from nodes: a selector, an affinity, a gate; None where nothing.

    A pod that is pending for such a reason proves nothing of accelerators.
    """
    wanted, found = asked["spec"], got["spec"]
    changed = [
        f"{name} {found.get(name)!r} instead of {wanted.get(name)!r}"
        for name in ("nodeSelector", "affinity", "schedulingGates", "topologySpreadConstraints", "schedulerName")
        if (found.get(name) or None) != (wanted.get(name) or _DEFAULTS.get(name))
    ]
    return "; ".join(changed) or None


_DEFAULTS = {"schedulerName": "default-scheduler"}


def gate(pod: Object) -> str | None:
    """The scheduler does not even look at the pod: why; None where it does."""
    conditions: Sequence[Object] = (pod.get("status") or {}).get("conditions") or ()
    scheduled = next((one for one in conditions if one["type"] == "PodScheduled"), None)
    if scheduled is None or scheduled["status"] != "False" or scheduled.get("reason") == "Unschedulable":
        return None
    return f"{scheduled.get('reason')}: {scheduled.get('message') or 'no message'}"
