"""One scrape of one exporter: through the API server's proxy, or directly where the user gave an address."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes
from ai_conformance.checks.exporters import pages
from ai_conformance.checks.together import together
from ai_conformance.kube import clock, errors

if TYPE_CHECKING:
    from ai_conformance.catalog import MetricsExporter
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.exporters.finding import Endpoint
    from ai_conformance.checks.exporters.judgements import Pages

_ACCEPT = {"Accept": "text/plain;version=0.0.4;q=1,*/*;q=0.1"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scrape:
    """What an exporter said at one moment."""

    endpoint: Endpoint
    exporter: MetricsExporter
    page: pages.Page
    devices: Pages
    text: str
    at_s: float
    """Seconds since 1970, by this machine's clock."""


async def scrape(ctx: Context, endpoint: Endpoint) -> Scrape:
    """Scrape once. Raises Failed where it does not answer or answers something else than a page of metrics."""
    try:
        if endpoint.url:
            answer = await ctx.session.elsewhere(endpoint.url, headers=_ACCEPT)
        else:
            answer = await ctx.session.request("GET", endpoint.path, headers=_ACCEPT)
    except (errors.NotFound, errors.Invalid, errors.ServerError, errors.Gone) as error:
        raise outcomes.Failed(f"{endpoint} does not answer a scrape: {error}") from error
    try:
        page = pages.parse(answer.text, content_type=answer.headers.get("Content-Type", ""))
    except pages.MalformedPage as error:
        raise outcomes.Failed(f"{endpoint} answers, but not with metrics: {error}") from error
    exporter = endpoint.exporter or _told_by(page, ctx=ctx, endpoint=endpoint)
    devices = pages.of_devices(page, exporter=exporter)
    return Scrape(
        endpoint=endpoint, exporter=exporter, page=page, devices=devices, text=answer.text, at_s=clock.since_1970_s()
    )


async def scrape_all(ctx: Context, endpoints: Sequence[Endpoint], *, vendor: str) -> Scrape:
    """Several exporters as one page of a vendor's accelerators: which of them has a device is not known beforehand."""
    done = [one for one in await together(scrape(ctx, one) for one in endpoints) if one.exporter.vendor == vendor]
    if not done:
        raise outcomes.Failed(f"none of {', '.join(map(str, endpoints))} tells of accelerators of {vendor} any more")
    devices = {key: found for one in done for key, found in one.devices.items()}
    return dataclasses.replace(done[0], devices=devices, text="\n".join(one.text for one in done))


def _told_by(page: pages.Page, *, ctx: Context, endpoint: Endpoint) -> MetricsExporter:
    """The exporter whose names are on a page."""
    for known in ctx.catalog.exporters:
        names = [one.name for one in (*known.utilisation, *known.memory_used)] + list(known.copy_engine)
        if any(name in page for name in names):
            return known
    shown = ", ".join(sorted(page)[:8])
    raise outcomes.NotTested(
        f"{endpoint} answers with metrics of which this version knows none ({shown}, ...); "
        f"it knows {', '.join(one.title for one in ctx.catalog.exporters)}"
    )
