"""A large collection is read in pages, and of a page nothing stays but what is kept."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from aiohttp import web
from fake_api import FakeApi, listed, pod, status

from ai_conformance.kube import errors, listing, resources
from ai_conformance.kube.transport import Answer

PODS = "/api/v1/pods"


def pages(api: FakeApi, *, count: int) -> None:
    """So many pods, as a server gives them out: as many at once as are asked for."""

    async def answer(request: web.Request) -> web.Response:
        begin = int(request.query.get("continue") or 0)
        end = min(begin + int(request.query["limit"]), count)
        items = [pod(f"p{number}", version=number) for number in range(begin, end)]
        return web.json_response(listed(*items, version=7, proceed=str(end) if end < count else ""))

    api.on("GET", PODS, answer)


def name(item: dict[str, Any]) -> str:
    return str(item["metadata"]["name"])


async def test_pages_are_asked_for_until_there_is_no_more(api: FakeApi) -> None:
    pages(api, count=23)
    async with await api.session() as session:
        found = await listing.collect(session, resources.POD, keep=name, limit=10, field_selector="spec.nodeName!=")
    assert found.items == tuple(f"p{number}" for number in range(23))
    assert found.resource_version == "7"
    assert [query for _, _, query, _ in api.seen] == [
        {"limit": "10", "fieldSelector": "spec.nodeName!=", **more}
        for more in ({}, {"continue": "10"}, {"continue": "20"})
    ]


async def test_what_is_not_wanted_is_left_out(api: FakeApi) -> None:
    pages(api, count=9)
    async with await api.session() as session:
        found = await listing.collect(
            session, resources.POD, keep=lambda item: name(item) if name(item) > "p6" else None, limit=4
        )
    assert found.items == ("p7", "p8")


async def test_a_page_is_gone_before_the_next_is_read(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    class Page(dict[str, Any]):
        """A dict to which there can be weak references."""

    made: list[weakref.ref[Page]] = []
    others_alive: list[int] = []
    plain = Answer.json

    def read(answer: Answer) -> Page:
        others_alive.append(sum(1 for one in made if one() is not None))
        page = Page(plain(answer))
        made.append(weakref.ref(page))
        return page

    pages(api, count=40)
    async with await api.session() as session:
        with monkeypatch.context() as patch:
            patch.setattr(Answer, "json", read)
            await listing.collect(session, resources.POD, keep=name, limit=10)
    assert others_alive == [0, 0, 0, 0]


async def test_the_collector_is_as_it_was(api: FakeApi) -> None:
    pages(api, count=3)
    seen: list[bool] = []

    def keep(item: dict[str, Any]) -> None:
        seen.append(gc.isenabled())
        if name(item) == "p2":
            raise KeyError(name(item))

    async with await api.session() as session:
        with pytest.raises(KeyError):
            await listing.collect(session, resources.POD, keep=keep)
    assert seen == [False] * 3
    assert gc.isenabled()


async def test_a_list_whose_version_is_gone_begins_anew_and_counts_nothing_twice(api: FakeApi) -> None:
    first, last = listed(pod("a", version=1), version=5, proceed="more"), listed(pod("b", version=1), version=6)
    api.on("GET", PODS, first, status_of(410), first, last)
    async with await api.session() as session:
        found = await listing.collect(session, resources.POD, keep=name)
    assert (found.items, found.resource_version) == (("a", "b"), "6")


async def test_a_count_asks_for_metadata_alone(api: FakeApi) -> None:
    accepted: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        accepted.append(request.headers["Accept"])
        return web.json_response(listed(pod("a", version=1), pod("b", version=1), version=5))

    api.on("GET", PODS, answer)
    async with await api.session() as session:
        assert await session.count(resources.POD) == 2
    assert accepted == [listing.METADATA_ONLY]


async def test_an_answer_that_is_no_object_is_not_understood(api: FakeApi) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(["no", "list"])

    api.on("GET", PODS, answer)
    async with await api.session() as session:
        with pytest.raises(errors.Unintelligible):
            await listing.collect(session, resources.POD, keep=name)


def status_of(code: int) -> Any:
    async def answer(_request: web.Request) -> web.Response:
        return status(code, reason="Expired")

    return answer
