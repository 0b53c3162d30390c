"""A Gateway until it can be used: programmed, with an address, at which something answers."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.inference import judgements, routes, scene
from ai_conformance.checks.inference.traffic import Traffic, ask
from ai_conformance.kube import errors, pods, poll

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_conformance.checks.context import Case
    from ai_conformance.kube.mirror import Mirror

_LOOK_S = 1.0
_NO_ADDRESS = "AddressNotAssigned"
"""Why a Gateway is not programmed where nothing gives out addresses (Gateway API, GatewayConditionReason)."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Look:
    """What a look at all addresses has shown."""

    way: Traffic | None
    said: str

    def __str__(self) -> str:
        return self.said


async def reached(where: scene.Scene, case: Case) -> Traffic:
    """The way to our Gateway, over which something answered. Raises Failed, or Blocked for want of an address."""
    addresses = await _programmed(where)
    port = _port(where)
    wait_s = where.ctx.seconds(waits.GATEWAY_REACHED)
    ways = [Traffic(scene=where, address=address, port=port) for address in addresses]
    request = ask(where, "any", route="nobody", count=4)

    async def look() -> _Look:
        nothing: list[str] = []
        for way in ways:
            answer = await way.one(request)
            if answer.answered:
                return _Look(way=way, said=str(answer))
            nothing.append(f"{way.address}:{port}: {answer}")
        return _Look(way=None, said="; ".join(nothing))

    client = f"pod {where.namespace}/{scene.CLIENT}"
    try:
        found = await poll.eventually(
            look,
            until=lambda seen: seen.way is not None,
            timeout_s=wait_s,
            waiting_for="a Gateway to answer",
            interval_s=_LOOK_S,
        )
    except errors.TimedOut as late:
        told = judgements.conditions((where.gateways.get(routes.GATEWAY) or {}).get("status") or {})
        raise outcomes.Failed(
            f"the Gateway says {told}, and nothing answers {client} within {wait_s:g} s: {late.last}"
        ) from late
    assert found.way is not None
    node = pods.node_name(where.pods.get(scene.CLIENT) or {})
    case.observe(f"{where.choice}: reached from {client} on node {node} at {found.way.address}:{port}: {found.said}")
    return found.way


async def _programmed(where: scene.Scene) -> list[str]:
    """The addresses of the Gateway, once it says that it is programmed."""

    def look(view: Mirror) -> list[str] | None:
        gateway = view.get(routes.GATEWAY) or {}
        if (pods.condition(gateway, "Programmed") or {}).get("status") != "True":
            return None
        return _addresses(gateway) or None

    wait_s = where.ctx.seconds(waits.GATEWAY_PROGRAMMED)
    try:
        return await where.gateways.until(look, timeout_s=wait_s, waiting_for="a Gateway to be programmed")
    except errors.TimedOut as late:
        raise unprogrammed(where.gateways.get(routes.GATEWAY) or {}, choice=where.choice, after_s=wait_s) from late


def unprogrammed(gateway: Mapping[str, Any], *, choice: object, after_s: float) -> outcomes.Outcome:
    """What it means that a Gateway has not come up.

    Where only an address is lacking, nothing is known of the implementation: a load balancer is another component, and
    without it nothing can be tried.
    """
    programmed = pods.condition(gateway, "Programmed") or {}
    said = judgements.conditions(gateway.get("status") or {})
    message = programmed.get("message", "")
    seen = f"after {after_s:g} s the Gateway of {choice} is not programmed: {said}{f': {message}' if message else ''}"
    if programmed.get("reason") == _NO_ADDRESS:
        known = getattr(choice, "known", None)
        source = f"; it gets its address from {known.address}" if known else ""
        return outcomes.Blocked(f"{seen}{source}")
    if programmed.get("status") == "True":
        seen = f"the Gateway of {choice} says {said}, and has no address after {after_s:g} s"
    return outcomes.Failed(seen)


def _addresses(gateway: Mapping[str, Any]) -> list[str]:
    found: Sequence[Mapping[str, Any]] = (gateway.get("status") or {}).get("addresses") or ()
    return [str(one["value"]) for one in found if one.get("value")]


def _port(where: scene.Scene) -> int:
    known = where.choice.known
    listener = (where.gateways.get(routes.GATEWAY) or {})["spec"]["listeners"][0]
    return known.reached_at_port if known and known.reached_at_port else int(listener["port"])
