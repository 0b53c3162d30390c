"""The cases, as sentences: what a place's pages say, and what they say under load."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ai_conformance.catalog import Load
from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.exporters import judgements, places
from ai_conformance.checks.exporters.scraping import Scrape, scrape
from ai_conformance.checks.together import together
from ai_conformance.kube import errors, poll

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ai_conformance.catalog import Vendor
    from ai_conformance.checks.context import Case, Context
    from ai_conformance.checks.exporters.loading import Experiment
    from ai_conformance.checks.exporters.pages import Readings
    from ai_conformance.checks.exporters.places import Found, Place

_OTHER_FIELDS = ("memory_used", "temperature", "power", "interconnect")


@contextlib.asynccontextmanager
async def case(ctx: Context, name: str, variant: str) -> AsyncIterator[Case]:
    """One case, expected to show what its declaration says."""
    async with ctx.case(name, expected=ctx.metadata.case(name).proves, variant=variant) as one:
        yield one


async def told(ctx: Context, place: Place, *, found: Found) -> bool:
    """The cases on what the pages say, without a load. False where no utilisation is told that could follow one."""
    scrapes: list[Scrape] = []
    async with case(ctx, "MetricsEndpointReachable", place.label) as one:
        place, found = await places.once_ready(ctx, place, found=found)
        _must_be_there(place, found=found)
        scrapes = list(await together(scrape(ctx, endpoint) for endpoint in place.endpoints))
        for done in scrapes:
            one.keep(f"{done.exporter.name}.prom", done.text)
            how = f"{done.exporter.title}, {done.endpoint.recognised_by}"
            one.observe(f"{done.endpoint} ({how}) answers with {len(done.page)} metrics")
    if not scrapes:
        return False
    mine = [one for one in scrapes if one.exporter.vendor == place.vendor.name]
    async with case(ctx, "PerAcceleratorUtilizationMetric", place.label) as one:
        _judge(place, mine, case=one, field="utilisation")
    async with case(ctx, "PerAcceleratorMemoryMetric", place.label) as one:
        _judge(place, mine, case=one, field="memory_used")
    async with case(ctx, "OptionalMetrics", place.label) as one:
        _optional(mine, case=one)
    return any(found.utilisation for done in mine for found in done.devices.values())


def _must_be_there(place: Place, *, found: Found) -> None:
    if not place.endpoints:
        elsewhere = ", ".join(sorted(map(str, found.endpoints))) or "none"
        installed = f"; installed is {'; '.join(found.workloads)}" if found.workloads else ""
        raise outcomes.Failed(
            f"node {place.node} has {place.expected.count} accelerators ({place.vendor.title}) and no exporter of "
            f"theirs; there are: {elsewhere}{installed}"
        )
    away = [f"{one} ({one.state})" for one in place.endpoints if not one.ready]
    if away:
        raise outcomes.Failed(f"an exporter is not ready: {'; '.join(away)}")


def _judge(place: Place, scrapes: list[Scrape], *, case: Case, field: str) -> None:
    if not scrapes:
        raise outcomes.Failed(f"no page on node {place.node} tells of accelerators of {place.vendor.title}")
    devices = {key: one for done in scrapes for key, one in done.devices.items() if getattr(one, field) is not None}
    exporter, now_s = scrapes[0].exporter, scrapes[0].at_s
    metrics = exporter.utilisation if field == "utilisation" else exporter.memory_used
    if not devices:
        there = [name for name in exporter.copy_engine if any(name in done.page for done in scrapes)]
        copying = f"; {', '.join(there)} is there, which tells of the copy engine alone" if there else ""
        bare = [one.name for one in metrics if any(one.name in done.page for done in scrapes)]
        naked = f"; {', '.join(bare)} is there, but without {' and '.join(exporter.identity)}" if bare else ""
        raise outcomes.Failed(
            f"{scrapes[0].endpoint} has no {field} series of a single accelerator (looked for "
            f"{', '.join(one.name for one in metrics)}){copying}{naked}"
        )
    wrong = judgements.uncovered(place.expected, devices, exporter=exporter)
    if field == "utilisation":
        wrong += judgements.utilisation(devices, now_s=now_s)
    else:
        wrong += judgements.memory(devices, now_s=now_s, devices=place.expected.devices, exporter=exporter)
    if wrong:
        raise outcomes.Failed(f"{scrapes[0].endpoint}: {'; '.join(wrong[:3])}{_more(wrong)}")
    first = next(iter(devices.values()))
    case.observe(
        f"{len(devices)} series of {place.expected.count} accelerators, {getattr(first, field).metric}, "
        f"by {' and '.join(exporter.identity)}"
    )


def _more(wrong: list[str]) -> str:
    return f" (and {len(wrong) - 3} more)" if len(wrong) > 3 else ""


def _optional(scrapes: list[Scrape], *, case: Case) -> None:
    devices = {key: one for done in scrapes for key, one in done.devices.items()}
    there, wrong = judgements.optional(devices)
    if wrong:
        raise outcomes.Failed("; ".join(wrong[:3]) + _more(wrong))
    if not there:
        raise outcomes.NotApplicable("neither temperature nor power nor interconnect is told; the text asks for none")
    case.observe(", ".join(there))


def load_for(ctx: Context, vendor: Vendor) -> Load | None:
    """What loads an accelerator of the vendor: the user's image, else the catalog's."""
    if ctx.options.load_image:
        return Load(image=ctx.options.load_image)
    return vendor.load


async def under_load(experiment: Experiment) -> None:
    """The cases on what an exporter says while an accelerator is loaded, and after."""
    ctx, label = experiment.ctx, experiment.supply.label
    loaded: list[Readings] = []
    async with case(ctx, "UtilizationFollowsLoad", label) as one:
        await experiment.prepare()
        await experiment.start()
        try:
            before, after, how = await experiment.until_it_shows()
        finally:
            _keep(one, experiment)
        one.observe(
            f"{after.name} of node {experiment.supply.node} went from {judgements.shown(before)} to "
            f"{judgements.shown(after)} when its pod loaded it ({how})"
        )
        loaded.append(after)
    if experiment.during is None:
        return
    async with case(ctx, "IdleAcceleratorStaysIdle", label) as one:
        await _idle(experiment, case=one)
    async with case(ctx, "ValuesChangeOverTime", label) as one:
        _changes(experiment, case=one)
    await experiment.stop()
    if not loaded:
        return
    async with case(ctx, "UtilizationFallsAfterLoad", label) as one:
        rest = await experiment.until_it_falls(loaded[0])
        one.observe(f"{rest.name} went from {judgements.shown(loaded[0])} back to {judgements.shown(rest)}")


def _keep(case: Case, experiment: Experiment) -> None:
    for name, done in (("before", experiment.before), ("during", experiment.during)):
        if done is not None:
            case.keep(f"{name}.prom", done.text)


async def _idle(experiment: Experiment, *, case: Case) -> None:
    ctx, before = experiment.ctx, experiment.before
    if not experiment.has_idler or before is None:
        raise outcomes.Blocked(f"a second free accelerator is needed: {experiment.supply}")
    window_s = ctx.seconds(waits.IDLE_METRIC)
    last: list[Readings] = []

    async def look() -> str:
        now = await experiment.scrape()
        held, told = experiment.held(experiment.idler, now)
        if held is None:
            raise outcomes.NotTested(f"the idle pod's accelerator cannot be told: {told}")
        last[:] = [held]
        rise = judgements.rise(before.devices.get(held.key), held)
        if rise is None or rise < judgements.STIR:
            return ""
        return (
            f"{held.name} is held by a pod that leaves it alone ({told}), and its utilisation rose by {rise:.0%} to "
            f"{judgements.shown(held)} while another was loaded"
        )

    try:
        wrong = await poll.eventually(
            look, until=bool, timeout_s=window_s, waiting_for="an idle accelerator to stay idle", interval_s=0.5
        )
    except errors.TimedOut:
        case.observe(f"{last[0].name} stayed at {judgements.shown(last[0])} for {window_s:g} s beside the loaded one")
        return
    raise outcomes.Failed(wrong)


def _changes(experiment: Experiment, *, case: Case) -> None:
    before, now = experiment.before, experiment.during
    assert before is not None
    assert now is not None
    held, _ = experiment.held(experiment.loader, now)
    chosen = [held.key] if held is not None else list(now.devices)
    fields = ("utilisation", *_OTHER_FIELDS)
    moved = [name for name in fields if any(_value(before, key, name) != _value(now, key, name) for key in chosen)]
    apart_s = now.at_s - before.at_s
    if not moved:
        everything = "every value of the loaded accelerator" if held is not None else "every value"
        raise outcomes.Failed(f"two scrapes {apart_s:.1f} s apart agree in {everything}, though it was loaded between")
    case.observe(f"within {apart_s:.1f} s these moved: {', '.join(moved)}")


def _value(done: Scrape, key: tuple[str, ...], field: str) -> float | None:
    found = done.devices.get(key)
    figure = getattr(found, field) if found is not None else None
    return None if figure is None else figure.raw
