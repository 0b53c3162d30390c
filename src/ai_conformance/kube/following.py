"""One look at a collection that goes on: all that there is, then every change, until the server ends the watch.

The state comes with the watch itself where the server streams lists (feature WatchList, KEP-3157; on by default since
Kubernetes 1.34): one request instead of two. A server that refuses that is asked for a list first, now and later.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, TypedDict

from ai_conformance.kube import errors, poll
from ai_conformance.kube.resources import Resource
from ai_conformance.kube.session import Session
from ai_conformance.kube.transport import patience_s
from ai_conformance.kube.watching import EventType, WatchEvent

Object = dict[str, Any]
_ALL_THERE = "k8s.io/initial-events-end"
"""The annotation of the bookmark after the last object of the state."""


class Selectors(TypedDict):
    """Which objects of a collection; None where they do not matter."""

    label_selector: str | None
    field_selector: str | None


@dataclass(frozen=True, kw_only=True)
class Whole:
    """All objects that there are, and the version of this state."""

    items: tuple[Object, ...]
    version: str


async def follow(
    session: Session,
    resource: Resource,
    namespace: str | None,
    *,
    version: str | None,
    selectors: Selectors,
) -> AsyncGenerator[Whole | WatchEvent, None]:
    """Changes after ``version``; without one a `Whole` first. Raises what the server says, `errors.Gone` included."""
    if version is None and session.streams_lists:
        try:
            async with contextlib.aclosing(_streamed(session, resource, namespace, selectors=selectors)) as news:
                async for one in news:
                    yield one
            return
        except errors.Invalid:
            session.streams_lists = False
    if version is None:
        listed = await session.list(resource, namespace, **selectors)
        version = listed.resource_version
        yield Whole(items=listed.items, version=version)
    watch = session.watch(resource, namespace, resource_version=version, **selectors)
    async with contextlib.aclosing(watch):
        async for event in watch:
            yield event


async def _streamed(
    session: Session, resource: Resource, namespace: str | None, *, selectors: Selectors
) -> AsyncGenerator[Whole | WatchEvent, None]:
    """The state is read as patiently as any list: a server that has just begun to serve a kind answers 429 at first."""
    tries = 0
    while True:
        state: list[Object] | None = []
        try:
            watch = session.watch(resource, namespace, state_first=True, **selectors)
            async with contextlib.aclosing(watch):
                async for event in watch:
                    if state is None:
                        yield event
                    elif event.type is not EventType.BOOKMARK:
                        state.append(event.object)
                    elif (event.object["metadata"].get("annotations") or {}).get(_ALL_THERE) == "true":
                        yield Whole(items=tuple(state), version=str(event.object["metadata"]["resourceVersion"]))
                        state = None
            return
        except errors.ApiError as trouble:
            jitter = session.chance.below(1000, of=f"jitter {resource}") / 1000
            pause_s = patience_s(trouble, tries=tries, repeatable=True, jitter=jitter)
            if state is None or pause_s is None:
                raise
            tries += 1
            await poll.pause(pause_s)
