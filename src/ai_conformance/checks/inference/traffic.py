"""Requests through the Gateway, from the client's pod: sent once, or until the data plane has followed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes
from ai_conformance.checks.inference import backends, client, scene, tally
from ai_conformance.kube import errors, poll

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ai_conformance.checks.inference.tally import Tally

_EXEC_S = 600.0
_LOOK_S = 1.0


@dataclasses.dataclass(kw_only=True)
class Traffic:
    """A way from the client to an address."""

    scene: scene.Scene
    address: str
    port: int

    async def send(self, *requests: client.Request) -> dict[str, Tally]:
        """Send requests of several kinds by one command; what came back by label. Raises Blocked if none were sent."""
        said = await self._run(client.send(requests, address=self.address, port=self.port))
        counted = tally.parse(said)
        for one in requests:
            if one.label not in counted or counted[one.label].total != one.count:
                seen = counted.get(one.label)
                raise outcomes.Blocked(
                    f"the client did not send {one.count} requests ({one.label}), but: {seen}; {said[-200:]}"
                )
        return counted

    async def one(self, request: client.Request) -> Tally:
        """Send requests of one kind."""
        return (await self.send(request))[request.label]

    async def until(
        self, request: client.Request, *, settled: Callable[[Tally], bool], timeout_s: float, waiting_for: str
    ) -> Tally:
        """Send the same again and again until what comes back is as it should be. Raises `errors.TimedOut`."""
        return await poll.eventually(
            lambda: self.one(request),
            until=settled,
            timeout_s=timeout_s,
            waiting_for=waiting_for,
            interval_s=_LOOK_S,
        )

    async def stream(self, request: client.Request) -> list[float]:
        """When the events of a streamed answer arrived, in seconds after the first."""
        return tally.arrivals(await self._run(client.stream(request, address=self.address, port=self.port)))

    async def _run(self, command: Sequence[str]) -> str:
        done = await self.scene.ctx.session.exec(
            self.scene.namespace, scene.CLIENT, client.CONTAINER, command, timeout_s=_EXEC_S
        )
        if done.exit_code != 0:
            raise errors.ExecFailed(f"The client failed: {(done.stderr or done.stdout).strip()[-300:]}")
        return done.stdout


def ask(
    where: scene.Scene,
    label: str,
    *,
    route: str,
    count: int,
    path: str = backends.CHAT,
    headers: Mapping[str, str] | None = None,
) -> client.Request:
    """Requests to the host of a route."""
    return client.Request(label=label, count=count, host=where.host(route), path=path, headers=headers or {})
