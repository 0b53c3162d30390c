"""A view that keeps itself up to date, and says so when it could not."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from fake_api import FakeApi, listed, pod, status, watch

from ai_conformance.kube import errors, resources
from ai_conformance.kube.mirror import Mirror

PODS = "/api/v1/namespaces/n/pods"


def _event(word: str, obj: dict[str, object]) -> dict[str, object]:
    return {"type": word, "object": obj}


GONE = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}}


def _serve(api: FakeApi, *, lists: list[object], watches: list[object]) -> None:
    """Lists and watches share a path."""
    left_lists, left_watches = list(lists), list(watches)

    async def handle(request):  # type: ignore[no-untyped-def]
        left = left_watches if "watch" in request.query else left_lists
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, int):
            return status(answer)
        return await answer(request) if callable(answer) else web.json_response(answer)

    api.on("GET", PODS, handle)


def _phase(view: Mirror, name: str, phase: str) -> bool | None:
    found = view.get(name)
    return True if found and found["status"]["phase"] == phase else None


async def test_a_closed_watch_is_taken_up_where_it_ended(api: FakeApi, pauses: list[float]) -> None:
    hold = asyncio.Event()
    _serve(
        api,
        lists=[listed(pod("a", version=1), version=10)],
        watches=[
            watch(_event("MODIFIED", pod("a", version=11, phase="Running"))),
            watch(_event("DELETED", pod("a", version=12)), hold=hold),
        ],
    )
    async with await api.session() as session, Mirror.open(session, resources.POD, namespace="n") as pods:
        await pods.until(lambda view: None if view.objects else True, timeout_s=5, waiting_for="pod gone")
        hold.set()
        assert [str(one.type) for one in pods.history] == ["ADDED", "MODIFIED", "DELETED"]
    versions = [one[2]["resourceVersion"] for one in api.seen if "watch" in one[2]]
    assert versions[:2] == ["10", "11"]


async def test_a_version_that_is_too_old_leads_to_a_new_list(api: FakeApi, pauses: list[float]) -> None:
    hold = asyncio.Event()
    _serve(
        api,
        lists=[
            listed(pod("a", version=1), pod("b", version=1), version=10),
            listed(pod("a", version=1, uid="another"), pod("c", version=30), version=30),
        ],
        watches=[watch(GONE), watch(hold=hold)],
    )
    async with await api.session() as session, Mirror.open(session, resources.POD, namespace="n") as pods:
        await pods.until(lambda view: view.get("c"), timeout_s=5, waiting_for="c")
        assert sorted(name for _, name in pods.objects) == ["a", "c"]
        words = [(str(one.type), one.object["metadata"]["name"]) for one in pods.history[2:]]
        hold.set()
    assert words == [("DELETED", "b"), ("DELETED", "a"), ("ADDED", "a"), ("ADDED", "c")]


@pytest.mark.parametrize("code", [401, 403, 404])
async def test_what_is_refused_for_good_is_raised_to_the_waiters(api: FakeApi, pauses: list[float], code: int) -> None:
    _serve(api, lists=[listed(version=1)], watches=[code])
    async with await api.session() as session, Mirror.open(session, resources.POD, namespace="n") as pods:
        with pytest.raises(errors.ApiError) as caught:
            await pods.until(lambda _view: None, timeout_s=5, waiting_for="nothing")
        with pytest.raises(errors.ApiError):
            await pods.throughout(lambda _view: None, seconds=0.1, watching_for="nothing")
    assert caught.value.status == code


async def test_a_first_list_that_fails_is_raised_at_once(api: FakeApi) -> None:
    _serve(api, lists=[403], watches=[403])
    async with await api.session() as session:
        with pytest.raises(errors.Forbidden):
            async with Mirror.open(session, resources.POD, namespace="n"):
                pass


async def test_a_time_out_says_what_was_seen_last(api: FakeApi) -> None:
    hold = asyncio.Event()
    _serve(api, lists=[listed(pod("a", version=1), version=1)], watches=[watch(hold=hold)])
    async with await api.session() as session, Mirror.open(session, resources.POD, namespace="n") as pods:
        with pytest.raises(errors.TimedOut) as caught:
            await pods.until(lambda view: _phase(view, "a", "Running"), timeout_s=0.05, waiting_for="pod running")
        hold.set()
    assert str(caught.value) == "Waited 0.05 s for pod running; last seen: a (Pending)."


async def test_a_time_out_without_a_view_is_the_trouble_and_not_an_answer(api: FakeApi, pauses: list[float]) -> None:
    _serve(api, lists=[listed(version=1)], watches=[500])
    async with await api.session() as session, Mirror.open(session, resources.POD, namespace="n") as pods:
        with pytest.raises(errors.ServerError):
            await pods.until(lambda _view: None, timeout_s=0.2, waiting_for="nothing")


async def test_a_state_between_two_events_is_noticed(api: FakeApi) -> None:
    hold = asyncio.Event()
    blink = [
        _event("MODIFIED", pod("a", version=2, phase="Running")),
        _event("MODIFIED", pod("a", version=3, phase="Pending")),
    ]
    _serve(api, lists=[listed(pod("a", version=1), version=1)], watches=[watch(*blink, hold=hold)])
    async with await api.session() as session, Mirror.open(session, resources.POD, namespace="n") as pods:
        seen = await pods.throughout(lambda view: _phase(view, "a", "Running"), seconds=5, watching_for="a stays")
        hold.set()
    assert seen is True


async def test_a_quiet_window_is_confirmed_by_a_fresh_list(api: FakeApi) -> None:
    hold = asyncio.Event()
    first = listed(pod("a", version=1), version=1)
    _serve(api, lists=[first], watches=[watch(hold=hold)])
    async with await api.session() as session, Mirror.open(session, resources.POD, namespace="n") as pods:
        seen = await pods.throughout(lambda view: _phase(view, "a", "Running"), seconds=0.02, watching_for="a stays")
        hold.set()
    assert seen is None
    assert sum("watch" not in one[2] for one in api.seen) == 2


async def test_a_window_whose_end_cannot_be_seen_has_no_answer(
    api: FakeApi, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ai_conformance.kube.mirror._CATCH_UP_S", 0.05)
    hold = asyncio.Event()
    fresh = listed(pod("a", version=2, phase="Running"), version=2)
    _serve(api, lists=[listed(pod("a", version=1), version=1), fresh], watches=[watch(hold=hold)])
    async with await api.session() as session, Mirror.open(session, resources.POD, namespace="n") as pods:
        with pytest.raises(errors.ViewInterrupted):
            await pods.throughout(lambda view: _phase(view, "a", "Running"), seconds=0.02, watching_for="a stays")
        hold.set()


async def test_what_a_predicate_raises_reaches_its_own_waiter_only(api: FakeApi) -> None:
    hold = asyncio.Event()
    _serve(
        api,
        lists=[listed(version=1)],
        watches=[watch(_event("ADDED", pod("a", version=2)), hold=hold)],
    )

    def broken(view: Mirror) -> bool | None:
        if view.objects:
            raise ZeroDivisionError
        return None

    async with await api.session() as session, Mirror.open(session, resources.POD, namespace="n") as pods:
        one = pods.until(broken, timeout_s=5, waiting_for="one")
        other = pods.until(lambda view: view.get("a"), timeout_s=5, waiting_for="other")
        results = await asyncio.gather(one, other, return_exceptions=True)
        hold.set()
    assert isinstance(results[0], ZeroDivisionError)
    assert isinstance(results[1], dict)


def _all_there(version: int) -> dict[str, object]:
    annotations = {"k8s.io/initial-events-end": "true"}
    return _event("BOOKMARK", {"metadata": {"resourceVersion": str(version), "annotations": annotations}})


async def test_a_server_that_streams_lists_is_asked_once(api: FakeApi) -> None:
    api.streams_lists = True
    hold = asyncio.Event()
    there = [_event("ADDED", pod("a", version=1)), _event("BOOKMARK", pod("x", version=5)), _all_there(10)]
    _serve(api, lists=[500], watches=[watch(*there, _event("ADDED", pod("b", version=11)), hold=hold)])
    async with await api.session() as session, Mirror.open(session, resources.POD, namespace="n") as pods:
        assert "a" in {name for _, name in pods.objects}, "the block begins with all that there is"
        await pods.until(lambda view: view.get("b"), timeout_s=5, waiting_for="b")
        hold.set()
    (only,) = api.seen
    assert {"sendInitialEvents", "allowWatchBookmarks"} <= only[2].keys()
    assert "resourceVersion" not in only[2]


async def test_a_stream_that_ends_before_all_was_there_begins_anew(api: FakeApi, pauses: list[float]) -> None:
    api.streams_lists = True
    hold = asyncio.Event()
    _serve(
        api,
        lists=[500],
        watches=[
            watch(_event("ADDED", pod("gone", version=1))),
            watch(_event("ADDED", pod("a", version=2)), _all_there(3)),
            watch(_event("DELETED", pod("a", version=4)), hold=hold),
        ],
    )
    async with await api.session() as session, Mirror.open(session, resources.POD, namespace="n") as pods:
        await pods.until(lambda view: None if view.objects else True, timeout_s=5, waiting_for="pod gone")
        hold.set()
        assert [one.object["metadata"]["name"] for one in pods.history] == ["a", "a"], "half a state is none"
    assert [one[2].get("resourceVersion") for one in api.seen] == [None, None, "3"]


async def test_a_stream_is_begun_again_when_the_server_asks_for_patience(api: FakeApi, pauses: list[float]) -> None:
    api.streams_lists = True
    hold = asyncio.Event()

    async def busy(_: web.Request) -> web.StreamResponse:
        return status(429, headers={"Retry-After": "7"})

    _serve(api, lists=[500], watches=[busy, watch(_event("ADDED", pod("a", version=2)), _all_there(3), hold=hold)])
    async with await api.session() as session, Mirror.open(session, resources.POD, namespace="n") as pods:
        assert [name for _, name in pods.objects] == ["a"]
        hold.set()
    assert pauses == [7]


async def test_a_stream_that_cannot_be_begun_is_given_up(api: FakeApi, pauses: list[float]) -> None:
    api.streams_lists = True
    _serve(api, lists=[500], watches=[429])
    async with await api.session() as session:
        with pytest.raises(errors.TooManyRequests):
            async with Mirror.open(session, resources.POD, namespace="n"):
                pass
    assert len(pauses) == 5


async def test_a_server_that_does_not_stream_lists_is_not_asked_again(api: FakeApi) -> None:
    hold = asyncio.Event()
    _serve(api, lists=[listed(version=1)], watches=[watch(hold=hold)])
    async with await api.session() as session:
        assert session.streams_lists
        async with Mirror.open(session, resources.POD, namespace="n"):
            assert not session.acting_as("another").streams_lists
            hold.set()
