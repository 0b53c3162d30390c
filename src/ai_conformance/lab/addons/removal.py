"""Taking an add-on's objects away, in the order in which nothing blocks and nothing comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ai_conformance.kube import errors
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.resources import Resource
from ai_conformance.kube.session import Session
from ai_conformance.lab.addons.ledger import ObjectReference
from ai_conformance.lab.errors import LabError

GONE_S = 120.0
_ASKED = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "APIService")
_ORDER = (
    # Nobody is asked any more; a webhook whose server is gone would refuse what comes next.
    lambda kind: kind in _ASKED,
    # Custom resources while their operator still runs and can take off its finalizers.
    lambda kind: kind == "CustomResourceDefinition",
    lambda kind: kind not in (*_ASKED, "CustomResourceDefinition", "Namespace"),
    lambda kind: kind == "Namespace",
)


async def remove(session: Session, objects: Sequence[ObjectReference], *, addon: str) -> None:
    """Delete and wait until gone. Raises `LabError` that names what stays."""
    for chosen in _ORDER:
        some = [one for one in objects if chosen(one.kind)]
        left = [why for why in await asyncio.gather(*(_gone(session, one) for one in some)) if why]
        if left:
            raise LabError(
                f"Something of the add-on {addon} is left: {'; '.join(left)}.",
                remedy="Run the command again; `ai-conformance lab down` removes the whole lab in any case.",
            )


async def _gone(session: Session, one: ObjectReference) -> str:
    group, _, version = one.api_version.rpartition("/")
    try:
        found = (await session.discover()).find(group, one.kind, version=version)
    except errors.DiscoveryIncomplete:
        return f"whether {one.kind} {one.name} is there cannot be asked"
    if found is None:
        return ""  # its CRD has gone, and it with it
    answer = await session.delete(found, one.name, one.namespace)
    if answer is None or answer.get("kind") == "Status":
        return ""
    return await _see_gone(session, found, one)


async def _see_gone(session: Session, resource: Resource, one: ObjectReference) -> str:
    def gone(view: Mirror) -> bool | None:
        return True if (one.namespace, one.name) not in view.objects else None

    try:
        async with Mirror.open(
            session, resource, namespace=one.namespace, field_selector=f"metadata.name={one.name}"
        ) as view:
            await view.until(gone, timeout_s=GONE_S, waiting_for=f"{one.kind} {one.name} to be gone")
    except errors.TimedOut as late:
        return f"{one.kind} {one.name} ({late.last})"
    except errors.NotFound:
        return ""
    return ""
