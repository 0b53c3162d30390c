"""Take away what the ledger says we made, and nothing else: by UID, in order, until it is seen to be gone.

The order is that in which nothing comes back: autoscalers before what they scale, controllers (in the foreground)
before their pods, pods before the claims that they hold, claims before templates and cluster-scoped objects. Namespaces
go beside the pods, once nothing makes new ones, and take with them what is inert. Inside a rank everything goes side by
side.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ai_conformance.kube import clock, errors
from ai_conformance.kube.ledger import Entry, Ledger
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.resources import Resource
from ai_conformance.kube.session import Propagation, Session

RUN_LABEL = "ai-conformance.dev/run"
CHECK_LABEL = "ai-conformance.dev/check"

_POD_GRACE_S = 1
"""A probe ends at once when it is told to."""
_AUTOSCALERS, _CONTROLLERS, _PODS, _CLAIMS, _TEMPLATES, _CLUSTER_SCOPED, _NAMESPACES = range(7)
_RANKS: Mapping[str, int] = {
    "HorizontalPodAutoscaler": _AUTOSCALERS,
    "VerticalPodAutoscaler": _AUTOSCALERS,
    "ScaledObject": _AUTOSCALERS,
    "ScaledJob": _AUTOSCALERS,
    "Pod": _PODS,
    "ResourceClaim": _CLAIMS,
    "PersistentVolumeClaim": _CLAIMS,
    "ResourceClaimTemplate": _TEMPLATES,
    "PodGroup": _TEMPLATES,
    "Workload": _TEMPLATES,
    "ConfigMap": _TEMPLATES,
    "Secret": _TEMPLATES,
    "Service": _TEMPLATES,
    "ServiceAccount": _TEMPLATES,
    "Role": _TEMPLATES,
    "RoleBinding": _TEMPLATES,
    "PodDisruptionBudget": _TEMPLATES,
    "NetworkPolicy": _TEMPLATES,
    "PodMonitor": _TEMPLATES,
    "ServiceMonitor": _TEMPLATES,
    "PodMonitoring": _TEMPLATES,
}
"""Any other namespaced kind counts as a controller, which is the careful assumption."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Leftover:
    """Something that we made and that is not known to be gone, or that we were not allowed to take away in its turn."""

    entry: Entry
    reason: str
    trouble: errors.KubeError | None = None
    """What the server said, where it is that what kept it."""
    gone: bool = False
    """Whether its namespace has taken it in the end."""

    @property
    def refused(self) -> bool:
        """Whether a permission is missing, which no patience mends."""
        return isinstance(self.trouble, errors.Forbidden)

    def __str__(self) -> str:
        place = f"{self.entry.namespace}/" if self.entry.namespace else ""
        return f"{self.entry.kind} {place}{self.entry.name}: {self.reason}"


async def remove(
    session: Session,
    *,
    ledger: Ledger,
    entries: Iterable[Entry],
    timeout_s: float = 120.0,
    on_vacated: Callable[[], object] = lambda: None,
    views: Sequence[Mirror] = (),
    sweeping: bool = False,
) -> list[Leftover]:
    """Delete and wait until gone; what is still there after ``timeout_s`` in all is returned, never raised.

    An object of the same name with another UID, or without our run's label, is somebody else's and stays untouched.
    What could not be deleted and went with its namespace is gone; it is returned only where a permission was missing,
    which whoever asked in vain has to be told.
    ``on_vacated`` is called when pods and claims are dealt with, which is seconds before their namespaces have gone.
    What ``views`` show is seen to go there, without a watch of its own. With ``sweeping`` the pods of a namespace that
    goes as well are deleted by one request, which takes the permission to delete their collection.
    """
    deadline = clock.monotonic() + timeout_s
    ranks = {rank: list(some) for rank, some in itertools.groupby(sorted(entries, key=_rank), key=_rank)}
    removal = _Removal(session, ledger=ledger, deadline=deadline, views=views, sweeping=sweeping)

    async def one_by_one(wanted: Iterable[int]) -> list[Leftover]:
        left: list[Leftover] = []
        for rank in wanted:
            left += await removal.of(ranks.get(rank, ()))
        return left

    makers = await one_by_one(range(_PODS))
    # The namespace controller lets five seconds pass before it touches what is in a namespace (namespaceDeletionGrace-
    # Period in its source): asked for now, it has waited by the time that pods and claims have gone in their order.
    rooms = await removal.ask(ranks.get(_NAMESPACES, ()))
    removal.doomed = frozenset(room.name for room in rooms.going)
    inert = ranks.get(_TEMPLATES, [])
    ranks[_TEMPLATES] = [entry for entry in inert if entry.namespace not in removal.doomed]

    async def vacate() -> list[Leftover]:
        holders = await one_by_one(range(_PODS, _TEMPLATES))
        on_vacated()
        return holders + await one_by_one(range(_TEMPLATES, _NAMESPACES))

    holders, shut = await asyncio.gather(vacate(), removal.see_gone(rooms.going))
    # What does nothing by itself is left to the namespace, which takes it: it has gone when the namespace has.
    still = {one.entry.name: one for one in shut}
    locked_in: list[Leftover] = []
    for entry in inert:
        room = still.get(entry.namespace or "")
        if room is not None:
            locked_in.append(Leftover(entry=entry, reason="its namespace has not gone", trouble=room.trouble))
        elif entry.namespace in removal.doomed:
            ledger.gone(entry)
    outlived = _outlived(makers + holders, namespaces=removal.doomed - still.keys(), ledger=ledger)
    told = [one for one in outlived if one.refused or not one.gone]
    return told + rooms.left + shut + locked_in


def _outlived(left: Iterable[Leftover], *, namespaces: frozenset[str], ledger: Ledger) -> Iterator[Leftover]:
    """The same, with those marked that have gone with their namespaces: nothing is in a namespace that is not there."""
    for one in left:
        if one.entry.namespace in namespaces:
            ledger.gone(one.entry)
            yield dataclasses.replace(one, reason=f"{one.reason} It went with its namespace.", gone=True)
        else:
            yield one


async def clean(session: Session, ledger: Ledger, *, timeout_s: float = 300.0) -> list[Leftover]:
    """Take away what a killed run has left, from its ledger; what is left then."""
    told = await remove(session, ledger=ledger, entries=ledger.open_entries, timeout_s=timeout_s)
    return [one for one in told if not one.gone]


def _rank(entry: Entry) -> int:
    if entry.kind == "Namespace":
        return _NAMESPACES
    return _RANKS.get(entry.kind, _CONTROLLERS) if entry.namespaced else _CLUSTER_SCOPED


def _collection(entry: Entry) -> tuple[str, str, str]:
    return (entry.api_version, entry.plural, entry.namespace or "")


def _label(entry: Entry) -> str:
    return f"{RUN_LABEL}={entry.run}"


def resource_of(entry: Entry) -> Resource:
    """Where an entry's object is, without asking the server."""
    group, _, version = entry.api_version.rpartition("/")
    return Resource(group=group, version=version, plural=entry.plural, kind=entry.kind, namespaced=entry.namespaced)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Asked:
    """What came of asking for deletions: all that is not in here has gone."""

    going: list[Entry]
    left: list[Leftover]


class _Removal:
    """One removal: what all its steps have in common."""

    def __init__(
        self, session: Session, *, ledger: Ledger, deadline: float, views: Sequence[Mirror], sweeping: bool
    ) -> None:
        self._session = session
        self._ledger = ledger
        self._deadline = deadline
        self._views = views
        self._sweeping = sweeping
        self.doomed: frozenset[str] = frozenset()
        """Namespaces of our making, by their UID, that are being deleted with all that is in them."""

    async def of(self, entries: Iterable[Entry]) -> list[Leftover]:
        """Take away what may go side by side."""
        rooms = itertools.groupby(sorted(entries, key=_collection), key=_collection)
        results = await asyncio.gather(*(self._collection([*room]) for _, room in rooms))
        return list(itertools.chain.from_iterable(results))

    async def _collection(self, entries: Sequence[Entry]) -> list[Leftover]:
        """Entries of one collection: one watch for all of them."""
        asked = await self._sweep(entries) or await self.ask(entries)
        return asked.left + await self.see_gone(asked.going)

    async def ask(self, entries: Iterable[Entry]) -> _Asked:
        """Ask for each deletion by UID."""
        asked = await asyncio.gather(*(_ask(self._session, ledger=self._ledger, entry=entry) for entry in entries))
        return _Asked(
            going=[one for one in asked if isinstance(one, Entry)],
            left=[one for one in asked if isinstance(one, Leftover)],
        )

    async def _sweep(self, entries: Sequence[Entry]) -> _Asked | None:
        """Delete the pods of a namespace by one request; None where they have to be deleted one by one.

        A collection is deleted by label, and a UID cannot be its precondition. It is as safe here: the namespace is
        being deleted by its UID, with all that is in it, so this takes nothing that would have stayed, only sooner.
        Until that namespace has gone nobody can have made another of its name.
        """
        first = entries[0]
        known = all(entry.uid is not None for entry in entries)
        if not self._sweeping or first.kind != "Pod" or first.namespace not in self.doomed or len(entries) < 2:
            return None
        if not known:  # whether such a pod is ours is told by looking at it
            return None
        try:
            path = resource_of(first).path(namespace=first.namespace)
            options = {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": _POD_GRACE_S}
            await self._session.request("DELETE", path, body=options, params={"labelSelector": _label(first)})
        except errors.KubeError:  # one by one it is seen which of them could not be deleted, and why
            return None
        return _Asked(going=list(entries), left=[])

    async def see_gone(self, going: Sequence[Entry]) -> list[Leftover]:
        """Wait until entries of one collection have gone."""
        if not going:
            return []
        waited_for = {str(entry.uid): entry for entry in going}
        first = going[0]
        resource = resource_of(first)

        def gone(view: Mirror) -> bool | None:
            there = {obj["metadata"]["uid"] for obj in view.objects.values()}
            for uid in waited_for.keys() - there:
                self._ledger.gone(waited_for.pop(uid))
            return None if waited_for else True

        async def until_gone(view: Mirror) -> None:
            timeout_s = max(self._deadline - clock.monotonic(), 1.0)
            await view.until(gone, timeout_s=timeout_s, waiting_for=f"{first.kind.lower()} gone")

        reason, said = "is still there", None
        try:
            for view in self._views:
                if view.shows(resource, namespace=first.namespace):
                    with contextlib.suppress(errors.ViewClosed):  # who opened it has not waited; then by one of our own
                        await until_gone(view)
                        return []
            async with Mirror.open(
                self._session, resource, namespace=first.namespace, label_selector=_label(first)
            ) as view:
                await until_gone(view)
        except errors.TimedOut as trouble:
            reason = f"is still there: {trouble.last}"
        except errors.KubeError as trouble:
            reason, said = f"whether it is gone is not known: {trouble}", trouble
        return [Leftover(entry=entry, reason=reason, trouble=said) for entry in waited_for.values()]


async def _ask(session: Session, *, ledger: Ledger, entry: Entry) -> Entry | Leftover | None:
    """Ask for the deletion. None: it is gone. An entry (with its UID): it is going."""
    resource = resource_of(entry)
    try:
        if entry.uid is None:
            found = await session.get(resource, entry.name, entry.namespace)
            if (found["metadata"].get("labels") or {}).get(RUN_LABEL) != entry.run:
                ledger.gone(entry)  # the name is another's: ours was never made
                return None
            entry = ledger.confirm(entry, uid=found["metadata"]["uid"])
        answer = await session.delete(
            resource,
            entry.name,
            entry.namespace,
            uid=entry.uid,
            grace_period_s=_POD_GRACE_S if entry.kind == "Pod" else None,
            propagation=Propagation.FOREGROUND if _rank(entry) == _CONTROLLERS else None,
        )
    except (errors.NotFound, errors.Conflict):  # a conflict: the UID under that name is another's, ours is gone
        ledger.gone(entry)
        return None
    except errors.KubeError as trouble:
        return Leftover(entry=entry, reason=f"could not be deleted: {trouble}", trouble=trouble)
    if answer is None or (answer.get("kind") == "Status" and answer.get("status") == "Success"):
        ledger.gone(entry)
        return None
    return entry
