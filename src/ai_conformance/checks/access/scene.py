"""The sights that several cases share: what the granted containers see, looked at once and as soon as they run."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ai_conformance.checks import device_probe
from ai_conformance.checks.access import intruders, manifests
from ai_conformance.checks.access.sights import Observer, Sight
from ai_conformance.checks.access.stage import HOLDER, PLAIN, Neighbour, Site, Stage

if TYPE_CHECKING:
    from ai_conformance.catalog import Vendor
    from ai_conformance.checks.access.intruders import Intruder
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.device_probe import SeenDevice
    from ai_conformance.kube.mirror import Mirror

Numbers = list[tuple[str, str]]


class Scene:
    """A stage whose pods are being looked at. The looking begins when it is made, in the given group of tasks."""

    def __init__(
        self,
        ctx: Context,
        *,
        stage: Stage,
        own: Observer,
        elsewhere: Observer,
        claims: Mirror | None,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self.ctx = ctx
        self.stage = stage
        self.own = own
        """Observes the pods with accelerators."""
        self.elsewhere = elsewhere
        """Observes the pods without."""
        self.claims = claims
        """The claims of the pods with accelerators; None where there are none."""
        self._seconds = {
            site.first: tasks.create_task(self.own.ask(site.second, HOLDER, scan(site.vendor)))
            for site in stage.sites
            if site.second is not None
        }
        self._firsts = {site.first: tasks.create_task(self._look_first(site)) for site in stage.sites}
        self._plains = {one.plain: tasks.create_task(self._look_plain(one)) for one in stage.neighbours}
        self._intruders = tasks.create_task(intruders.tried(ctx, stage, own=own, elsewhere=elsewhere))

    async def first(self, site: Site) -> Sight:
        """What the first holder sees, and what came of opening its own and the second's device by number."""
        return await self._firsts[site.first]

    async def second(self, site: Site) -> Sight | None:
        """What the second holder sees; None where there is none."""
        task = self._seconds.get(site.first)
        return None if task is None else await task

    async def intruder(self, site: Site) -> Intruder:
        """The pod of another namespace that names the first holder's claim."""
        return (await self._intruders)[site.first]

    async def plain(self, site: Site) -> Sight:
        """What the pod without a request beside a supply's sees, and what came of opening the first holders' devices.

        It is asked once, when the first holders of all supplies on its node have been.
        """
        return await self._plains[self.stage.neighbour(site).plain]

    async def _look_plain(self, neighbour: Neighbour) -> Sight:
        firsts = [await self.first(site) for site in self.stage.sites if self.stage.neighbour(site) is neighbour]
        tried = [physical for sight in firsts for physical in numbers(sight)]
        script = scan(neighbour.vendor, open_numbers=list(dict.fromkeys(tried)))
        return await self.elsewhere.ask(neighbour.plain, PLAIN, script)

    async def _look_first(self, site: Site) -> Sight:
        other = await self.second(site)
        script = scan(site.vendor, open_own=True, open_numbers=numbers(other), tell=manifests.NUMBERS)
        return await self.own.ask(site.first, HOLDER, script)

    async def granted(self, node: str) -> list[tuple[str, SeenDevice]]:
        """Every device that a granted container on a node sees, with whose it is; both mechanisms."""
        sites = [site for site in self.stage.sites if site.supply.node == node]
        return [pair for site in sites for pair in await self.granted_at(site)]

    async def granted_at(self, site: Site) -> list[tuple[str, SeenDevice]]:
        """Every device that the granted containers of one supply see. What is not known is told by other cases."""
        sights = [await self.first(site), await self.second(site)]
        return [
            (str(sight), device)
            for sight in sights
            if sight is not None and sight.seen is not None
            for device in sight.seen.devices
        ]


def scan(vendor: Vendor, *, open_own: bool = False, open_numbers: Numbers | None = None, tell: str = "") -> str:
    """The script that looks for a vendor's devices."""
    return device_probe.scan(
        globs=vendor.device_globs,
        control=vendor.control_globs,
        open_own=open_own,
        open_numbers=open_numbers or (),
        tell=tell,
    )


def numbers(sight: Sight | None) -> Numbers:
    """The numbers of all device nodes that a container sees of a vendor's."""
    if sight is None or sight.seen is None:
        return []
    return [device.physical for device in sight.seen.devices if device.is_device_node]
