"""The sights that several cases share: what the granted containers see, looked at once and as soon as they run."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ai_conformance.checks import device_probe
from ai_conformance.checks.access.sights import Observer, Sight
from ai_conformance.checks.access.stage import HOLDER, Site, Stage

if TYPE_CHECKING:
    from ai_conformance.catalog import Vendor
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.device_probe import SeenDevice

Numbers = list[tuple[str, str]]


class Scene:
    """A stage whose pods are being looked at. The looking begins when it is made, in the given group of tasks."""

    def __init__(
        self, ctx: Context, *, stage: Stage, own: Observer, elsewhere: Observer, tasks: asyncio.TaskGroup
    ) -> None:
        self.ctx = ctx
        self.stage = stage
        self.own = own
        """Observes the pods with accelerators."""
        self.elsewhere = elsewhere
        """Observes the pods without."""
        self._seconds = {
            site.first: tasks.create_task(self.own.ask(site.second, HOLDER, scan(site.vendor)))
            for site in stage.sites
            if site.second is not None
        }
        self._firsts = {site.first: tasks.create_task(self._look_first(site)) for site in stage.sites}

    async def first(self, site: Site) -> Sight:
        """What the first holder sees, and what came of opening its own and the second's device by number."""
        return await self._firsts[site.first]

    async def second(self, site: Site) -> Sight | None:
        """What the second holder sees; None where there is none."""
        task = self._seconds.get(site.first)
        return None if task is None else await task

    async def _look_first(self, site: Site) -> Sight:
        other = await self.second(site)
        script = scan(site.vendor, open_own=True, open_numbers=numbers(other))
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


def scan(vendor: Vendor, *, open_own: bool = False, open_numbers: Numbers | None = None) -> str:
    """The script that looks for a vendor's devices."""
    return device_probe.scan(
        globs=vendor.device_globs, control=vendor.control_globs, open_own=open_own, open_numbers=open_numbers or ()
    )


def numbers(sight: Sight | None) -> Numbers:
    """The numbers of all device nodes that a container sees of a vendor's."""
    if sight is None or sight.seen is None:
        return []
    return [device.physical for device in sight.seen.devices if device.is_device_node]
