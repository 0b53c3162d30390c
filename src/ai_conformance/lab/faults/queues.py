"""The faults of gang scheduling by a queue."""

from __future__ import annotations

from collections.abc import Mapping

from ai_conformance.lab.faults.effects.kueue import ManagerGone, OtherFlavor
from ai_conformance.lab.faults.model import Effect, Fault, Scope

_ASKED_FOR = ("--gang-scheduler", "kueue")
"""A lab has gangs of its scheduler's own, and these would be judged."""
_NO_POD_AT_ALL = {
    # The operator itself is seen to be gone; of whatever else wants a pod nothing can be observed.
    "robust_controller": "FAIL",
    **dict.fromkeys(
        (
            "dra_support",
            "secure_accelerator_access",
            "accelerator_metrics",
            "ai_service_metrics",
            "pod_autoscaling",
            "cluster_autoscaling",
            "ai_inference",
        ),
        "ERROR",
    ),
}


def _fault(name: str, effect: Effect, summary: str, *, verdict: str, others: Mapping[str, str] | None = None) -> Fault:
    return Fault(
        name=name,
        summary=summary,
        breaks={"gang_scheduling": verdict, **(others or {})},
        scope=Scope.LAB,
        effect=effect,
        needs=("kueue",),
        options=_ASKED_FOR,
    )


FAULTS: tuple[Fault, ...] = (
    _fault(
        "kueue-quota-alone",
        OtherFlavor(flavor="no-topology", exists=True),
        "Kueue's queue admits by a quota that is larger than what there is, and its flavour has no topology.",
        verdict="FAIL",
    ),
    _fault(
        "kueue-wrong-name",
        OtherFlavor(flavor="noeds", exists=False),
        "Kueue's only queue names a flavour that does not exist.",
        verdict="BLOCKED",
    ),
    _fault(
        "kueue-manager-gone",
        ManagerGone(),
        "Nobody answers Kueue's webhooks, so that the API server makes no pod at all.",
        verdict="BLOCKED",
        others=_NO_POD_AT_ALL,
    ),
)
