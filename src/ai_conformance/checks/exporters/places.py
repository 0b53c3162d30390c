"""Where metrics have to be: the accelerators of one vendor on one node, and the exporters that tell of them."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.exporters import finding
from ai_conformance.checks.exporters.judgements import Expected
from ai_conformance.checks.inventory import Mechanism
from ai_conformance.checks.together import together
from ai_conformance.kube import errors, poll, resources

if TYPE_CHECKING:
    from ai_conformance.catalog import MetricsExporter, Vendor
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.exporters.finding import Endpoint
    from ai_conformance.checks.inventory import Supply

Object = Mapping[str, Any]
_LOOK_S = 2.0
EVERYWHERE = "cluster"
"""Stands for a node's name where the user named the exporters: one may tell of many nodes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Place:
    """Accelerators and their exporters."""

    node: str
    vendor: Vendor
    supplies: tuple[Supply, ...]
    expected: Expected
    endpoints: tuple[Endpoint, ...]
    label: str
    """For the name of a case's variant."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Found:
    """The exporters of a cluster."""

    endpoints: tuple[Endpoint, ...]
    named: bool
    """Whether the user named them."""
    workloads: tuple[str, ...]
    """DaemonSets of a known kind, with what they say of themselves."""


async def look(ctx: Context) -> Found:
    """All exporters. Raises NotTested where nothing of a known kind is there, Failed where a DaemonSet has no pods."""
    if ctx.options.metrics_endpoints:
        named = tuple(finding.named(text) for text in ctx.options.metrics_endpoints)
        return Found(endpoints=named, named=True, workloads=())
    known = ctx.catalog.exporters
    pods, sets = await together((ctx.session.list(resources.POD), ctx.session.list(resources.DAEMON_SET)))
    endpoints = tuple(finding.among(pods.items, known=known))
    workloads = tuple(said for one in sets.items if (said := _of_set(one, known=known)))
    if endpoints:
        return Found(endpoints=endpoints, named=False, workloads=workloads)
    if workloads:
        raise outcomes.Failed(f"exporters are installed, but none has a pod: {'; '.join(workloads)}")
    raise outcomes.NotTested(
        f"no metrics exporter of a known kind is in the cluster (looked for {looked_for(known)}); install one, or name "
        "what is there with --metrics-endpoint"
    )


def looked_for(known: Sequence[MetricsExporter]) -> str:
    """The kinds and by what they would have been recognised."""
    signs = ("; ".join((*one.pod_labels, *(f"image {image}" for image in one.images))) for one in known)
    return ", ".join(f"{one.title} by {sign}" for one, sign in zip(known, signs, strict=True))


def _of_set(obj: Object, *, known: Sequence[MetricsExporter]) -> str:
    for exporter in known:
        if finding.recognised({"metadata": {}, **obj["spec"]["template"]}, exporter=exporter):
            status = obj.get("status") or {}
            counts = f"{status.get('desiredNumberScheduled', 0)} wanted, {status.get('numberReady', 0)} ready"
            return f"DaemonSet {obj['metadata']['namespace']}/{obj['metadata']['name']}: {counts}"
    return ""


def planned(supplies: Sequence[Supply], *, found: Found, nodes: Mapping[str, Object]) -> list[Place]:
    """The places, by node and vendor; one for each vendor where the user named the exporters."""
    groups: dict[tuple[str, str], list[Supply]] = collections.defaultdict(list)
    for one in supplies:
        if one.vendor is not None:
            groups[EVERYWHERE if found.named else one.node, one.vendor.name].append(one)
    several = len({vendor for _, vendor in groups}) > 1
    places = []
    for (node, name), members in sorted(groups.items()):
        vendor = members[0].vendor
        assert vendor is not None
        places.append(
            Place(
                node=node,
                vendor=vendor,
                supplies=tuple(members),
                expected=Expected(
                    node=node,
                    devices=tuple(device for one in members for device in one.devices),
                    units=sum(_physical(one, node=nodes.get(one.node, {})) for one in members),
                ),
                endpoints=tuple(one for one in found.endpoints if _tells_of(one, node=node, vendor=name)),
                label=f"{node}-{name}" if several else node,
            )
        )
    return places


async def once_ready(ctx: Context, place: Place, *, found: Found) -> tuple[Place, Found]:
    """The place once its exporters are ready, as it is when they are not in time.

    Where nodes come and go, an exporter has not started on a new one, and a node that has gone needs none.
    """
    if found.named or _are_ready(place):
        return place, found

    async def look() -> tuple[Place, Found]:
        now = await _again(ctx, place)
        if now is None:
            raise outcomes.NotApplicable(f"node {place.node} has gone since accelerators were looked for")
        return now

    wait_s = ctx.seconds(waits.METRIC_FOLLOWS)
    try:
        return await poll.eventually(
            look,
            until=lambda seen: _are_ready(seen[0]),
            timeout_s=wait_s,
            waiting_for=f"exporters on node {place.node}",
            interval_s=_LOOK_S,
        )
    except errors.TimedOut:
        return await look()


def _are_ready(place: Place) -> bool:
    return bool(place.endpoints) and all(one.ready for one in place.endpoints)


async def _again(ctx: Context, place: Place) -> tuple[Place, Found] | None:
    """The place with the exporters of now, and all of these; None where its node is no more."""
    listed = await ctx.session.list(resources.NODE, field_selector=f"metadata.name={place.node}")
    if all(node["metadata"].get("deletionTimestamp") for node in listed.items):
        return None
    found = await look(ctx)
    mine = tuple(one for one in found.endpoints if _tells_of(one, node=place.node, vendor=place.vendor.name))
    return dataclasses.replace(place, endpoints=mine), found


def _tells_of(endpoint: Endpoint, *, node: str, vendor: str) -> bool:
    if endpoint.exporter is None:
        return True  # its page will tell
    return endpoint.node == node and endpoint.exporter.vendor == vendor


def _physical(supply: Supply, *, node: Object) -> int:
    """Accelerators behind a device plugin's units, of which several may share one."""
    if supply.mechanism is not Mechanism.DEVICE_PLUGIN or supply.vendor is None:
        return 0
    label = supply.vendor.node_labels.physical_count
    said = (node.get("metadata", {}).get("labels") or {}).get(label, "") if label else ""
    return min(supply.total, int(said)) if said.isdigit() and int(said) else supply.total
