"""Build add-ons, bring them into a lab, take them out of it.

Builds go one after another, because each takes all cores; installations go side by side, as far as needs allow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from ai_conformance.kube import errors
from ai_conformance.kube.session import Session
from ai_conformance.lab.addons import registry, removal
from ai_conformance.lab.addons.ledger import AddonLedger, installed
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.site import Site
from ai_conformance.lab.addons.workshop import Workshop
from ai_conformance.lab.errors import LabError, LabUsageError
from ai_conformance.lab.faults import operations as faults
from ai_conformance.lab.go_build import Progress
from ai_conformance.lab.lab import Lab
from ai_conformance.lab.paths import cache_root

USER_AGENT = "ai-conformance-lab"
_ANSWER_S = 180.0
"""A CRD of half a megabyte, beside dozens of others, takes a busy API server more than half a minute."""


def prepare(names: Iterable[str], *, cache: Path, progress: Progress) -> None:
    """Fetch and build what the add-ons and their needs want of the cache. Raises `LabError`."""
    _prepare(registry.with_needs(names), cache=cache, progress=progress)


def _prepare(addons: Iterable[Addon], *, cache: Path, progress: Progress) -> None:
    workshop = Workshop(cache=cache, progress=progress)
    for addon in addons:
        addon.prepare(workshop)
        progress(f"{addon.name} at hand")


def install(lab: Lab, names: Iterable[str], *, cache: Path, progress: Progress) -> None:
    """Bring add-ons and their needs into the lab; those that are there already stay as they are. Raises `LabError`."""
    wanted = registry.with_needs(names, there=installed(lab.state))
    _prepare(wanted, cache=cache, progress=progress)
    asyncio.run(_install(lab, wanted, workshop=Workshop(cache=cache, progress=progress)))


async def _install(lab: Lab, wanted: Sequence[Addon], *, workshop: Workshop) -> None:
    there = installed(lab.state)
    async with await _session(lab) as session:
        running: dict[str, asyncio.Task[None]] = {}

        async def one(addon: Addon) -> None:
            await asyncio.gather(*(running[need] for need in (*addon.needs, *addon.needs_one_of) if need in running))
            ledger = AddonLedger.read(lab.state, addon.name)
            try:
                await addon.install(Site(lab=lab, session=session, workshop=workshop, ledger=ledger))
            except errors.KubeError as error:
                raise LabError(f"The add-on {addon.name} could not be installed: {error}") from error
            ledger.finish()
            workshop.progress(f"{addon.name} works")

        try:
            async with asyncio.TaskGroup() as tasks:
                for addon in wanted:
                    done = there.get(addon.name, False)
                    running[addon.name] = tasks.create_task(_nothing() if done else one(addon), name=addon.name)
        except BaseExceptionGroup as several:  # of several the first that is ours tells what to do
            mine, _ = several.split(LabError)
            raise (mine.exceptions[0] if mine else several.exceptions[0]) from several


async def _session(lab: Lab) -> Session:
    return await Session.connect(kubeconfig=lab.kubeconfig, user_agent=USER_AGENT, actor="addon", timeout_s=_ANSWER_S)


async def _nothing() -> None:
    """What is there already needs nothing."""


def remove(lab: Lab, name: str, *, progress: Progress) -> bool:
    """Take an add-on out of the lab; False where there was nothing of it.

    Raises:
        LabUsageError: another add-on that is there needs it, or a fault of it is active.
        LabError: something of it cannot be removed.
    """
    addon = registry.find(name)
    there = installed(lab.state)
    users = [one.name for one in registry.dependants(name, there=there) if one.name in there]
    if users:
        raise LabUsageError(f"{name} is needed by {', '.join(users)}.", remedy="Remove these first.")
    if name not in there:
        return False
    broken = [one.name for one in faults.active(lab.state) if name in faults.find(one.name).needs]
    if broken:
        raise LabUsageError(
            f"{name} cannot be removed while it is broken on purpose: {', '.join(broken)}.",
            remedy=f"`ai-conformance lab fault clear {broken[0]}` mends it.",
        )
    asyncio.run(_remove(lab, addon, workshop=Workshop(cache=cache_root(), progress=progress)))
    progress(f"{name} removed")
    return True


async def _remove(lab: Lab, addon: Addon, *, workshop: Workshop) -> None:
    ledger = AddonLedger.read(lab.state, addon.name)
    if addon.leave is not None and ledger.complete:
        async with await _session(lab) as session:
            await addon.leave(Site(lab=lab, session=session, workshop=workshop, ledger=ledger))
    for component in ledger.components:
        if component in {process.component for process in lab.processes()}:
            lab.launcher.discard(component)
    async with await _session(lab) as session:
        await removal.remove(session, ledger.objects, addon=addon.name)
    ledger.forget()
