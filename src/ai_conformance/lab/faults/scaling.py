"""The faults of cluster autoscaling: nobody scales, somebody else does, or it is done wrongly."""

from __future__ import annotations

from ai_conformance.lab.faults.effects import scaling
from ai_conformance.lab.faults.model import Effect, Fault, Scope
from ai_conformance.lab.node_pool import Way

_CHECK = "cluster_autoscaling"
_FAIL, _BLOCKED = "FAIL", "BLOCKED"


def _fault(name: str, effect: Effect, summary: str, *, verdict: str = _FAIL, disturbs: bool = False) -> Fault:
    return Fault(
        name=name,
        summary=summary,
        breaks={_CHECK: verdict},
        scope=Scope.LAB,
        effect=effect,
        disturbs=disturbs,
        needs=("karpenter",),
    )


def _machines(name: str, way: Way, summary: str, *, disturbs: bool = False) -> Fault:
    return _fault(name, scaling.MachinesWrong(way=way), summary, disturbs=disturbs)


FAULTS: tuple[Fault, ...] = (
    _fault(
        "scaling-autoscaler-dead",
        scaling.AutoscalerDead(),
        "The autoscaler's pools are declared, and nobody scales them.",
    ),
    _fault(
        "scaling-node-by-hand",
        scaling.NodeByHand(),
        "The autoscaler is dead, and somebody adds a node of the pool by hand.",
    ),
    _fault(
        "scaling-pool-at-its-limit",
        scaling.PoolChanged(wrong={"limits": {"cpu": "0"}}, right={"limits": None}),
        "The pool may not have any node.",
    ),
    _machines(
        "scaling-other-accelerator",
        Way.OTHER_VENDOR,
        "The node that joins has accelerators of another kind than the pod asks for.",
    ),
    _machines("scaling-no-devices", Way.NO_DEVICES, "The node that joins has no accelerator at all."),
    _machines(
        "scaling-only-kubelet-stops",
        Way.KUBELET_ONLY,
        "When a node is not needed any more, its kubelet stops and its Node object stays.",
    ),
    _machines(
        "scaling-touches-others",
        Way.TOUCHES_OTHERS,
        "When a node joins the pool, another that is none of the pool's takes no pods any more.",
        disturbs=True,
    ),
    _fault(
        "scaling-pool-of-another-team",
        scaling.PoolTainted(key="lab.ai-conformance/team"),
        "The pool's nodes have a taint that has nothing to do with accelerators.",
        verdict=_BLOCKED,
    ),
    _fault(
        "scaling-pods-go-nowhere",
        scaling.PodsGoNowhere(),
        "Pods for the pool get a node selector on their way in that no node satisfies.",
        verdict=_BLOCKED,
    ),
)
