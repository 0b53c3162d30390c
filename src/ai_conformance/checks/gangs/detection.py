"""Which gang schedulers a cluster has, which of them is judged, and what is said where none can be.

The requirement asks for one that works, so one is judged and the others are noted: the one that the user names, else
the first in the order of the catalog, where those come first whose adapter was tried on the real thing, and among them
the scheduler itself, because what binds pods has the last word on whether members are placed together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_conformance.catalog.entries import Tried
from ai_conformance.checks import outcomes
from ai_conformance.checks.gangs import described, kueue, native

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ai_conformance.catalog import Catalog, GangScheduler
    from ai_conformance.checks.gangs.adapters import Adapter
    from ai_conformance.checks.gangs.options import GangOptions
    from ai_conformance.kube.discovery import Discovery


def detect(
    discovery: Discovery,
    *,
    known: Sequence[GangScheduler],
    options: GangOptions,
    has_pods: Callable[[GangScheduler], bool] = lambda _: False,
) -> tuple[Adapter, list[str]]:
    """The adapter to judge by, and the other gang schedulers that were seen.

    ``has_pods`` tells whether there are pods with the labels of an entry. Raises Blocked where the one that the user
    names is not there, NotTested where there are only versions without an adapter, Failed where none is there at all.
    """
    adapters = {
        one.name: made
        for one in known
        if (made := _adapter(one, discovery=discovery, options=options, has_pods=has_pods)) is not None
    }
    seen = [said for one in known if one.name not in adapters and (said := _seen(discovery, scheduler=one))]
    there = [f"{one.name} ({one.recognised_by})" for one in adapters.values()]
    wanted = options.scheduler or next(iter(adapters), "")
    if wanted in adapters:
        others = [text for name, text in zip(adapters, there, strict=True) if name != wanted]
        return adapters[wanted], others + seen
    if options.scheduler:
        found = ", ".join(there + seen) or "none"
        raise outcomes.Blocked(f"there is no gang scheduler {options.scheduler} in this cluster; found: {found}")
    if seen:
        raise outcomes.NotTested(
            f"gang schedulers were seen in versions that this version cannot judge: {'; '.join(seen)}"
        )
    looked = "; ".join(_looked_for(one) for one in known)
    raise outcomes.Failed(f"no gang scheduler of a known kind was found; looked for {looked}")


def kinds(facts: Catalog) -> tuple[str, ...]:
    """The kinds that are judged, in the order in which the first that is there is taken, and where each was tried."""
    on = {
        Tried.LAB: "tried in the lab",
        Tried.HARDWARE: "tried on hardware",
        Tried.NONE: "from documentation, not tried",
    }
    return tuple(f"{one.name}: {one.title} ({on[one.tried]}; {one.source})" for one in facts.gang_schedulers)


def _adapter(
    scheduler: GangScheduler,
    *,
    discovery: Discovery,
    options: GangOptions,
    has_pods: Callable[[GangScheduler], bool],
) -> Adapter | None:
    if scheduler.group == native.GROUP:
        return native.detect(discovery)
    if scheduler.group == kueue.GROUP:
        return kueue.detect(discovery, options=options, tried=scheduler.tried is not Tried.NONE)
    if scheduler.grouping is None:
        return None
    resource = None
    if scheduler.grouping.kind:
        versions = (discovery.find(scheduler.group, scheduler.grouping.kind, version=one) for one in scheduler.versions)
        resource = next((found for found in versions if found is not None), None)
        if resource is None:
            return None
        recognised_by = f"{resource.api_version} serves {resource.kind}"
    elif has_pods(scheduler):
        recognised_by = f"pods with {_labels(scheduler)} are there"
    else:
        return None
    return described.Described(
        entry=scheduler,
        grouping=scheduler.grouping,
        group_resource=resource,
        recognised_by=recognised_by,
        options=options,
    )


def _seen(discovery: Discovery, *, scheduler: GangScheduler) -> str | None:
    """Kinds that are served in versions without an adapter."""
    for kind in scheduler.kinds:
        found = discovery.find(scheduler.group, kind)
        if found is not None:
            return f"{scheduler.title} ({kind} of {found.api_version})"
    return None


def _looked_for(scheduler: GangScheduler) -> str:
    if scheduler.group:
        return f"{scheduler.title} ({', '.join(scheduler.kinds)} of {scheduler.group})"
    return f"{scheduler.title} (pods with {_labels(scheduler)})"


def _labels(scheduler: GangScheduler) -> str:
    return ",".join(f"{key}={value}" for key, value in scheduler.pods.items())
