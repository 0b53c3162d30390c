"""What goes together: pods by one request, what is inert with its namespace, and all of it seen in a view at hand."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from fake_api import FakeApi, listed, pod, watch

from ai_conformance.kube import cleanup, errors, resources
from ai_conformance.kube.cleanup import Leftover
from ai_conformance.kube.ledger import Entry, Ledger, read
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.session import Session

PODS = "/api/v1/namespaces/n/pods"
ROOM = "/api/v1/namespaces/n"
ROOMS = "/api/v1/namespaces"
GOING = {"kind": "Namespace", "metadata": {"name": "n", "uid": "u-n", "resourceVersion": "1"}}
SUCCESS = {"kind": "Status", "status": "Success"}


def entry(kind: str, plural: str, name: str, *, uid: str | None = "", namespaced: bool = True) -> Entry:
    return Entry(
        api_version="v1",
        kind=kind,
        plural=plural,
        namespaced=namespaced,
        name=name,
        namespace="n" if namespaced else None,
        run="r1",
        actor="check/x",
        uid=f"u-{name}" if uid == "" else uid,
    )


NAMESPACE = entry("Namespace", "namespaces", "n", namespaced=False)


def recorded(book: Ledger, *entries: Entry) -> None:
    for one in entries:
        book.record(one)


async def removed(session: Session, book: Ledger, **options: Any) -> list[Leftover]:
    return await cleanup.remove(session, ledger=book, entries=book.open_entries, timeout_s=5, **options)


def deletions(api: FakeApi) -> list[str]:
    return [path for method, path, _, _ in api.seen if method == "DELETE"]


async def test_pods_go_by_one_request_once_their_namespace_is_going(api: FakeApi, book: Ledger) -> None:
    recorded(book, NAMESPACE, entry("Pod", "pods", "a"), entry("Pod", "pods", "b"))
    api.on("DELETE", ROOM, GOING)
    api.on("DELETE", PODS, SUCCESS)
    api.on("GET", PODS, listed(version=1))
    api.on("GET", ROOMS, listed(version=1))
    async with await api.session() as session:
        assert await removed(session, book, sweeping=True) == []
    assert deletions(api) == [ROOM, PODS]
    _, _, query, body = next(one for one in api.seen if one[:2] == ("DELETE", PODS))
    assert query == {"labelSelector": "ai-conformance.dev/run=r1"}
    assert body["gracePeriodSeconds"] == 1
    assert read(book.path) == ()


@pytest.mark.parametrize("namespace", [404, 409, 403])
async def test_pods_go_one_by_one_where_the_namespace_is_not_ours_to_go(
    api: FakeApi, book: Ledger, namespace: int
) -> None:
    recorded(book, NAMESPACE, entry("Pod", "pods", "a"), entry("Pod", "pods", "b"))
    api.on("DELETE", ROOM, namespace)
    for name in ("a", "b"):
        api.on("DELETE", f"{PODS}/{name}", SUCCESS)
    async with await api.session() as session:
        await removed(session, book, sweeping=True)
    assert sorted(deletions(api)) == [ROOM, f"{PODS}/a", f"{PODS}/b"]


@pytest.mark.parametrize("refusal", [403, 500])
async def test_pods_go_one_by_one_where_they_may_not_go_together(api: FakeApi, book: Ledger, refusal: int) -> None:
    recorded(book, NAMESPACE, entry("Pod", "pods", "a"), entry("Pod", "pods", "b"))
    api.on("DELETE", ROOM, GOING)
    api.on("GET", ROOMS, listed(version=1))
    api.on("DELETE", PODS, refusal)
    for name in ("a", "b"):
        api.on("DELETE", f"{PODS}/{name}", SUCCESS)
    async with await api.session() as session:
        assert await removed(session, book, sweeping=True) == []
    assert read(book.path) == ()


async def test_a_pod_whose_uid_is_not_known_is_looked_at_first(api: FakeApi, book: Ledger) -> None:
    recorded(book, NAMESPACE, entry("Pod", "pods", "a"), entry("Pod", "pods", "b", uid=None))
    api.on("DELETE", ROOM, GOING)
    api.on("GET", ROOMS, listed(version=1))
    api.on("GET", f"{PODS}/b", pod("b", version=1))  # without the run's label
    api.on("DELETE", f"{PODS}/a", SUCCESS)
    async with await api.session() as session:
        assert await removed(session, book, sweeping=True) == []
    assert deletions(api) == [ROOM, f"{PODS}/a"]


async def test_what_is_inert_goes_with_its_namespace(api: FakeApi, book: Ledger) -> None:
    recorded(book, NAMESPACE, entry("ConfigMap", "configmaps", "c"))
    api.on("DELETE", ROOM, GOING)
    api.on("GET", ROOMS, listed(version=1))
    async with await api.session() as session:
        assert await removed(session, book) == []
    assert deletions(api) == [ROOM]
    assert read(book.path) == ()


async def test_what_is_inert_is_left_over_with_its_namespace(api: FakeApi, book: Ledger) -> None:
    recorded(book, NAMESPACE, entry("ConfigMap", "configmaps", "c"))
    api.on("DELETE", ROOM, GOING)

    async def still(request: web.Request) -> web.StreamResponse:
        quiet = watch()
        there = {"metadata": {"resourceVersion": "1"}, "items": [GOING]}
        return await quiet(request) if "watch" in request.query else web.json_response(there)

    api.on("GET", ROOMS, still)
    async with await api.session() as session:
        left = await cleanup.remove(session, ledger=book, entries=book.open_entries, timeout_s=0.1)
    assert sorted(one.entry.kind for one in left) == ["ConfigMap", "Namespace"]
    assert "ConfigMap n/c: its namespace has not gone" in map(str, left)
    assert len(read(book.path)) == 2


async def test_what_is_inert_is_deleted_where_its_namespace_stays(api: FakeApi, book: Ledger) -> None:
    recorded(book, entry("ConfigMap", "configmaps", "c"))
    api.on("DELETE", f"{ROOM}/configmaps/c", SUCCESS)
    async with await api.session() as session:
        assert await removed(session, book) == []
    assert read(book.path) == ()


def _watched(*, hold: asyncio.Event, gone: asyncio.Event) -> Any:
    """Pods: ``a`` is there, until ``gone``."""

    async def pods(request: web.Request) -> web.StreamResponse:
        if "watch" not in request.query:
            return web.json_response(listed(pod("a", version=1, uid="u-a"), version=1))
        await gone.wait()
        last = {"type": "DELETED", "object": pod("a", version=2, uid="u-a")}
        return await watch(last, hold=hold)(request)

    return pods


async def test_going_is_seen_in_a_view_that_is_there(api: FakeApi, book: Ledger) -> None:
    recorded(book, entry("Pod", "pods", "a"))
    hold, gone = asyncio.Event(), asyncio.Event()
    api.on("GET", PODS, _watched(hold=hold, gone=gone))
    api.on("DELETE", f"{PODS}/a", pod("a", version=1, uid="u-a"))
    async with await api.session() as session, Mirror.open(session, resources.POD, namespace="n") as view:
        removal = asyncio.create_task(removed(session, book, views=(view,)))
        gone.set()
        assert await removal == []
        assert api.count("GET", PODS) == 2, "the list and the watch of the view"
        hold.set()
    assert read(book.path) == ()


async def test_a_view_that_is_closed_meanwhile_is_replaced(api: FakeApi, book: Ledger) -> None:
    recorded(book, entry("Pod", "pods", "a"))
    asked = asyncio.Event()
    never = asyncio.Event()
    api.on("GET", PODS, _watched(hold=never, gone=never))

    async def going(_request: web.Request) -> web.StreamResponse:
        asked.set()
        return web.json_response(pod("a", version=1, uid="u-a"))

    api.on("DELETE", f"{PODS}/a", going)
    async with await api.session() as session:
        async with Mirror.open(session, resources.POD, namespace="n") as view:
            removal = asyncio.create_task(removed(session, book, views=(view,)))
            await asked.wait()
        api.on("GET", PODS, listed(version=3))
        assert await removal == []
    assert read(book.path) == ()


async def test_who_waits_in_a_view_that_is_closed_is_told(api: FakeApi) -> None:
    never = asyncio.Event()
    api.on("GET", PODS, _watched(hold=never, gone=never))
    async with await api.session() as session:
        async with Mirror.open(session, resources.POD, namespace="n") as view:
            waiting = asyncio.create_task(view.until(lambda _: None, timeout_s=5, waiting_for="nothing"))
            await asyncio.sleep(0)
        with pytest.raises(errors.ViewClosed):
            await waiting


@pytest.mark.parametrize(("said", "told"), [(403, ["Pod"]), (500, [])])
async def test_what_could_not_be_deleted_has_gone_with_its_namespace_and_a_missing_permission_is_told(
    api: FakeApi, book: Ledger, pauses: list[float], said: int, told: list[str]
) -> None:
    recorded(book, NAMESPACE, entry("Pod", "pods", "a"))
    api.on("DELETE", ROOM, GOING)
    api.on("DELETE", f"{PODS}/a", said)
    api.on("GET", ROOMS, listed(version=1))
    async with await api.session() as session:
        left = await removed(session, book)
    assert [one.entry.kind for one in left] == told
    assert all(one.gone and one.refused for one in left)
    assert read(book.path) == ()


async def test_what_could_not_be_deleted_is_left_while_its_namespace_stays(api: FakeApi, book: Ledger) -> None:
    recorded(book, NAMESPACE, entry("Pod", "pods", "a"))
    api.on("DELETE", ROOM, 403)
    api.on("DELETE", f"{PODS}/a", 403)
    async with await api.session() as session:
        left = await removed(session, book)
    assert [(one.entry.kind, one.gone, one.refused) for one in left] == [
        ("Pod", False, True),
        ("Namespace", False, True),
    ]
    assert len(read(book.path)) == 2


async def test_cleaning_from_the_ledger_tells_only_what_is_left(api: FakeApi, book: Ledger) -> None:
    recorded(book, NAMESPACE, entry("Pod", "pods", "a"))
    api.on("DELETE", ROOM, GOING)
    api.on("DELETE", f"{PODS}/a", 403)
    api.on("GET", ROOMS, listed(version=1))
    async with await api.session() as session:
        assert await cleanup.clean(session, book) == []


async def test_what_is_locked_into_a_namespace_that_may_not_be_watched_is_left_for_want_of_that(
    api: FakeApi, book: Ledger
) -> None:
    recorded(book, NAMESPACE, entry("ConfigMap", "configmaps", "c"))
    api.on("DELETE", ROOM, GOING)
    api.on("GET", ROOMS, 403)
    async with await api.session() as session:
        left = await removed(session, book)
    assert [(one.entry.kind, one.refused) for one in left] == [("Namespace", True), ("ConfigMap", True)]
