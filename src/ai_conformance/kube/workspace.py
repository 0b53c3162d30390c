"""Where a check makes its objects: own namespaces, every object labelled and written to the ledger before it is made.

workspace = Workspace(session=..., ledger=..., run_id="k3x9", check_id="gang_scheduling")
namespace = await workspace.namespace()
pod = await workspace.create(probe_pod("probe", namespace=namespace, containers=[...]))
leftovers = await workspace.cleanup()
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ai_conformance.kube import cleanup, errors, poll, resources
from ai_conformance.kube.cleanup import CHECK_LABEL, RUN_LABEL, Leftover, clean
from ai_conformance.kube.isolation import Isolation
from ai_conformance.kube.ledger import Entry, Ledger
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.resources import Resource
from ai_conformance.kube.session import Object, Session
from ai_conformance.kube.waiting import waiting

__all__ = ["CHECK_LABEL", "RUN_LABEL", "Leftover", "Workspace", "clean"]

_LONGEST_NAME = 63
"""A namespace is a DNS label (RFC 1123)."""
_READ_BACK = 5
"""Looks for an object whose creation was not answered; the server may still be at it."""


class Workspace:
    """All that one check makes in one run."""

    def __init__(
        self,
        *,
        session: Session,
        ledger: Ledger,
        run_id: str,
        check_id: str,
        namespace_prefix: str = "aic",
        sweeping: bool = False,
        isolation: Isolation | None = None,
    ) -> None:
        """``sweeping``: the pods of a namespace may be deleted by one request (see `cleanup.remove`)."""
        self.session = session
        self.run_id = run_id
        self.check_id = check_id
        self._ledger = ledger
        self._prefix = namespace_prefix
        self._sweeping = sweeping
        self._isolation = isolation or Isolation()
        self.namespaces: list[str] = []
        """Those that were made, by name."""
        self._mine: dict[tuple[str, str, str | None, str], Entry] = {}
        self._leaving: asyncio.Task[list[Leftover]] | None = None

    @property
    def labels(self) -> Mapping[str, str]:
        """What every object and every pod template of this check bears."""
        return {RUN_LABEL: self.run_id, CHECK_LABEL: self.check_id}

    @property
    def selector(self) -> str:
        """The label selector of everything that this check makes."""
        return ",".join(f"{key}={value}" for key, value in self.labels.items())

    def namespace_name(self, suffix: str = "") -> str:
        """``aic-<requirement>-<run>[-suffix]``, the requirement shortened where the name would be too long."""
        tail = re.sub(r"[^a-z0-9-]+", "-", f"-{self.run_id}{f'-{suffix}' if suffix else ''}".lower()).rstrip("-")
        head = f"{self._prefix}-{self.check_id.replace('_', '-').lower()}"
        return head[: _LONGEST_NAME - len(tail)].rstrip("-") + tail

    async def namespace(self, suffix: str = "", *, labels: Mapping[str, str] | None = None) -> str:
        """Make a namespace in which a pod can be made at once (its default service account exists); its name."""
        name = self.namespace_name(suffix)
        *relaxed, strict = self._isolation.labels(suffix)
        for borne in relaxed:
            with contextlib.suppress(errors.Denied):
                await self._bare_namespace(name, labels={**borne, **(labels or {})})
                break
        else:
            await self._bare_namespace(name, labels={**strict, **(labels or {})})
        self.namespaces.append(name)
        await self._service_account(name)
        for one in self._isolation.furniture(name):
            if await self._is_served(one):
                await self.create(one)
        return name

    async def _bare_namespace(self, name: str, *, labels: Mapping[str, str]) -> None:
        await self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})

    async def _is_served(self, obj: Mapping[str, Any]) -> bool:
        """A cluster without an optional API has nothing that it would be needed against."""
        if resources.built_in(obj) is not None:
            return True
        group = str(obj["apiVersion"]).rpartition("/")[0]
        return (await self.session.discover()).find(group, str(obj["kind"])) is not None

    async def _service_account(self, namespace: str) -> None:
        """Pods are refused until the controller manager has made it; its watch, by name, sees it at once."""
        account = resources.SERVICE_ACCOUNT
        with waiting("service account"):
            try:
                async with asyncio.timeout(30):
                    while True:
                        # A watch without a version begins with what there is.
                        watch = self.session.watch(account, namespace, name="default")
                        async with contextlib.aclosing(watch):
                            async for event in watch:
                                if event.object["metadata"].get("name") == "default":
                                    return
                        await poll.pause(0.1)  # the server ended the watch; it need not be asked at once
            except TimeoutError as trouble:
                raise errors.TimedOut(f"the default service account of {namespace}", after_s=30) from trouble

    async def create(self, obj: Mapping[str, Any]) -> Object:
        """Create an object under our labels; the ledger knows of it before the server does.

        The object has a name, or a ``generateName`` from which one is made here. A creation whose answer was lost is
        settled by reading the name back. Raises `errors.ApiError`.
        """
        resource = await self.session.resource_of(obj)
        made = self._labelled(obj)
        metadata = made["metadata"]
        entry = Entry(
            api_version=resource.api_version,
            kind=resource.kind,
            plural=resource.plural,
            namespaced=resource.namespaced,
            name=metadata["name"],
            namespace=metadata.get("namespace") if resource.namespaced else None,
            run=self.run_id,
            actor=self.session.actor,
        )
        self._ledger.record(entry)
        self._mine[entry.key] = entry
        try:
            answer = await self.session.create(made)
        except (errors.AnswerLost, errors.ServerError) as trouble:
            found = await self._read_back(resource, entry)
            if found is None:
                raise trouble
            answer = found
        except errors.ApiError:  # refused: it was not made
            self._ledger.gone(entry)
            del self._mine[entry.key]
            raise
        self._mine[entry.key] = self._ledger.confirm(entry, uid=answer["metadata"]["uid"])
        return answer

    async def _read_back(self, resource: Resource, entry: Entry) -> Object | None:
        for look in range(_READ_BACK):
            try:
                found = await self.session.get(resource, entry.name, entry.namespace)
            except errors.NotFound:
                await poll.pause(0.2 * 2**look)
                continue
            ours = (found["metadata"].get("labels") or {}).get(RUN_LABEL) == self.run_id
            return found if ours else None
        return None

    async def delete(self, obj: Mapping[str, Any], *, timeout_s: float = 60.0) -> None:
        """Delete one of our objects and wait until it is gone. Raises `errors.TimedOut`, or what the server said."""
        resource = await self.session.resource_of(obj)
        metadata = obj["metadata"]
        key = (resource.api_version, resource.plural, metadata.get("namespace"), metadata["name"])
        entry = self._mine[key]
        left = await cleanup.remove(self.session, ledger=self._ledger, entries=[entry], timeout_s=timeout_s)
        if left and left[0].trouble is not None:
            raise left[0].trouble
        if left:
            raise errors.TimedOut(
                f"{resource.described(entry.name, entry.namespace)} gone", after_s=timeout_s, last=left[0]
            )
        del self._mine[key]

    async def vacate(self, *, timeout_s: float = 120.0, views: Sequence[Mirror] = ()) -> None:
        """Begin to take everything away; returns when pods and claims have gone, and what they held is free again.

        `cleanup` awaits the rest and says what could not be taken away. What goes is seen in ``views`` that show it.
        """
        vacated = asyncio.Event()
        removing = self._remove(timeout_s=timeout_s, on_vacated=vacated.set, views=views)
        self._leaving = asyncio.create_task(removing)
        waiter = asyncio.create_task(vacated.wait())
        try:
            await asyncio.wait([self._leaving, waiter], return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiter.cancel()

    async def cleanup(self, *, timeout_s: float = 120.0) -> list[Leftover]:
        """Take away everything that this check has made; what could not be is returned. Can be called again."""
        late: list[Leftover] = []
        if self._leaving is not None:
            leaving, self._leaving = self._leaving, None
            late = [one for one in await leaving if one.gone]  # the rest is tried anew
        return late + await self._remove(timeout_s=timeout_s)

    async def _remove(
        self,
        *,
        timeout_s: float,
        on_vacated: Callable[[], object] = lambda: None,
        views: Sequence[Mirror] = (),
    ) -> list[Leftover]:
        still = {entry.key for entry in self._ledger.open_entries}
        entries = [entry for key, entry in self._mine.items() if key in still]
        return await cleanup.remove(
            self.session,
            ledger=self._ledger,
            entries=entries,
            timeout_s=timeout_s,
            on_vacated=on_vacated,
            views=views,
            sweeping=self._sweeping,
        )

    def _labelled(self, obj: Mapping[str, Any]) -> Object:
        made: Object = copy.deepcopy(dict(obj))
        metadata = made.setdefault("metadata", {})
        if not metadata.get("name"):
            prefix = metadata.pop("generateName", "aic-")
            metadata["name"] = f"{prefix}{self.session.unused_token(obj)}"
        metadata["labels"] = {**(metadata.get("labels") or {}), **self.labels}
        self._isolation.dress(made, labels=self.labels)
        if made.get("kind") == "ResourceClaimTemplate":
            inner = made["spec"].setdefault("metadata", {})
            inner["labels"] = {**(inner.get("labels") or {}), **self.labels}
        return made
