"""The door to a cluster: objects as plain dicts in and out, trouble as `errors`.

    async with await Session.connect(kubeconfig=..., user_agent="ai-conformance/0.1.0") as session:
        pods = await session.acting_as("check/gang_scheduling").list(resources.POD, "default")

What a request may cost in repetitions is `transport`'s business, streams into pods are `streams`', watching is
`mirror`'s; this file knows what the API's verbs look like.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from ai_conformance.kube import discovery, errors, listing, log_streams, resources, streams, watching
from ai_conformance.kube.actor import Actor, ServerVersion
from ai_conformance.kube.resources import Resource
from ai_conformance.kube.transport import APPLY_PATCH, Answer

Object = dict[str, Any]
FIELD_MANAGER = "ai-conformance"


class PatchType(enum.StrEnum):
    """How a patch is written; the value is its media type."""

    MERGE = "application/merge-patch+json"
    JSON = "application/json-patch+json"
    STRATEGIC = "application/strategic-merge-patch+json"


class Propagation(enum.StrEnum):
    """What becomes of an object's dependents."""

    FOREGROUND = "Foreground"
    BACKGROUND = "Background"
    ORPHAN = "Orphan"


@dataclass(frozen=True, kw_only=True)
class ObjectList:
    """A whole list, and the version to watch from."""

    items: tuple[Object, ...]
    resource_version: str


class Session(Actor):
    """A connection and the actor in whose name it is used."""

    # What the server is

    async def version(self) -> ServerVersion:
        """The server's version; asked once for a connection."""
        async with self._known.lock:
            if self._known.version is None:
                self._known.version = ServerVersion.parse(await self.request("GET", "/version"))
            return self._known.version

    async def discover(self, *, refresh: bool = False) -> discovery.Discovery:
        """What the server serves; asked once for a connection, and again with ``refresh``."""
        async with self._known.lock:
            if self._known.discovery is None or refresh:
                wanted = {"Accept": discovery.ACCEPT}
                answers = await asyncio.gather(
                    *(self.request("GET", path, headers=wanted) for path in ("/api", "/apis"))
                )
                self._known.discovery = discovery.parse(answer.json() for answer in answers)
            return self._known.discovery

    async def cluster_uid(self) -> str:
        """What tells one cluster from another: the UID of the namespace kube-system."""
        return str((await self.get(resources.NAMESPACE, "kube-system"))["metadata"]["uid"])

    async def resource_of(self, obj: Mapping[str, Any]) -> Resource:
        """Where an object belongs, by its apiVersion and kind. Raises `errors.NotFound` where it is not served."""
        known = resources.built_in(obj)
        if known is not None:
            return known
        group, _, version = str(obj["apiVersion"]).rpartition("/")
        found = (await self.discover()).find(group, str(obj["kind"]), version=version)
        if found is None:
            raise errors.NotFound(
                f"this server does not serve the kind {obj['kind']} of {obj['apiVersion']}", method="GET", path="/apis"
            )
        return found

    async def may(
        self, verb: str, *, group: str = "", plural: str, namespace: str | None = None, subresource: str = ""
    ) -> bool:
        """Whether these credentials may do something (SelfSubjectAccessReview); without a namespace: everywhere."""
        attributes = {"verb": verb, "group": group, "resource": plural, "subresource": subresource}
        if namespace is not None:
            attributes["namespace"] = namespace
        review = await self.create(
            {
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SelfSubjectAccessReview",
                "metadata": {},
                "spec": {"resourceAttributes": attributes},
            }
        )
        return bool(review["status"].get("allowed", False))

    # Objects

    async def create(self, obj: Mapping[str, Any], *, dry_run: bool = False) -> Object:
        """Create an object; with ``dry_run`` all of admission runs and nothing is stored."""
        resource = await self.resource_of(obj)
        path = resource.path(namespace=_namespace(obj))
        answer = await self.request("POST", path, body=obj, params=_params(dryRun=dry_run, fieldManager=FIELD_MANAGER))
        return _object(answer)

    async def get(
        self, resource: Resource, name: str, namespace: str | None = None, *, subresource: str | None = None
    ) -> Object:
        """Read an object."""
        return _object(await self.request("GET", resource.path(name, namespace=namespace, subresource=subresource)))

    async def list(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        label_selector: str | None = None,
        field_selector: str | None = None,
        limit: int = 500,
    ) -> ObjectList:
        """Read a collection whole. Where little of each object is needed, `listing.collect` keeps no more of it."""
        # A list leaves apiVersion and kind out of its items; an object has them.
        kind = {"apiVersion": resource.api_version, "kind": resource.kind}
        found = await listing.collect(
            self,
            resource,
            namespace,
            keep=lambda item: {**kind, **item},
            label_selector=label_selector,
            field_selector=field_selector,
            limit=limit,
        )
        return ObjectList(items=found.items, resource_version=found.resource_version)

    async def count(self, resource: Resource) -> int:
        """How many objects a collection has, without their specs and status."""
        return len((await listing.collect(self, resource, keep=lambda _: True, metadata_only=True)).items)

    async def replace(self, obj: Mapping[str, Any], *, subresource: str | None = None, dry_run: bool = False) -> Object:
        """Write an object whole; its ``resourceVersion``, where it has one, must be the current one."""
        resource = await self.resource_of(obj)
        path = resource.path(obj["metadata"]["name"], namespace=_namespace(obj), subresource=subresource)
        params = _params(dryRun=dry_run, fieldManager=FIELD_MANAGER)
        return _object(await self.request("PUT", path, body=obj, params=params))

    async def patch(
        self,
        resource: Resource,
        name: str,
        patch: Any,
        namespace: str | None = None,
        *,
        kind: PatchType = PatchType.MERGE,
        subresource: str | None = None,
        dry_run: bool = False,
    ) -> Object:
        """Change an object."""
        path = resource.path(name, namespace=namespace, subresource=subresource)
        params = _params(dryRun=dry_run, fieldManager=FIELD_MANAGER)
        return _object(await self.request("PATCH", path, body=patch, params=params, content_type=kind.value))

    async def apply(self, obj: Mapping[str, Any], *, force: bool = False, dry_run: bool = False) -> Object:
        """Server-side apply: create it or bring it to this state."""
        resource = await self.resource_of(obj)
        path = resource.path(obj["metadata"]["name"], namespace=_namespace(obj))
        params = _params(dryRun=dry_run, fieldManager=FIELD_MANAGER, force="true" if force else None)
        # JSON is YAML, and the media type of an apply patch in JSON is younger than some servers.
        return _object(await self.request("PATCH", path, body=obj, params=params, content_type=APPLY_PATCH))

    async def delete(
        self,
        resource: Resource,
        name: str,
        namespace: str | None = None,
        *,
        uid: str | None = None,
        grace_period_s: int | None = None,
        propagation: Propagation | None = None,
        missing_ok: bool = True,
    ) -> Object | None:
        """Delete an object, if it is still the one with that UID (else `errors.Conflict`).

        Returns None where it is gone already, and the server's answer otherwise: the object as it is being deleted, or
        a Status where it went at once.
        """
        options: Object = {"apiVersion": "v1", "kind": "DeleteOptions"}
        if uid is not None:
            options["preconditions"] = {"uid": uid}
        if grace_period_s is not None:
            options["gracePeriodSeconds"] = grace_period_s
        if propagation is not None:
            options["propagationPolicy"] = propagation.value
        try:
            # Of one UID there is one deletion: what a repetition finds is gone, or somebody else's and stays.
            path = resource.path(name, namespace=namespace)
            return _object(await self.request("DELETE", path, body=options, repeatable=uid is not None))
        except errors.NotFound:
            if missing_ok:
                return None
            raise

    # Streams

    def watch(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        name: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        resource_version: str | None = None,
        state_first: bool = False,
    ) -> AsyncGenerator[watching.WatchEvent, None]:
        """Events after a version until the server ends the watch, which is normal. `mirror` keeps one going.

        With ``state_first`` (and no version) it begins with all that there is and a bookmark: see `following`.
        """
        fields = ",".join(part for part in (f"metadata.name={name}" if name else "", field_selector or "") if part)
        params = _params(labelSelector=label_selector, fieldSelector=fields, resourceVersion=resource_version)
        if state_first:
            params |= {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        return self._wire.events(
            resource.path(namespace=namespace),
            actor=self.actor,
            headers=self.headers,
            params=params,
        )

    async def logs(self, namespace: str, pod: str, container: str) -> str:
        """What a container has printed so far."""
        params = _params(container=container)
        path = resources.POD.path(pod, namespace=namespace, subresource="log")
        return (await self.request("GET", path, params=params, headers={"Accept": "*/*"})).text

    async def exec(
        self,
        namespace: str,
        pod: str,
        container: str,
        command: Sequence[str],
        *,
        timeout_s: float,
        stdout_to: Callable[[bytes], object] | None = None,
    ) -> streams.ExecResult:
        """Run a command in a container. Raises `errors.ExecFailed` where its result is not known.

        With ``stdout_to`` its output goes there as it comes, byte for byte, and is not in the result.
        """
        path = resources.POD.path(pod, namespace=namespace, subresource="exec")
        return await self._wire.execute(
            path,
            actor=self.actor,
            headers=self.headers,
            container=container,
            command=tuple(command),
            timeout_s=timeout_s,
            stdout_to=stdout_to,
        )

    def log_lines(
        self, namespace: str, pod: str, container: str, *, since: str | None = None, follow: bool = True
    ) -> AsyncGenerator[log_streams.LogLine, None]:
        """What a container prints after the time of a line, until the connection ends; see `log_streams`."""
        path = resources.POD.path(pod, namespace=namespace, subresource="log")
        params = _params(container=container, sinceTime=since, follow="true" if follow else None, timestamps="true")
        return self._wire.log_lines(path, actor=self.actor, headers=self.headers, params=params, since=since or "")

    def port_forward(self, namespace: str, pod: str, port: int) -> AbstractAsyncContextManager[tuple[str, int]]:
        """A local address (host, port) that leads to a pod's port while the block lasts."""
        path = resources.POD.path(pod, namespace=namespace, subresource="portforward")
        return self._wire.forward(path, actor=self.actor, headers=self.headers, port=port)


def _namespace(obj: Mapping[str, Any]) -> str | None:
    found = (obj.get("metadata") or {}).get("namespace")
    return None if found is None else str(found)


def _params(*, dryRun: bool = False, **values: str | None) -> dict[str, str]:  # noqa: N803 - the API's name
    given = {key: value for key, value in values.items() if value}
    return {**given, "dryRun": "All"} if dryRun else given


def _object(answer: Answer) -> Object:
    found = answer.json()
    if not isinstance(found, dict):
        raise errors.Unintelligible("the answer is no object", method=answer.method, path=answer.path)
    return found
