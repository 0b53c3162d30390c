"""All that is set up before anything is judged: two namespaces, backends, a client, a Gateway and its routes."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.inference import backends, client, routes
from ai_conformance.checks.together import together
from ai_conformance.kube import errors, pods, resources
from ai_conformance.kube.mirror import Mirror

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from ai_conformance.checks.context import Context
    from ai_conformance.checks.inference.classes import Api, Choice

CLIENT, FOREIGN, MISSING = "client", "foreign", "nobody"
OWN = ("a", "b", "c")
WEIGHTS, CHANGED = {"a": 80, "b": 20, "c": 0}, {"a": 10, "b": 0, "c": 90}


@dataclasses.dataclass(kw_only=True)
class Scene:
    """Where the cases take place."""

    ctx: Context
    api: Api
    choice: Choice
    namespace: str
    foreign: str
    """A namespace from which the Gateway takes no routes."""
    run: str
    pods: Mirror
    foreign_pods: Mirror
    gateways: Mirror
    routes: Mirror
    foreign_routes: Mirror

    def address(self, backend: str) -> str:
        """Of a backend's pod."""
        pod = (self.foreign_pods if backend == FOREIGN else self.pods).get(backend) or {}
        return str((pod.get("status") or {}).get("podIP", ""))

    def host(self, route: str) -> str:
        """The host that a route is for; nobody else's, ever."""
        return f"{route}.{self.run}.aic.test"


def mark(run: str) -> str:
    """How every answer of our backends begins."""
    return f"aic-{run}-"


@contextlib.asynccontextmanager
async def made(ctx: Context, *, api: Api, choice: Choice) -> AsyncIterator[Scene]:
    """Everything is created at once; who needs what waits for it."""
    run = ctx.session.chance.token_hex(4, of="run")
    namespace, foreign = await together([ctx.workspace.namespace(), ctx.workspace.namespace("foreign")])
    image, session = ctx.image("probe"), ctx.session
    objects = [
        routes.gateway(namespace, api=api, choice=choice),
        client.pod(CLIENT, namespace, image=image, mark=mark(run)),
    ]
    for name, where in (*((name, namespace) for name in OWN), (FOREIGN, foreign)):
        objects.append(backends.pod(name, where, image=image, mark=mark(run)))
        objects.append(backends.service(name, where))
    async with (
        Mirror.open(session, resources.POD, namespace=namespace) as probes,
        Mirror.open(session, resources.POD, namespace=foreign) as strangers,
        Mirror.open(session, api.gateway, namespace=namespace) as gateways,
        Mirror.open(session, api.route, namespace=namespace) as own,
        Mirror.open(session, api.route, namespace=foreign) as others,
    ):
        scene = Scene(
            ctx=ctx,
            api=api,
            choice=choice,
            namespace=namespace,
            foreign=foreign,
            run=run,
            pods=probes,
            foreign_pods=strangers,
            gateways=gateways,
            routes=own,
            foreign_routes=others,
        )
        await together(ctx.workspace.create(obj) for obj in [*objects, *_routes(scene)])
        yield scene


def _routes(scene: Scene) -> list[dict[str, object]]:
    rules: Mapping[str, Sequence[dict[str, object]]] = {
        "weights": routes.weighted(WEIGHTS),
        "models": routes.matched(routes.RULES),
        "default": routes.matched(routes.RULES[:1], default="c"),
        "missing": routes.to(MISSING),
    }
    own = [
        routes.route(name, scene.namespace, api=scene.api, host=scene.host(name), rules=some, parent=scene.namespace)
        for name, some in rules.items()
    ]
    foreign = routes.route(
        FOREIGN,
        scene.foreign,
        api=scene.api,
        host=scene.host(FOREIGN),
        rules=routes.to(FOREIGN),
        parent=scene.namespace,
    )
    return [*own, foreign]


async def ready(scene: Scene) -> None:
    """The client and the backends run. Raises Blocked where they cannot, which is no gateway's fault."""
    await _ready(scene, scene.pods, names=(CLIENT, *OWN))
    await _ready(scene, scene.foreign_pods, names=(FOREIGN,))


async def _ready(scene: Scene, view: Mirror, *, names: Sequence[str]) -> None:
    def look(_: Mirror) -> bool | None:
        found = [view.get(name) for name in names]
        for pod in found:
            stuck = pods.hopeless_reason(pod) if pod else None
            if stuck:
                raise outcomes.Blocked(stuck)
        return True if all(pod and pods.is_ready(pod) for pod in found) else None

    wait_s = scene.ctx.seconds(waits.POD_RUNNING)
    try:
        await view.until(look, timeout_s=wait_s, waiting_for="the client and the backends to be ready")
    except errors.TimedOut as late:
        stuck = [reason for pod in map(view.get, names) if pod and (reason := pods.stuck_reason(pod))]
        raise outcomes.Blocked(
            f"after {wait_s:g} s the client and the backends do not run: {'; '.join(stuck) or late.last}"
        ) from late
