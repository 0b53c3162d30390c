"""The faults of an operator: JobSet, as it is in the lab."""

from __future__ import annotations

from ai_conformance.lab.faults.effects.leading import StatusByHand
from ai_conformance.lab.faults.effects.operators import ControllerGone, CrashLoop, RightsMissing
from ai_conformance.lab.faults.effects.orphans import OrphanedChildren
from ai_conformance.lab.faults.effects.webhooks import DeniedByPolicy, WebhooksIgnored, WrongAuthority
from ai_conformance.lab.faults.model import Effect, Fault, Scope


def _fault(name: str, effect: Effect, summary: str, *, verdict: str = "FAIL") -> Fault:
    return Fault(
        name=name,
        summary=summary,
        breaks={"robust_controller": verdict},
        scope=Scope.LAB,
        effect=effect,
        needs=("jobset",),
    )


FAULTS: tuple[Fault, ...] = (
    _fault("operator-gone", ControllerGone(), "The operator's CRD is there, and neither its controller nor webhooks."),
    _fault("operator-crash-loops", CrashLoop(), "The operator's manager ends soon after each start."),
    _fault(
        "operator-webhooks-ignored",
        WebhooksIgnored(),
        "The operator's webhooks have no endpoints, and failurePolicy Ignore lets everything pass.",
    ),
    _fault(
        "operator-webhooks-untrusted",
        WrongAuthority(),
        "The CA bundle of the operator's webhooks is of another authority than their certificate.",
    ),
    _fault(
        "operator-imitated-by-policy",
        DeniedByPolicy(own_webhook_asked=False),
        "A policy denies in the operator's words; its own webhook is not asked when an object is created.",
    ),
    _fault(
        "operator-preceded-by-policy",
        DeniedByPolicy(own_webhook_asked=True),
        "A policy denies what the operator's webhook would, before that is asked.",
        verdict="BLOCKED",
    ),
    _fault(
        "operator-status-by-hand",
        StatusByHand(),
        "The operator's controller is dead, and somebody writes into each status that all is well.",
    ),
    _fault(
        "operator-orphans-children",
        OrphanedChildren(),
        "What the operator's controller makes has no owner, so nothing goes with the object that it was made of.",
    ),
    _fault(
        "operator-may-not-create",
        RightsMissing(verbs=("create",)),
        "The operator's controller may not create what it is asked for.",
    ),
    _fault(
        "operator-may-not-change",
        RightsMissing(verbs=("update", "patch")),
        "The operator's controller may create, and not change what it has created.",
    ),
)
