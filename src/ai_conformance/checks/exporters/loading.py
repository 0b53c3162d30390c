"""A pod that loads its accelerator beside one that does not, and what the exporter says of both meanwhile."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import grants, holding, outcomes, waits
from ai_conformance.checks.exporters import attribution, judgements
from ai_conformance.checks.exporters.scraping import Scrape, scrape_all
from ai_conformance.kube import errors, pods, poll, resources

if TYPE_CHECKING:
    from ai_conformance.catalog import Load
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.exporters.finding import Endpoint
    from ai_conformance.checks.exporters.pages import Readings
    from ai_conformance.checks.inventory import Device, Supply
    from ai_conformance.kube.mirror import Mirror

Object = dict[str, Any]
_LOAD_CPU_MILLIS, _LOAD_MEMORY_MIB = 2000, 4096
"""What a load may take: images of vendors bring libraries of gigabytes, and a core is kept busy by feeding a device."""
_BETWEEN_S = 0.5
"""Between two scrapes: exporters collect each second at most, and many only twice a minute."""


@dataclasses.dataclass(kw_only=True)
class Experiment:
    """One supply under load."""

    ctx: Context
    supply: Supply
    endpoints: tuple[Endpoint, ...]
    vendor: str
    namespace: str
    view: Mirror
    template: str | None
    prefix: str
    load: Load
    image: str
    """Reference of the load's image."""
    before: Scrape | None = None
    during: Scrape | None = None
    _devices: dict[str, Device | None] = dataclasses.field(default_factory=dict)

    @property
    def loader(self) -> str:
        """The pod that loads."""
        return f"{self.prefix}-loads"

    @property
    def idler(self) -> str:
        """The pod that holds an accelerator and leaves it alone."""
        return f"{self.prefix}-idles"

    @property
    def has_idler(self) -> bool:
        """Whether there is an accelerator for it."""
        return self.supply.free > 1

    @property
    def where(self) -> str:
        """The exporters, for messages."""
        return ", ".join(map(str, self.endpoints))

    async def scrape(self) -> Scrape:
        """What the exporters say now."""
        return await scrape_all(self.ctx, self.endpoints, vendor=self.vendor)

    async def prepare(self) -> None:
        """Start the idle pod, and scrape while nothing is loaded."""
        if self.has_idler:
            await self._run(self.idler, parts=[grants.HOLDER])
        self.before = await self.scrape()

    async def start(self) -> None:
        """Start the load. Raises Blocked where it does not come up."""
        part = grants.Part(
            name="load",
            granted=True,
            script=self.load.script,
            most_cpu_millis=_LOAD_CPU_MILLIS,
            most_memory_mib=_LOAD_MEMORY_MIB,
        )
        pod = self._pod(self.loader, parts=[part], image=self.image)
        if not self.load.script:
            container = pod["spec"]["containers"][0]
            del container["command"]
            if self.load.args:
                container["args"] = list(self.load.args)
        await self._create(pod)

    async def until_it_shows(self) -> tuple[Readings, Readings, str]:
        """Scrape until the loaded accelerator's utilisation has risen; it before and after, and how it was told.

        Raises Failed where it does not rise in time, with what rose instead.
        """
        assert self.before is not None
        wait_s = self.ctx.seconds(waits.METRIC_FOLLOWS)
        try:
            self.during = await poll.eventually(
                self._look,
                until=lambda seen: self._shows(seen) is not None,
                timeout_s=wait_s,
                waiting_for="the metrics of a loaded accelerator to follow",
                interval_s=_BETWEEN_S,
            )
        except errors.TimedOut as late:
            self._must_still_run()
            last = late.last
            assert isinstance(last, Scrape)
            self.during = last
            raise outcomes.Failed(self._unmoved(last, after_s=wait_s)) from late
        found = self._shows(self.during)
        assert found is not None
        return found

    async def _look(self) -> Scrape:
        self._must_still_run()
        return await self.scrape()

    def _shows(self, now: Scrape) -> tuple[Readings, Readings, str] | None:
        assert self.before is not None
        after, told = self.held(self.loader, now)
        if after is None:  # by elimination: it is the only one that rose
            risen = self._risen(now)
            after = risen[0] if len(risen) == 1 else None
            told = f"{told}, and it is the only one whose utilisation rose"
        if after is None:
            return None
        before = self.before.devices.get(after.key)
        rise = judgements.rise(before, after)
        if before is None or rise is None or rise < judgements.RISE:
            return None
        return before, after, told

    def _risen(self, now: Scrape) -> list[Readings]:
        assert self.before is not None
        rises = ((judgements.rise(self.before.devices.get(key), one), one) for key, one in now.devices.items())
        return [one for rise, one in rises if rise is not None and rise >= judgements.RISE]

    def _unmoved(self, now: Scrape, *, after_s: float) -> str:
        assert self.before is not None
        held, told = self.held(self.loader, now)
        others = [f"{one.name} ({judgements.shown(one)})" for one in self._risen(now) if held is None or one != held]
        instead = f"; instead {', '.join(others)} rose" if others else "; no other rose either"
        if held is None:
            return (
                f"after {after_s:g} s of load on one {self.supply.name} of node {self.supply.node} no single "
                f"accelerator's utilisation at {self.where} has risen ({told}){instead}"
            )
        before = self.before.devices.get(held.key)
        return (
            f"pod {self.loader} loads {held.name} of node {self.supply.node} ({told}); its utilisation at "
            f"{self.where} was {judgements.shown(before)} before and is {judgements.shown(held)} after {after_s:g} s"
            f"{instead}"
        )

    def held(self, pod: str, now: Scrape) -> tuple[Readings | None, str]:
        """The series of the accelerator that one of the pods holds."""
        obj = self.view.get(pod)
        if obj is None:
            return None, f"pod {pod} is not there"
        return attribution.of_pod(
            obj,
            device=self._devices.get(pod),
            supply=self.supply,
            pages=now.devices,
            exporter=now.exporter,
        )

    async def stop(self) -> None:
        """End the load and wait until its pod has gone."""
        obj = self.view.get(self.loader)
        if obj is not None:
            await self.ctx.workspace.delete(obj, timeout_s=self.ctx.seconds(waits.POD_GONE))

    async def until_it_falls(self, loaded: Readings) -> Readings:
        """Scrape until the utilisation has fallen to where it was. Raises Failed where it stays."""
        assert self.before is not None
        before = self.before.devices[loaded.key]

        def fallen(now: Scrape) -> bool:
            rise = judgements.rise(before, now.devices.get(loaded.key))
            return rise is not None and rise < judgements.RISE / 2

        wait_s = self.ctx.seconds(waits.METRIC_FOLLOWS)
        try:
            seen = await poll.eventually(
                self.scrape,
                until=fallen,
                timeout_s=wait_s,
                waiting_for="the metrics of an accelerator to follow the end of its load",
                interval_s=_BETWEEN_S,
            )
        except errors.TimedOut as late:
            now = late.last
            assert isinstance(now, Scrape)
            raise outcomes.Failed(
                f"{wait_s:g} s after the load has ended the utilisation of {loaded.name} at {self.where} is "
                f"{judgements.shown(now.devices.get(loaded.key))}; before the load it was {judgements.shown(before)}"
            ) from late
        return seen.devices[loaded.key]

    async def _run(self, name: str, *, parts: list[grants.Part]) -> None:
        await self._create(self._pod(name, parts=parts, image=self.ctx.image("probe")))

    def _pod(self, name: str, *, parts: list[grants.Part], image: str) -> Object:
        return grants.probe(
            name,
            self.namespace,
            image=image,
            supply=self.supply,
            template=self.template,
            node=self.supply.node,
            parts=parts,
        )

    async def _create(self, pod: Mapping[str, Any]) -> None:
        """Create a pod and wait until it runs. Raises Blocked for what cannot come up."""
        made = await self.ctx.workspace.create(pod)
        name = made["metadata"]["name"]

        def running(view: Mirror) -> Mapping[str, Any] | None:
            seen = view.get(name)
            if seen is None:
                return None
            stuck = pods.hopeless_reason(seen)
            if stuck:
                raise outcomes.Blocked(stuck)
            return seen if pods.phase(seen) is pods.Phase.RUNNING else None

        wait_s = self.ctx.seconds(waits.POD_RUNNING)
        try:
            seen = await self.view.until(running, timeout_s=wait_s, waiting_for=f"pod {name} to run")
        except errors.TimedOut as late:
            last = self.view.get(name)
            said = (pods.stuck_reason(last) if last is not None else None) or late.last
            raise outcomes.Blocked(f"pod {name} did not run within {wait_s:g} s: {said}") from late
        self._devices[name] = await attribution.claimed_device(self.ctx, seen, supply=self.supply)
        await self._must_hold_its_own(seen)

    async def _must_hold_its_own(self, pod: Mapping[str, Any]) -> None:
        """Raises Blocked where a pod holds another accelerator than it was granted: the exporter is not to blame."""
        name, vendor = pod["metadata"]["name"], self.supply.vendor
        container = pod["spec"]["containers"][0]["name"]
        assert vendor is not None
        try:
            seen = await holding.look(self.ctx, namespace=self.namespace, pod=name, container=container, vendor=vendor)
        except (errors.ExecFailed, errors.MalformedResult):
            return  # a load's image need not have a shell
        wrong = holding.contradiction(
            seen,
            device=self._devices[name],
            identifiers=holding.identifiers(pod, resource=self.supply.name),
            vendor=vendor,
        )
        if wrong:
            raise outcomes.Blocked(
                f"pod {name} on node {self.supply.node} {wrong}; {holding.JUDGED_BY}, and until then nothing can be "
                "said of what an exporter tells of accelerators"
            )

    def _must_still_run(self) -> None:
        obj = self.view.get(self.loader)
        if obj is None or pods.phase(obj) is not pods.Phase.RUNNING:
            state = "gone" if obj is None else pods.stuck_reason(obj) or str(pods.phase(obj))
            raise outcomes.Blocked(
                f"the load ended by itself: {resources.POD.described(self.loader, self.namespace)} is {state}; "
                "is its image the right one for this accelerator?"
            )
