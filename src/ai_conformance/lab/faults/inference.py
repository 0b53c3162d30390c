"""The faults of gateways: traffic that does not do what routes say, and statuses that do not say what is."""

from __future__ import annotations

from ai_conformance.lab.faults.effects.admission import Rewritten
from ai_conformance.lab.faults.effects.gateway import Extended, Stopped
from ai_conformance.lab.faults.model import Effect, Fault, Scope
from ai_conformance.lab.gateway_extension import Way

_GROUP = "gateway.networking.k8s.io"
_REFS = "object.spec.rules[0].backendRefs"
_FROM = "/spec/listeners/0/allowedRoutes/namespaces/from"
_CONDITION = (
    '{"type": dyn(c.type), "status": dyn("True"), "reason": dyn(c.type), "message": dyn(""), '
    '"observedGeneration": dyn(c.observedGeneration), "lastTransitionTime": dyn(c.lastTransitionTime)}'
)


def _fault(name: str, effect: Effect, summary: str) -> Fault:
    return Fault(
        name=name,
        summary=summary,
        breaks={"ai_inference": "FAIL"},
        scope=Scope.LAB,
        effect=effect,
        needs=("gateway",),
    )


FAULTS: tuple[Fault, ...] = (
    _fault(
        "gateway-ignores-weights",
        Extended(way=Way.WEIGHTS_IGNORED),
        "Requests go to all backends of a rule in turn, whatever their weights.",
    ),
    _fault(
        "gateway-ors-conditions",
        Extended(way=Way.CONDITIONS_ORED),
        "Of a match with path and headers a request has to satisfy one of both only.",
    ),
    _fault(
        "gateway-routes-nothing",
        Extended(way=Way.NO_ROUTES),
        "All conditions are true, and no route arrives at the data plane.",
    ),
    _fault(
        "gateway-stale",
        Extended(way=Way.STALE),
        "All conditions are true for the newest generation, and the data plane stays as it was.",
    ),
    _fault(
        "gateway-buffers-answers",
        Extended(way=Way.BUFFERED),
        "A streamed answer is held back until it is whole.",
    ),
    _fault(
        "gateway-serves-weight-zero",
        Rewritten(
            name="gateway-serves-weight-zero",
            group=_GROUP,
            resource="httproutes",
            condition=f"size(object.spec.rules) == 1 && {_REFS}.exists(b, b.weight == 0)",
            patches=(
                '[JSONPatch{op: "replace", path: "/spec/rules/0/backendRefs", value: '
                f'{_REFS}.map(b, {{"name": dyn(b.name), "port": dyn(b.port), '
                '"weight": dyn(b.weight == 0 ? 5 : b.weight)})}]'
            ),
        ),
        "A backend with the weight 0 gets a few requests.",
    ),
    _fault(
        "gateway-takes-foreign-routes",
        Rewritten(
            name="gateway-takes-foreign-routes",
            group=_GROUP,
            resource="gateways",
            condition="true",
            patches=f'[JSONPatch{{op: "replace", path: "{_FROM}", value: "All"}}]',
        ),
        "A Gateway takes routes of every namespace, whatever its listeners allow.",
    ),
    _fault(
        "gateway-hides-missing-backend",
        Rewritten(
            name="gateway-hides-missing-backend",
            group=_GROUP,
            resource="httproutes/status",
            condition="has(object.status) && has(object.status.parents) && size(object.status.parents) == 1",
            patches=(
                '[JSONPatch{op: "replace", path: "/status/parents/0/conditions", value: '
                f"object.status.parents[0].conditions.map(c, {_CONDITION})}}]"
            ),
        ),
        "The status of a route says that all is well, whatever it refers to.",
    ),
    _fault("gateway-controller-gone", Stopped(), "A GatewayClass is accepted, and nobody cares for its Gateways."),
)
