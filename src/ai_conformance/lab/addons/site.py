"""A lab while an add-on is brought into it: objects applied, images imported, processes started, all written down."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ai_conformance.kube import errors, pods, poll, resources
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.session import ObjectList, Session
from ai_conformance.lab import packages
from ai_conformance.lab.addons.ledger import AddonLedger
from ai_conformance.lab.addons.workshop import Workshop
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.lab import Lab

Object = Mapping[str, Any]
READY_S = 180.0
"""An operator makes its certificates before it is ready; with a slow disk and a busy machine that is a minute."""
_FIRST = ("Namespace", "CustomResourceDefinition")
_LAST = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "APIService")
"""Once these are there, the API server asks the add-on: nothing of its own may have to wait for that."""
_CONNECTED_S = 5.0
_SIDE_BY_SIDE = 4
"""A CRD of thousands of lines costs the API server a second; twenty at once time out on a busy machine."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ServicePort:
    """A port of a Service, by its name; one that is alone may have none."""

    namespace: str
    service: str
    port: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Site:
    """What an add-on's ``install`` works with."""

    lab: Lab
    session: Session
    workshop: Workshop
    ledger: AddonLedger

    async def import_images(self, *archives: Path) -> None:
        """Give every node the images."""
        ctr = str(packages.ensure(self.workshop.cache).newer / "containerd/usr/bin/ctr")
        await asyncio.gather(
            *(
                asyncio.to_thread(node.run, [ctr, "-n", "k8s.io", "images", "import", str(archive)], timeout_s=300)
                for node in self.lab.nodes
                for archive in archives
            )
        )

    async def apply(self, objects: Sequence[Object]) -> None:
        """Create or update: namespaces and CRDs first and seen to be served, webhook configurations last."""
        turn = asyncio.Semaphore(_SIDE_BY_SIDE)
        for wanted in (
            lambda kind: kind == "Namespace",
            lambda kind: kind == "CustomResourceDefinition",
            lambda kind: kind not in (*_FIRST, *_LAST),
            lambda kind: kind in _LAST,
        ):
            chosen = [obj for obj in objects if wanted(str(obj["kind"]))]
            for obj in chosen:
                self.ledger.record(obj)
            await asyncio.gather(*(self._apply(obj, turn) for obj in chosen))
            definitions = [obj for obj in chosen if obj["kind"] == "CustomResourceDefinition"]
            if definitions:
                await self._established([str(obj["metadata"]["name"]) for obj in definitions])
                await self._discoverable(definitions)

    async def _apply(self, obj: Object, turn: asyncio.Semaphore) -> None:
        async with turn:
            await self.session.apply(obj, force=True)

    async def _established(self, names: Sequence[str]) -> None:
        def done(view: Mirror) -> bool | None:
            served = {name for (_, name), obj in view.objects.items() if _condition(obj, "Established")}
            return True if served.issuperset(names) else None

        definition = resources.Resource(
            group="apiextensions.k8s.io",
            version="v1",
            plural="customresourcedefinitions",
            kind="CustomResourceDefinition",
            namespaced=False,
        )
        async with Mirror.open(self.session, definition) as view:
            await view.until(done, timeout_s=READY_S, waiting_for="the CRDs to be established")

    async def _discoverable(self, definitions: Sequence[Object]) -> None:
        """Discovery learns of a CRD a moment after it is established, and there is nothing to watch for that."""
        kinds = {(str(one["spec"]["group"]), str(one["spec"]["names"]["kind"])) for one in definitions}

        async def look() -> bool:
            found = await self.session.discover(refresh=True)
            return all(found.find(group, kind) is not None for group, kind in kinds)

        await self.answers(look, what="the CRDs to be in the API's discovery")

    async def available(self, *names: str, namespace: str) -> None:
        """Wait until Deployments have the replicas they ask for. Raises `LabError` with what they say."""

        def done(view: Mirror) -> bool | None:
            found = (view.objects.get((namespace, name)) for name in names)
            return True if all(obj is not None and _rolled_out(obj) for obj in found) else None

        async with Mirror.open(self.session, resources.DEPLOYMENT, namespace=namespace) as view:
            try:
                await view.until(done, timeout_s=READY_S, waiting_for=f"{', '.join(names)} to be available")
            except errors.TimedOut as late:
                raise await self._unavailable(", ".join(names), namespace=namespace, late=late) from late

    async def everywhere(self, name: str, *, namespace: str) -> None:
        """Wait until a DaemonSet has a ready pod on each of its nodes. Raises `LabError` with what they say."""

        def done(view: Mirror) -> bool | None:
            obj = view.objects.get((namespace, name)) or {}
            status = obj.get("status") or {}
            wanted = status.get("desiredNumberScheduled", 0)
            current = status.get("observedGeneration", 0) >= obj.get("metadata", {}).get("generation", 1)
            ready = status.get("numberReady", 0) == status.get("updatedNumberScheduled", 0) == wanted
            return True if current and wanted and ready else None

        async with Mirror.open(self.session, resources.DAEMON_SET, namespace=namespace) as view:
            try:
                await view.until(done, timeout_s=READY_S, waiting_for=f"{name} to be ready on every node")
            except errors.TimedOut as late:
                raise await self._unavailable(name, namespace=namespace, late=late) from late

    async def _unavailable(self, names: str, *, namespace: str, late: errors.TimedOut) -> LabError:
        found = (await self.session.list(resources.POD, namespace)).items
        stuck = [reason for pod in found if (reason := pods.stuck_reason(pod))]
        return LabError(
            f"{names} in namespace {namespace} did not become available within {READY_S:.0f} s.",
            remedy=f"{'; '.join(stuck) or late.last}. `kubectl -n {namespace} get pods,events` shows more.",
        )

    async def answers(self, look: Callable[[], Awaitable[bool]], *, what: str, timeout_s: float = READY_S) -> None:
        """Ask until it is so; for what no watch can tell, such as a webhook that answers."""
        try:
            await poll.eventually(look, until=bool, timeout_s=timeout_s, waiting_for=what, interval_s=0.5)
        except errors.TimedOut as late:
            raise LabError(f"Waited {timeout_s:.0f} s in vain for {what}.") from late

    async def listening(self, servers: Iterable[ServicePort]) -> None:
        """Wait until every ready endpoint of them takes connections.

        A pod may be ready before it listens, and where it is one of several, a call that succeeds tells nothing of the
        others.
        """

        async def look() -> bool:
            places = [
                place
                for one in servers
                for place in _places(
                    await self.session.list(
                        resources.ENDPOINT_SLICE,
                        one.namespace,
                        label_selector=f"kubernetes.io/service-name={one.service}",
                    ),
                    port=one.port,
                )
            ]
            return all(await asyncio.gather(*(_takes_connections(*place) for place in places)))

        await self.answers(look, what="the webhooks' servers to listen")

    async def webhook_answers(self, obj: Object) -> None:
        """Wait until an object that an operator accepts is accepted (server dry run): its webhooks work."""

        async def look() -> bool:
            try:
                await self.session.create(obj, dry_run=True)
            except errors.ServerError:
                return False  # the API server could not call the webhook
            return True

        await self.answers(look, what=f"the webhooks of {obj['kind']} to answer")

    def start(self, component: str, command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> None:
        """Start a process on the host, as a component of the lab; one that an earlier attempt has started ends."""
        self.ledger.record_component(component)
        if component in {process.component for process in self.lab.processes()}:
            self.lab.launcher.discard(component)
        self.lab.launcher.start(component, command, environment=environment)


def _condition(obj: Object, kind: str) -> bool:
    conditions = (obj.get("status") or {}).get("conditions") or ()
    return any(one["type"] == kind and one["status"] == "True" for one in conditions)


def _rolled_out(obj: Object) -> bool:
    status, wanted = obj.get("status") or {}, obj["spec"].get("replicas", 1)
    current = status.get("observedGeneration", 0) >= obj["metadata"]["generation"]
    return bool(current and status.get("updatedReplicas", 0) == status.get("availableReplicas", 0) == wanted)


def _places(slices: ObjectList, *, port: str) -> Iterator[tuple[str, int]]:
    for one in slices.items:
        numbers = [found["port"] for found in one.get("ports") or () if found.get("name", "") == port]
        for endpoint in one.get("endpoints") or ():
            if (endpoint.get("conditions") or {}).get("ready", True):
                yield from ((address, number) for address in endpoint["addresses"] for number in numbers)


async def _takes_connections(address: str, port: int) -> bool:
    try:
        async with asyncio.timeout(_CONNECTED_S):
            _, writer = await asyncio.open_connection(address, port)
    except OSError:
        return False  # a TimeoutError is one, too
    writer.close()
    return True
