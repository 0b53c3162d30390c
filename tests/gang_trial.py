"""The story of a gang, told on a cluster in memory through any adapter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ai_conformance import catalog
from ai_conformance.checks import registry
from ai_conformance.checks.context import Context
from ai_conformance.checks.gangs import story
from ai_conformance.checks.gangs.adapters import Adapter
from ai_conformance.checks.gangs.capacity import Capacity
from ai_conformance.checks.gangs.stage import Stage
from ai_conformance.checks.options import Options
from ai_conformance.checks.reservations import Reservations
from ai_conformance.checks.waits import Profile
from ai_conformance.model.verdicts import Verdict
from fake_scheduler import HABITS, FakeCluster, Way
from no_evidence import Nowhere


def context(cluster: object) -> Context:
    """A context of the check for a cluster in memory."""
    metadata = registry.get("gang_scheduling")
    assert metadata is not None
    return Context(
        metadata=metadata,
        session=cast(Any, cluster),
        workspace=cast(Any, cluster),
        catalog=catalog.load(),
        options=Options(profile=Profile.LAB),
        reservations=Reservations(),
        inventory=lambda: None,
        store=lambda _name, _variant: Nowhere(),
    )


async def told(
    adapter: Adapter,
    way: Way,
    *,
    habits: str = "native",
    units: int = 4,
    believed: int | None = None,
    landscape: Mapping[str, list[dict[str, Any]]] | None = None,
) -> dict[str, tuple[Verdict, str]]:
    """The verdicts by case; `believed` is what the inventory took for free."""
    cluster = FakeCluster(units=units, way=way, habits=HABITS[habits])
    cluster.landscape = landscape or {}
    ctx = context(cluster)
    stage = Stage(
        ctx=ctx,
        capacity=Capacity(node="n1", free=believed or units, unit_millis=100),
        adapter=adapter,
        namespace="ns",
        pods=cast(Any, cluster.pods),
        groups=cast(Any, cluster.groups if adapter.group_resource else cluster.pods),
        prefix="cpu",
    )
    await stage.prepare(resource_api="")
    usable = await story.fits(stage)
    await stage.clear()
    assert usable or {case.verdict for case in ctx.cases} == {Verdict.BLOCKED}
    for chapter in (story.waits_and_starts, story.two_groups):
        await chapter(stage)
        await stage.clear()
    assert not [name for _, name in cluster.groups.objects if adapter.made_of_members]
    return {case.name: (case.verdict, case.reason) for case in ctx.cases}
