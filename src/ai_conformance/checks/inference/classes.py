"""Which GatewayClass is tried, and what the platform offers of the Gateway API at all."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes, waits
from ai_conformance.kube import errors, pods, poll

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_conformance.catalog.gateways import GatewayImplementation
    from ai_conformance.checks.context import Context
    from ai_conformance.kube.discovery import Discovery
    from ai_conformance.kube.resources import Resource

GROUP = "gateway.networking.k8s.io"
_KINDS = ("GatewayClass", "Gateway", "HTTPRoute")
_LOOK_S = 2.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Api:
    """The Gateway API's resources, each in the version that the server prefers."""

    gateway_class: Resource
    gateway: Resource
    route: Resource


@dataclasses.dataclass(frozen=True, kw_only=True)
class Choice:
    """The class that Gateways are made of."""

    name: str
    controller: str
    known: GatewayImplementation | None
    """What the catalog says of its controller."""
    others: tuple[str, ...]
    """Further accepted classes, which are not tried."""

    def __str__(self) -> str:
        title = self.known.title if self.known else "not in the catalog"
        return f"GatewayClass {self.name} of {self.controller} ({title})"


def served(discovery: Discovery) -> Api:
    """The API's resources. Raises Failed where they are not served."""
    found = {kind: discovery.find(GROUP, kind) for kind in _KINDS}
    missing = [kind for kind, resource in found.items() if resource is None]
    if missing:
        versions = ", ".join(discovery.versions(GROUP)) or "no version of the group"
        raise outcomes.Failed(f"the Gateway API is not served: no {', '.join(missing)} of {GROUP} ({versions})")
    gateway_class, gateway, route = (found[kind] for kind in _KINDS)
    assert gateway_class is not None
    assert gateway is not None
    assert route is not None
    return Api(gateway_class=gateway_class, gateway=gateway, route=route)


async def choose(ctx: Context, api: Api) -> Choice:
    """One accepted class. Raises Failed where there is none, Blocked where the named one is not there.

    A new class is accepted when its controller has come to it: one of which nothing is decided yet gets time for that.
    """
    known, wanted = ctx.catalog.gateways, ctx.options.gateway_class

    async def listed() -> Sequence[Mapping[str, Any]]:
        return (await ctx.session.list(api.gateway_class)).items

    try:
        found = await poll.eventually(
            listed,
            until=lambda seen: decided(seen, known=known, wanted=wanted),
            timeout_s=ctx.seconds(waits.GATEWAY_PROGRAMMED),
            waiting_for="a GatewayClass to be accepted",
            interval_s=_LOOK_S,
        )
    except errors.TimedOut:
        found = await listed()
    return chosen(found, known=known, wanted=wanted)


def decided(classes: Sequence[Mapping[str, Any]], *, known: Sequence[GatewayImplementation], wanted: str = "") -> bool:
    """Whether one of the classes that may be tried is accepted, or nothing is to be decided of any of them."""
    if wanted:
        candidates = [one for one in classes if one["metadata"]["name"] == wanted]
    else:
        candidates = _fitting(classes, by_controller=_by_controller(known))
    states = {_accepted(one) for one in candidates}
    return "True" in states or states <= {"False"}


def chosen(classes: Sequence[Mapping[str, Any]], *, known: Sequence[GatewayImplementation], wanted: str = "") -> Choice:
    """The wanted class, else the first accepted one: those of the catalog first, in its order, then by name."""
    by_controller = _by_controller(known)
    if wanted:
        return _named(classes, by_controller=by_controller, wanted=wanted)
    accepted = [one for one in _fitting(classes, by_controller=by_controller) if _accepted(one) == "True"]
    if not accepted:
        seen = "; ".join(map(_said, classes)) or "there is no GatewayClass at all"
        raise outcomes.Failed(f"the Gateway API is served, and no implementation has accepted a GatewayClass: {seen}")
    order = {entry.name: number for number, entry in enumerate(known)}

    def rank(one: Mapping[str, Any]) -> tuple[int, int, str]:
        entry, name = by_controller.get(_controller(one)), str(one["metadata"]["name"])
        if entry is None:
            return (len(order), 0, name)
        preferred = entry.classes.index(name) if name in entry.classes else len(entry.classes)
        return (order[entry.name], preferred, name)

    first, *others = sorted(accepted, key=rank)
    return _choice(first, by_controller=by_controller, others=[str(one["metadata"]["name"]) for one in others])


def _named(
    classes: Sequence[Mapping[str, Any]], *, by_controller: Mapping[str, GatewayImplementation], wanted: str
) -> Choice:
    one = next((each for each in classes if each["metadata"]["name"] == wanted), None)
    if one is None:
        there = ", ".join(str(each["metadata"]["name"]) for each in classes) or "none"
        raise outcomes.Blocked(f"there is no GatewayClass {wanted}, which --gateway-class names; there are: {there}")
    if _accepted(one) != "True":
        raise outcomes.Failed(f"no implementation has accepted the GatewayClass: {_said(one)}")
    return _choice(one, by_controller=by_controller, others=())


def _choice(
    one: Mapping[str, Any], *, by_controller: Mapping[str, GatewayImplementation], others: Sequence[str]
) -> Choice:
    controller = _controller(one)
    return Choice(
        name=str(one["metadata"]["name"]),
        controller=controller,
        known=by_controller.get(controller),
        others=tuple(others),
    )


def _by_controller(known: Sequence[GatewayImplementation]) -> dict[str, GatewayImplementation]:
    return {one: entry for entry in known for one in entry.controllers}


def _fitting(
    classes: Sequence[Mapping[str, Any]], *, by_controller: Mapping[str, GatewayImplementation]
) -> list[Mapping[str, Any]]:
    # A mesh's classes are for traffic inside of it, and their Gateways have no address for clients.
    return [one for one in classes if not _is_mesh(by_controller.get(_controller(one)))]


def _is_mesh(entry: GatewayImplementation | None) -> bool:
    return entry is not None and entry.mesh


def _controller(one: Mapping[str, Any]) -> str:
    return str(one["spec"].get("controllerName", ""))


def _accepted(one: Mapping[str, Any]) -> str:
    """True or False; else nobody has decided it."""
    return str((pods.condition(one, "Accepted") or {}).get("status", ""))


def _said(one: Mapping[str, Any]) -> str:
    said = pods.condition(one, "Accepted")
    state = f"Accepted={said['status']} {said.get('reason', '')}: {said.get('message', '')}" if said else "no condition"
    return f"{one['metadata']['name']} of {_controller(one)}: {state}"
