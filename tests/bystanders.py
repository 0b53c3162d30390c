"""Objects that look like those of a run and are somebody else's: no run, and no `clean`, may touch them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

from ai_conformance.kube import resources
from ai_conformance.kube.session import Session
from ai_conformance.kube.workspace import CHECK_LABEL, RUN_LABEL
from remains import BYSTANDER

# As a run of dra_support would name and label it.
ROOM = f"aic-dra-support-{BYSTANDER}"
LABELS = {RUN_LABEL: BYSTANDER, CHECK_LABEL: "dra_support"}
_IMAGE = "registry.k8s.io/e2e-test-images/busybox:1.37.0-2"
_DRA = "resource.k8s.io/v1"
_CLAIM = {"devices": {"requests": [{"name": "one", "exactly": {"deviceClassName": f"aic-{BYSTANDER}"}}]}}


def _object(api_version: str, kind: str, name: str, *, labels: Mapping[str, str], **fields: Any) -> dict[str, Any]:
    namespaced = kind not in ("Namespace", "DeviceClass")
    metadata = {"name": name, "labels": dict(labels), **({"namespace": ROOM} if namespaced else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def objects() -> list[dict[str, Any]]:
    """One of each kind that checks make much of; the pod runs, and the second of some kinds bears no run's label."""
    pod = {
        "terminationGracePeriodSeconds": 0,
        "serviceAccountName": "aic-probe",
        "automountServiceAccountToken": False,
        "containers": [{"name": "probe", "image": _IMAGE, "command": ["sleep", "86400"]}],
    }
    return [
        _object("v1", "Namespace", ROOM, labels=LABELS),
        _object("v1", "ServiceAccount", "aic-probe", labels=LABELS),
        _object("v1", "Pod", "aic-probe", labels=LABELS, spec=pod),
        _object("v1", "Pod", "aic-other", labels={CHECK_LABEL: "dra_support"}, spec=pod),
        _object("v1", "ConfigMap", "aic-probe", labels=LABELS, data={"who": "somebody else"}),
        _object("v1", "Service", "aic-probe", labels=LABELS, spec={"ports": [{"port": 80}]}),
        _object(_DRA, "ResourceClaim", "aic-probe", labels=LABELS, spec=_CLAIM),
        _object(_DRA, "ResourceClaimTemplate", "aic-probe", labels=LABELS, spec={"spec": _CLAIM}),
        _object(_DRA, "DeviceClass", f"aic-{BYSTANDER}", labels=LABELS, spec={}),
        _object(_DRA, "DeviceClass", f"aic-{BYSTANDER}-2", labels={CHECK_LABEL: "dra_support"}, spec={}),
    ]


@contextlib.asynccontextmanager
async def planted(session: Session) -> AsyncIterator[None]:
    """All of them, the pods running, while the block lasts."""
    made = objects()
    try:
        for one in made:
            await session.create(one)
        for name in ("aic-probe", "aic-other"):
            watch = session.watch(resources.POD, ROOM, name=name)
            async with contextlib.aclosing(watch):
                async for event in watch:
                    if event.object.get("status", {}).get("phase") == "Running":
                        break
        yield
    finally:
        for one in made:
            if one["kind"] in ("Namespace", "DeviceClass"):
                await session.delete(await session.resource_of(one), one["metadata"]["name"])
