"""Which gang scheduler a cluster has, and what is said where it has none that can be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes
from ai_conformance.checks.gangs import native

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_conformance.catalog import GangScheduler
    from ai_conformance.kube.discovery import Discovery


def detect(discovery: Discovery, *, known: Sequence[GangScheduler]) -> tuple[native.Native, list[str]]:
    """The adapter for the scheduler's own groups, and other gang schedulers that were seen besides.

    Raises NotTested where there are only kinds that have no adapter here, Failed where no kind is there at all.
    """
    others = [said for one in known if one.group != native.GROUP and (said := _seen(discovery, scheduler=one))]
    adapter = native.detect(discovery)
    if adapter is not None:
        return adapter, others
    served = {one.version for one in discovery.resources if one.group == native.GROUP and one.kind == "PodGroup"}
    if served:
        others.append(f"PodGroup of {native.GROUP} in {', '.join(sorted(served))}")
    if others:
        raise outcomes.NotTested(
            f"gang schedulers were seen that this version cannot judge: {'; '.join(others)}; "
            f"it judges the scheduler's own groups ({native.supported()})"
        )
    looked = "; ".join(
        f"{one.title} ({', '.join(one.kinds)} of {one.group})" for one in known if one.group != native.GROUP
    )
    raise outcomes.Failed(f"no gang scheduler of a known kind was found; looked for {native.supported()}; {looked}")


def _seen(discovery: Discovery, *, scheduler: GangScheduler) -> str | None:
    for kind in scheduler.kinds:
        found = discovery.find(scheduler.group, kind)
        if found is not None:
            return f"{scheduler.title} ({kind} of {found.api_version})"
    return None
