"""Which series is that of the accelerator which a pod holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import holding
from ai_conformance.checks.dra import records
from ai_conformance.checks.exporters import judgements
from ai_conformance.checks.inventory import Mechanism

if TYPE_CHECKING:
    from ai_conformance.catalog import MetricsExporter
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.exporters.judgements import Pages
    from ai_conformance.checks.exporters.pages import Readings
    from ai_conformance.checks.inventory import Device, Supply

Object = Mapping[str, Any]


async def claimed_device(ctx: Context, pod: Object, *, supply: Supply) -> Device | None:
    """The device that a pod's claim was allocated; None for a device plugin's. Raises Failed for one that is not
    offered."""
    if supply.mechanism is not Mechanism.DRA:
        return None
    kind = (await ctx.session.discover()).find("resource.k8s.io", "ResourceClaim")
    names = [one.get("resourceClaimName") for one in pod.get("status", {}).get("resourceClaimStatuses") or ()]
    if kind is None or not names or names[0] is None:
        return None
    claim = await ctx.session.get(kind, names[0], pod["metadata"]["namespace"])
    return records.in_inventory(claim, supply=supply)


def of_pod(
    pod: Object, *, device: Device | None, supply: Supply, pages: Pages, exporter: MetricsExporter
) -> tuple[Readings | None, str]:
    """The series of the accelerator that a pod holds, and how that was told; None where nothing tells.

    In order of trust: the allocation of its claim, the identifier that the kubelet keeps for a device plugin's device
    (KEP-4680), and at last what the exporter itself says of the holder.
    """
    if device is not None:
        found = judgements.match(device, pages, exporter=exporter)
        if found is not None:
            return found, f"its claim is allocated {device.name}"
    for identifier in holding.identifiers(pod, resource=supply.name):
        for label in exporter.devices:
            for one in pages.values():
                if one.labels.get(label.label) == identifier:
                    return one, f"the kubelet says it was given {identifier}"
    holder = exporter.holder
    for one in pages.values():
        named = (one.labels.get(holder.namespace), one.labels.get(holder.pod))
        if holder.pod and named == (pod["metadata"]["namespace"], pod["metadata"]["name"]):
            return one, "the exporter names it as the holder"
    return None, "nothing tells which accelerator it holds"
