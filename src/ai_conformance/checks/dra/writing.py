"""Create, read, update, patch and delete one object of each kind of resource.k8s.io, the status of a claim included.

The objects name a driver that nobody can have (RFC 2606 reserves the domain), so that no device, node or workload of
the cluster is touched by them.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import grants, outcomes
from ai_conformance.kube import errors

if TYPE_CHECKING:
    from ai_conformance.checks.context import Context
    from ai_conformance.kube.resources import Resource

Object = dict[str, Any]

DRIVER = "conformance.invalid"
_MARK = "ai-conformance.invalid/written-by"
_POOL = "none"


def manifests(*, run_id: str, namespace: str, api_version: str) -> dict[str, Object]:
    """One object of each kind, by kind."""
    name = f"aic-{run_id}-written"
    claim = grants.claim_spec(name, api_version=api_version)

    def named(kind: str, spec: Object, *, inside: bool) -> Object:
        metadata = {"name": name, **({"namespace": namespace} if inside else {})}
        return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}

    pool = {"name": f"{_POOL}-{run_id}", "generation": 1, "resourceSliceCount": 1}
    selector = {"cel": {"expression": f"device.driver == '{DRIVER}'"}}
    return {
        "DeviceClass": named("DeviceClass", {"selectors": [selector]}, inside=False),
        "ResourceSlice": named("ResourceSlice", {"driver": DRIVER, "allNodes": True, "pool": pool}, inside=False),
        "ResourceClaimTemplate": named("ResourceClaimTemplate", {"spec": claim}, inside=True),
        "ResourceClaim": named("ResourceClaim", claim, inside=True),
    }


async def exercise(ctx: Context, *, resource: Resource, manifest: Object) -> str:
    """All verbs on one object; a sentence on what was done. Raises Failed where a verb is taken but has no effect."""
    session = ctx.session
    made = await ctx.workspace.create(manifest)
    name, namespace = made["metadata"]["name"], made["metadata"].get("namespace")
    what = resource.described(name, namespace)
    read = await session.get(resource, name, namespace)
    _must(read["metadata"]["uid"] == made["metadata"]["uid"], otherwise=f"{what} is read back as another object")
    changed = copy.deepcopy(read)
    changed["metadata"].setdefault("annotations", {})[_MARK] = "update"
    await session.replace(changed)
    read = await session.get(resource, name, namespace)
    _must(read["metadata"].get("annotations", {}).get(_MARK) == "update", otherwise=f"an update of {what} is lost")
    await session.patch(resource, name, {"metadata": {"annotations": {_MARK: "patch"}}}, namespace)
    read = await session.get(resource, name, namespace)
    _must(read["metadata"].get("annotations", {}).get(_MARK) == "patch", otherwise=f"a patch of {what} is lost")
    done = "created, read, updated, patched"
    if resource.kind == "ResourceClaim":
        await _status(ctx, resource=resource, claim=read)
        done += ", its status written"
    await ctx.workspace.delete(made)
    try:
        await session.get(resource, name, namespace)
    except errors.NotFound:
        return f"{resource.kind}: {done} and deleted"
    raise outcomes.Failed(f"{what} is still there after it was deleted")


async def _status(ctx: Context, *, resource: Resource, claim: Object) -> None:
    """Write an allocation as a scheduler would and take it back, because an allocated claim is not let go."""
    name, namespace = claim["metadata"]["name"], claim["metadata"]["namespace"]
    device = {"request": grants.REQUEST, "driver": DRIVER, "pool": _POOL, "device": "none"}
    allocated = {**claim, "status": {"allocation": {"devices": {"results": [device]}}}}
    await ctx.session.replace(allocated, subresource="status")
    read = await ctx.session.get(resource, name, namespace)
    results = read.get("status", {}).get("allocation", {}).get("devices", {}).get("results", ())
    found = [(one.get("driver"), one.get("device")) for one in results]
    _must(found == [(DRIVER, "none")], otherwise=f"the status of {resource.described(name, namespace)} is lost")
    await ctx.session.replace({**read, "status": {}}, subresource="status")
    read = await ctx.session.get(resource, name, namespace)
    emptied = not read.get("status", {}).get("allocation")
    _must(emptied, otherwise=f"the allocation of {resource.described(name, namespace)} cannot be taken back")


def _must(holds: bool, *, otherwise: str) -> None:
    if not holds:
        raise outcomes.Failed(otherwise)
