"""What strict clusters do to a lab: new namespaces are furnished before anything is made in them, and policies deny.

Owners of such clusters have a controller for this. Here it is a task of the test. That nothing is made in a namespace
before it has been furnished is certain: until then a policy denies its service account, without which there are no
pods. The lab's network does not enforce NetworkPolicies: that one denies all traffic is seen by nobody here, only that
ours is there beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Mapping
from typing import Any

from ai_conformance.kube import errors, resources
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.resources import Resource
from ai_conformance.kube.session import Session
from ai_conformance.kube.workspace import RUN_LABEL

Object = dict[str, Any]
FURNISHED = "strict.example.com/furnished"
LEVEL = "pod-security.kubernetes.io/enforce"
SCRATCH = "aic-strict-scratch"
QUOTA = Resource(version="v1", plural="resourcequotas", kind="ResourceQuota", namespaced=True)
NETWORK_POLICY = Resource(
    group="networking.k8s.io", version="v1", plural="networkpolicies", kind="NetworkPolicy", namespaced=True
)
_ADMISSION = "admissionregistration.k8s.io"
POLICY = Resource(
    group=_ADMISSION,
    version="v1",
    plural="validatingadmissionpolicies",
    kind="ValidatingAdmissionPolicy",
    namespaced=False,
)
BINDING = Resource(
    group=_ADMISSION,
    version="v1",
    plural="validatingadmissionpolicybindings",
    kind="ValidatingAdmissionPolicyBinding",
    namespaced=False,
)
AMPLE = {
    "pods": "60",
    "requests.cpu": "8",
    "limits.cpu": "64",
    "requests.memory": "16Gi",
    "limits.memory": "64Gi",
}
"""More than any check takes; of each pod it wants to know what it asks for and may take."""


@dataclasses.dataclass(kw_only=True)
class Seen:
    """What was in the namespaces of runs."""

    pods: Mirror
    policies: Mirror
    quotas: Mirror
    furnished: list[str] = dataclasses.field(default_factory=list)

    def all_pods(self) -> list[Object]:
        """Every pod that there was, as it was seen last."""
        return [*{one.object["metadata"]["uid"]: one.object for one in self.pods.history}.values()]

    def policy_names(self) -> dict[str, set[str]]:
        """Of NetworkPolicies, by namespace."""
        found: dict[str, set[str]] = {}
        for one in self.policies.history:
            metadata = one.object["metadata"]
            found.setdefault(metadata["namespace"], set()).add(metadata["name"])
        return found

    def counted(self) -> set[str]:
        """Namespaces in which a quota has counted a pod."""
        return {
            one.object["metadata"]["namespace"]
            for one in self.quotas.history
            if ((one.object.get("status") or {}).get("used") or {}).get("pods", "0") != "0"
        }


@contextlib.asynccontextmanager
async def furnishing(
    session: Session, *, quota: Mapping[str, str], level: str | None = "restricted"
) -> AsyncIterator[Seen]:
    """Every new namespace of a run gets a policy that denies all traffic, a quota, limits and a Pod Security level."""
    waiting = f"'{FURNISHED}' in namespaceObject.metadata.labels"
    async with (
        denying(session, "aic-strict-furnish", what="serviceaccounts", unless=waiting, saying="not furnished yet"),
        Mirror.open(session, resources.NAMESPACE, label_selector=RUN_LABEL) as namespaces,
        Mirror.open(session, resources.POD, label_selector=RUN_LABEL) as pods,
        Mirror.open(session, NETWORK_POLICY) as policies,
        Mirror.open(session, QUOTA) as quotas,
    ):
        seen = Seen(pods=pods, policies=policies, quotas=quotas)

        def new(_: Mirror) -> str | None:
            return next(
                (
                    name
                    for (_, name), one in namespaces.objects.items()
                    if name not in (*seen.furnished, SCRATCH) and not one["metadata"].get("deletionTimestamp")
                ),
                None,
            )

        async def control() -> None:
            while True:
                name = await namespaces.until(new, timeout_s=3600, waiting_for="a new namespace")
                seen.furnished.append(name)
                await _furnish(session, name, quota=quota, level=level, quotas=quotas)

        task = asyncio.create_task(control())
        try:
            yield seen
        finally:
            task.cancel()
            (said,) = await asyncio.gather(task, return_exceptions=True)
            assert isinstance(said, asyncio.CancelledError), said


async def _furnish(session: Session, name: str, *, quota: Mapping[str, str], level: str | None, quotas: Mirror) -> None:
    made: tuple[tuple[str, str, Object], ...] = (
        ("networking.k8s.io/v1", "NetworkPolicy", {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}),
        ("v1", "ResourceQuota", {"hard": dict(quota)}),
        ("v1", "LimitRange", {"limits": [{"type": "Pod", "max": {"cpu": "16", "memory": "32Gi"}}]}),
    )
    for version, kind, spec in made:
        metadata = {"name": "strict", "namespace": name}
        await session.create({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec})

    def counted(_: Mirror) -> bool | None:
        found = quotas.get("strict", name) or {}
        return True if (found.get("status") or {}).get("hard") else None

    await quotas.until(counted, timeout_s=30, waiting_for="a quota to be counted")
    labels = {FURNISHED: "yes", **({LEVEL: level} if level else {})}
    await session.patch(resources.NAMESPACE, name, {"metadata": {"labels": labels}})


@contextlib.asynccontextmanager
async def denying(session: Session, name: str, *, what: str, saying: str, unless: str = "false") -> AsyncIterator[None]:
    """A ValidatingAdmissionPolicy over what is made or asked of pods in namespaces of runs, once it is in force."""
    operations = ["CREATE", "CONNECT"]
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": operations, "resources": [what]}
    of_runs = {"namespaceSelector": {"matchExpressions": [{"key": RUN_LABEL, "operator": "Exists"}]}}
    policy = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [rule]},
        "validations": [{"expression": unless, "message": saying}],
    }
    binding = {"policyName": name, "validationActions": ["Deny"], "matchResources": of_runs}
    try:
        for resource, spec in ((POLICY, policy), (BINDING, binding)):
            obj = {
                "apiVersion": resource.api_version,
                "kind": resource.kind,
                "metadata": {"name": name},
                "spec": spec,
            }
            await session.request("POST", resource.path(), body=obj)
        await _in_force(session, what=what)
        yield
    finally:
        for resource in (BINDING, POLICY):
            await session.delete(resource, name)


async def _in_force(session: Session, *, what: str) -> None:
    """It takes a moment until the API server has it."""
    scratch = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SCRATCH, "labels": {RUN_LABEL: "scratch"}}}
    metadata = {"name": "a", "namespace": SCRATCH}

    async def attempt() -> object:
        match what:
            case "serviceaccounts":
                obj: Object = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
                return await session.create(obj, dry_run=True)
            case "pods":
                spec = {"containers": [{"name": "c", "image": "i"}]}
                obj = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
                return await session.create(obj, dry_run=True)
            case _:
                return await session.exec(SCRATCH, "a", "c", ["true"], timeout_s=10)

    await session.create(scratch)
    try:
        async with asyncio.timeout(60):
            while True:
                try:
                    await attempt()
                except errors.Denied as denied:
                    if "ValidatingAdmissionPolicy" in denied.message:
                        return
                except errors.NotFound:
                    pass
                await asyncio.sleep(0.2)  # when the API server has read a policy nothing tells but a try
    finally:
        await _gone(session)


async def _gone(session: Session) -> None:
    await session.delete(resources.NAMESPACE, SCRATCH)
    async with Mirror.open(session, resources.NAMESPACE, field_selector=f"metadata.name={SCRATCH}") as view:
        await view.until(lambda _: None if view.objects else True, timeout_s=60, waiting_for="the scratch to go")


@contextlib.asynccontextmanager
async def tainted(session: Session, node: str, *taints: Mapping[str, str]) -> AsyncIterator[None]:
    """A node with taints, and then again with those that it had."""
    before = (await session.get(resources.NODE, node))["spec"].get("taints")
    try:
        await session.patch(resources.NODE, node, {"spec": {"taints": [*(before or []), *map(dict, taints)]}})
        yield
    finally:
        await session.patch(resources.NODE, node, {"spec": {"taints": before}})
