"""A view of some objects that keeps itself up to date by one watch (`following`), shared by any number of waiters.

Waiters see every event in order, not only the state at some moment: `throughout` notices what was there for a blink.
A watch that ends is taken up where it ended and misses nothing; where the server no longer knows that version (410)
the list is read again, and a window that is being watched is told that there was a gap. What the server refuses for
good (401, 403, 404, 400) is raised to the waiters: a view that is lost never looks like a quiet cluster.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from ai_conformance.kube import clock, errors, poll
from ai_conformance.kube.following import Selectors, Whole, follow
from ai_conformance.kube.resources import Resource
from ai_conformance.kube.session import Session
from ai_conformance.kube.summaries import summary
from ai_conformance.kube.waiters import Waiters
from ai_conformance.kube.waiting import waiting
from ai_conformance.kube.watching import EventType

_Found = TypeVar("_Found")
Object = dict[str, Any]
Key = tuple[str | None, str]

_LONGEST_BACK_OFF_S = 5.0
_HISTORY = 10_000
"""Observations that are kept; a check's own pods make some hundreds."""
TOLERATED_GAP_S = 2.0
"""How long a window may be without a view when the list had to be read again: no pod is bound, run and gone in less."""
_CATCH_UP_S = 10.0
"""How long the watch may lag behind a list that was just read."""
_PERMANENT = (
    errors.Unauthorized,
    errors.Forbidden,
    errors.NotFound,
    errors.Invalid,
    errors.ConfigurationError,
    errors.Unintelligible,
)


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One thing that was seen."""

    at: datetime
    """UTC, when it was seen here."""
    type: EventType
    object: Object


class Mirror:
    """Use as ``async with Mirror.open(session, POD, namespace=...) as pods``."""

    def __init__(self, session: Session, resource: Resource, *, namespace: str | None, selectors: Selectors) -> None:
        self._session = session
        self._resource = resource
        self._namespace = namespace
        self._selectors = selectors
        self._objects: dict[Key, Object] = {}
        self._history: collections.deque[Observation] = collections.deque(maxlen=_HISTORY)
        self._waiters = Waiters()
        self._touched: dict[Key, float] = {}
        self._trouble: errors.KubeError | None = None
        self._lost_at: float | None = None
        self._gaps: list[tuple[float, float]] = []

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        session: Session,
        resource: Resource,
        *,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> AsyncIterator[Mirror]:
        """Begin to watch; the block begins with all that there is. Raises what the first look raises."""
        selectors = Selectors(label_selector=label_selector, field_selector=field_selector)
        mirror = cls(session, resource, namespace=namespace, selectors=selectors)
        begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(mirror._run(begun), name=f"mirror of {resource}")
        try:
            await asyncio.wait([begun, task], return_when=asyncio.FIRST_COMPLETED)
            (begun if begun.done() else task).result()
            yield mirror
        finally:
            task.cancel()
            mirror._waiters.refuse(errors.ViewClosed(f"the view of {resource} was closed"))
            await asyncio.gather(task, return_exceptions=True)

    def shows(self, resource: Resource, *, namespace: str | None) -> bool:
        """Whether it shows all objects of a collection."""
        mine = (self._resource.api_version, self._resource.plural, self._namespace)
        return mine == (resource.api_version, resource.plural, namespace) and not any(self._selectors.values())

    @property
    def resource(self) -> Resource:
        """The kind of what it shows."""
        return self._resource

    @property
    def objects(self) -> Mapping[Key, Object]:
        """What there is now, by (namespace, name). Not to be changed."""
        return self._objects

    @property
    def history(self) -> tuple[Observation, ...]:
        """Everything that was seen, in order; the last ten thousand."""
        return tuple(self._history)

    def get(self, name: str, namespace: str | None = None) -> Object | None:
        """One object; the namespace may be left out where the mirror is of one."""
        return self._objects.get((namespace or self._namespace, name))

    async def until(
        self,
        predicate: Callable[[Mirror], _Found | None],
        *,
        timeout_s: float,
        waiting_for: str,
        last: Callable[[Mirror], object] | None = None,
    ) -> _Found:
        """The first thing that is not None that the predicate says, now or after any event.

        Raises `errors.TimedOut` with what ``last`` says (by default a line on each object); where the view is lost at
        that moment, or for good, the API's error instead. What the predicate raises is raised here.
        """
        with waiting(waiting_for):
            try:
                async with asyncio.timeout(timeout_s):
                    found: _Found = await self._waiters.first(lambda: predicate(self))
            except TimeoutError as over:
                if self._trouble is not None:
                    raise self._trouble from over
                seen = last(self) if last else summary(self._objects.values())
                raise errors.TimedOut(waiting_for, after_s=timeout_s, last=seen) from over
            return found

    async def throughout(
        self, violation: Callable[[Mirror], _Found | None], *, seconds: float, watching_for: str
    ) -> _Found | None:
        """Watch a window: the first violation at its beginning or after any event in it, or None.

        None is said only when all that happened in the window is known: at its end the list is read once more and the
        view has to catch up with it. Raises `errors.ViewInterrupted` where there was a gap, `errors.ApiError` where
        the cluster cannot be asked.
        """
        begun = clock.monotonic()
        with waiting(watching_for):
            violated = asyncio.create_task(self._waiters.first(lambda: violation(self)))
            try:
                done, _ = await asyncio.wait([violated], timeout=seconds)
                if not done:
                    await self._catch_up(violated, watching_for=watching_for)
                if violated.done():
                    found: _Found = violated.result()
                    return found
            finally:
                violated.cancel()
                await asyncio.gather(violated, return_exceptions=True)
        for gap_from, gap_to in self._gaps:
            if gap_to > begun and gap_to - gap_from > TOLERATED_GAP_S:
                raise errors.ViewInterrupted(watching_for, gap_s=gap_to - gap_from, tolerated_s=TOLERATED_GAP_S)
        return None

    async def _catch_up(self, violated: asyncio.Task[Any], *, watching_for: str) -> None:
        """Until the view holds all that a fresh list holds, or something newer."""
        asked = clock.monotonic()
        listed = await self._session.list(self._resource, self._namespace, **self._selectors)
        fresh = {_key(item): _version(item) for item in listed.items}

        def caught_up() -> bool | None:
            late = (
                fresh.get(key) != _version(self._objects.get(key)) and self._touched.get(key, 0.0) < asked
                for key in fresh.keys() | self._objects.keys()
            )
            return None if any(late) else True

        end = asyncio.create_task(self._waiters.first(caught_up))
        try:
            done, _ = await asyncio.wait([end, violated], timeout=_CATCH_UP_S, return_when="FIRST_COMPLETED")
            if not done:
                raise self._trouble or errors.ViewInterrupted(
                    watching_for, gap_s=_CATCH_UP_S, tolerated_s=TOLERATED_GAP_S
                )
            if end.done():
                end.result()
        finally:
            end.cancel()
            await asyncio.gather(end, return_exceptions=True)

    async def _renew(self, whole: Whole) -> None:
        """All that there is; what differs from the view is seen now."""
        fresh = {_key(item): item for item in whole.items}
        for key in self._objects.keys() - fresh.keys():
            self._see(EventType.DELETED, self._objects[key])
        for key, item in fresh.items():
            before = self._objects.get(key)
            if before is None:
                self._see(EventType.ADDED, item)
            elif before["metadata"]["uid"] != item["metadata"]["uid"]:
                self._see(EventType.DELETED, before)
                self._see(EventType.ADDED, item)
            elif _version(before) != _version(item):
                self._see(EventType.MODIFIED, item)
        await self._waiters.wake()
        if self._lost_at is not None:
            self._gaps.append((self._lost_at, clock.monotonic()))

    async def _run(self, begun: asyncio.Future[None]) -> None:
        """Keep watching. Ends only by cancellation, by what the server refuses for good, or where it cannot begin."""
        tries, version = 0, None
        while True:
            since = clock.monotonic()
            try:
                feed = follow(
                    self._session, self._resource, self._namespace, version=version, selectors=self._selectors
                )
                async with contextlib.aclosing(feed):
                    async for news in feed:
                        if isinstance(news, Whole):
                            version = news.version
                            await self._renew(news)
                            if not begun.done():
                                begun.set_result(None)
                            continue
                        tries, self._trouble, self._lost_at = 0, None, None
                        version = _version(news.object)
                        if news.type is not EventType.BOOKMARK:
                            self._see(news.type, news.object)
                            await self._waiters.wake()
                if clock.monotonic() - since > 1:  # it has been a watch; another may begin at once
                    tries, self._trouble, self._lost_at = 0, None, None
                    continue
            except errors.Gone:
                version = None
                self._lost_at = self._lost_at or clock.monotonic()
            except errors.KubeError as trouble:
                if not begun.done():
                    begun.set_exception(trouble)
                    return
                self._trouble = trouble
                if isinstance(trouble, _PERMANENT):
                    self._waiters.refuse(trouble)
                    return
                self._lost_at = self._lost_at or clock.monotonic()
            await poll.pause(min(_LONGEST_BACK_OFF_S, 0.1 * 2**tries))
            tries = min(tries + 1, 10)

    def _see(self, word: EventType, obj: Object) -> None:
        key = _key(obj)
        if word is EventType.DELETED:
            self._objects.pop(key, None)
        else:
            self._objects[key] = obj
        self._touched[key] = clock.monotonic()
        self._history.append(Observation(at=clock.now(), type=word, object=obj))


def _key(obj: Mapping[str, Any]) -> Key:
    metadata = obj["metadata"]
    return (metadata.get("namespace"), metadata["name"])


def _version(obj: Mapping[str, Any] | None) -> str:
    return "" if obj is None else str(obj["metadata"].get("resourceVersion", ""))
