"""The cases: what has to come back through a Gateway, and what must not."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.inference import backends, judgements, routes
from ai_conformance.checks.inference.scene import CHANGED, FOREIGN, MISSING, WEIGHTS, Scene
from ai_conformance.checks.inference.tally import Tally
from ai_conformance.checks.inference.traffic import Traffic, ask
from ai_conformance.kube import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_conformance.checks.context import Case
    from ai_conformance.checks.inference import client
    from ai_conformance.kube.mirror import Mirror

MANY, SOME, FEW = 500, 48, 8
"""How many requests: for a split, for each rule, and to see whether something answers at all."""
_NOT_FOUND = 404
"""The Gateway API's answer to what no rule matches (HTTPRoute, field matches)."""
_ERRORS = tuple(range(400, 600))
_SERVER_ERRORS = tuple(range(500, 600))
_STREAMS = 3
"""A gateway that buffers answers, or cuts them short, does so each time. What came late all at once may be for want of
a processor at the client, and what came in part for a change of routes meanwhile: other cases make some."""


@dataclasses.dataclass(kw_only=True)
class Story:
    """A Gateway that can be reached, and its routes."""

    scene: Scene
    traffic: Traffic

    def said(self, route: str, *, routes_of: Mirror | None = None) -> Mapping[str, Any]:
        """What the status of a route says of our Gateway."""
        return judgements.parent((routes_of or self.scene.routes).get(route) or {}, gateway=routes.GATEWAY)

    def _direct(self, backend: str) -> Traffic:
        """To a backend's pod, past the Gateway."""
        return Traffic(scene=self.scene, address=self.scene.address(backend), port=backends.PORT)

    async def served(self, request: client.Request, *, route: str) -> None:
        """A route has arrived at the data plane: some of its requests reach backends. Raises Failed.

        That one backend is reached says nothing of another: a data plane learns of the endpoints of each by itself.
        """
        wait_s = self.scene.ctx.seconds(waits.ROUTE_FOLLOWS)
        try:
            await self.traffic.until(
                request,
                settled=lambda seen: seen.served == seen.total,
                timeout_s=wait_s,
                waiting_for="a route to be served",
            )
        except errors.TimedOut as late:
            raise outcomes.Failed(
                f"HTTPRoute {route} says {judgements.conditions(self.said(route))}; after {wait_s:g} s its requests "
                f"get {late.last}"
            ) from late

    async def weighted(self, case: Case) -> None:
        """The split is as the weights say."""
        # So many that each backend with a weight gets some of them.
        await self.served(ask(self.scene, "first", route="weights", count=SOME), route="weights")
        await self._split(case, weights=WEIGHTS)

    async def _split(self, case: Case, *, weights: Mapping[str, int]) -> None:
        seen = await self.traffic.one(ask(self.scene, "weights", route="weights", count=MANY))
        wrong = judgements.split(seen, weights=weights)
        asked = _weights(weights)
        if wrong:
            raise outcomes.Failed(f"the weights are {asked}, and of {MANY} requests: {'; '.join(wrong)} ({seen})")
        case.observe(f"weights {asked}, {MANY} requests: {seen}")

    async def changed(self, case: Case) -> None:
        """After the weights have been changed, the split follows."""
        session, wait_s = self.scene.ctx.session, self.scene.ctx.seconds(waits.ROUTE_FOLLOWS)
        patch = {"spec": {"rules": routes.weighted(CHANGED)}}
        await session.patch(self.scene.api.route, "weights", patch, self.scene.namespace)
        try:
            await self.traffic.until(
                ask(self.scene, "changed", route="weights", count=SOME),
                settled=lambda seen: not judgements.split(seen, weights=CHANGED),
                timeout_s=wait_s,
                waiting_for="the split to follow changed weights",
            )
        except errors.TimedOut as late:
            raise outcomes.Failed(
                f"the weights were changed from {_weights(WEIGHTS)} to {_weights(CHANGED)}; {wait_s:g} s later "
                f"requests still get {late.last}, while the route says {judgements.conditions(self.said('weights'))}"
            ) from late
        await self._split(case, weights=CHANGED)

    async def matched(self, case: Case) -> None:
        """Requests that satisfy path and header of a rule go to its backend, all of them."""
        wanted = {f"rule-{rule.backend}": rule for rule in routes.RULES}
        for rule in routes.RULES:
            request = ask(self.scene, "first", route="models", count=FEW, path=rule.path, headers=rule.headers)
            await self.served(request, route="models")
        seen = await self.traffic.send(
            *(
                ask(self.scene, label, route="models", count=SOME, path=rule.path, headers=rule.headers)
                for label, rule in wanted.items()
            )
        )
        wrong = [
            f"path {rule.path} and header {_headers(rule.headers)} are for backend {rule.backend}, and {SOME} requests "
            f"got {seen[label]}"
            for label, rule in wanted.items()
            if not seen[label].only(rule.backend)
        ]
        if wrong:
            raise outcomes.Failed("; ".join(wrong))
        case.observe(f"all {SOME * len(wanted)} requests to {backends.CHAT} went where their header says")

    async def unmatched(self, case: Case) -> None:
        """What satisfies no rule is not found; where a rule takes all others, it gets exactly these."""
        first, where = routes.RULES[0], self.scene
        for headers in ({}, first.headers):
            await self.served(ask(where, "first", route="default", count=FEW, headers=headers), route="default")
        other = {routes.MODEL: "nobody-has-this"}
        seen = await self.traffic.send(
            ask(where, "header-has-another-value", route="models", count=FEW, headers=other),
            ask(where, "header-is-missing", route="models", count=FEW),
            ask(where, "path-is-another", route="models", count=FEW, path=backends.MODELS, headers=first.headers),
            ask(where, "host-is-another", route="nobody", count=FEW, headers=first.headers),
            ask(where, "default-header", route="default", count=FEW, headers=other),
            ask(where, "default-path", route="default", count=FEW, path=backends.MODELS, headers=first.headers),
            ask(where, "default-matched", route="default", count=FEW, headers=first.headers),
        )
        right: Mapping[str, Callable[[Tally], bool]] = {
            "default-header": lambda one: one.only("c"),
            "default-path": lambda one: one.only("c"),
            "default-matched": lambda one: one.only(first.backend),
            # A listener may know no such host at all, and then what it says is not the Gateway API's business.
            "host-is-another": lambda one: one.refused(*_ERRORS),
        }
        refused: Callable[[Tally], bool] = lambda one: one.refused(_NOT_FOUND)  # noqa: E731 - one of several
        wrong = [
            f"{label.replace('-', ' ')}: {one}" for label, one in seen.items() if not right.get(label, refused)(one)
        ]
        if wrong:
            raise outcomes.Failed(
                f"requests that satisfy one half of a match, or none, have to be not found, or go to the default "
                f"rule's backend c: {'; '.join(wrong)}"
            )
        case.observe("HTTP 404 for another header, path or host; with a default rule its backend got all of them")

    async def missing(self, case: Case) -> None:
        """A route to a Service that does not exist says so, and its requests get a server error."""
        wait_s = self.scene.ctx.seconds(waits.ROUTE_FOLLOWS)

        def look(_: Mirror) -> str | None:
            resolved = judgements.state(self.said("missing"), "ResolvedRefs")
            return resolved or None

        service = f"Service {self.scene.namespace}/{MISSING}"
        try:
            resolved = await self.scene.routes.until(look, timeout_s=wait_s, waiting_for="a route to miss its backend")
        except errors.TimedOut as late:
            raise outcomes.Failed(f"there is no {service}, and its HTTPRoute says nothing of it") from late
        said = judgements.conditions(self.said("missing"))
        if resolved != "False":
            raise outcomes.Failed(f"there is no {service}, and its HTTPRoute says {said}")
        request = ask(self.scene, "missing", route="missing", count=FEW)
        try:
            seen = await self.traffic.until(
                request,
                settled=lambda one: one.refused(*_SERVER_ERRORS),
                timeout_s=wait_s,
                waiting_for="requests to a missing backend to be refused",
            )
        except errors.TimedOut as late:
            raise outcomes.Failed(f"there is no {service}, and {FEW} requests to it get {late.last}") from late
        case.observe(f"{said}; {FEW} requests: {seen}")

    async def foreign(self, case: Case) -> None:
        """A route of a namespace that the listener does not allow is not attached."""
        wait_s, view = self.scene.ctx.seconds(waits.ROUTE_FOLLOWS), self.scene.foreign_routes

        def look(_: Mirror) -> str | None:
            return judgements.state(self.said(FOREIGN, routes_of=view), "Accepted") or None

        try:
            await view.until(look, timeout_s=wait_s, waiting_for="a foreign route to be refused")
        except errors.TimedOut:
            case.observe(f"nothing is said of the route of namespace {self.scene.foreign}")
        said = judgements.conditions(self.said(FOREIGN, routes_of=view))
        request = ask(self.scene, "foreign", route=FOREIGN, count=FEW)
        direct = await self._direct(FOREIGN).one(request)
        if not direct.only(FOREIGN):
            raise outcomes.Blocked(f"the backend of namespace {self.scene.foreign} itself does not answer: {direct}")
        seen = await self.traffic.one(request)
        name = f"HTTPRoute {self.scene.foreign}/{FOREIGN}"
        if not seen.refused(*_ERRORS):
            raise outcomes.Failed(
                f"{name} is of a namespace that the listener does not allow, and {FEW} requests to its host get {seen} "
                f"({said})"
            )
        if judgements.state(self.said(FOREIGN, routes_of=view), "Accepted") == "True":
            raise outcomes.Failed(f"{name} is of a namespace that the listener does not allow, and is accepted: {said}")
        case.observe(f"{said}; {FEW} requests to its host: {seen}")

    async def streamed(self, case: Case) -> None:
        """The events of a streamed answer arrive one by one, as they do without a gateway."""
        where = self.scene
        request = ask(where, "stream", route="default", count=FEW, path=backends.STREAM)
        direct_s = await self._direct("c").stream(request)
        if len(direct_s) != backends.EVENTS:
            raise outcomes.Blocked(f"of {backends.EVENTS} events {len(direct_s)} arrive without the gateway")
        await self.served(ask(where, "first", route="default", count=FEW), route="default")
        for _ in range(_STREAMS):
            arrived_s = await self.traffic.stream(request)
            wrong = judgements.piecewise(arrived_s, events=backends.EVENTS, apart_s=backends.APART_S)
            if not wrong:
                break
        if wrong:
            raise outcomes.Failed(f"an answer is streamed, and through the Gateway it is not: {wrong}")
        case.observe(f"events arrived after {_seconds(arrived_s)}; without the Gateway after {_seconds(direct_s)}")


def _weights(weights: Mapping[str, int]) -> str:
    return "/".join(str(one) for one in weights.values())


def _headers(headers: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in headers.items())


def _seconds(times: list[float]) -> str:
    return ", ".join(f"{one:.2f}" for one in times) + " s"
