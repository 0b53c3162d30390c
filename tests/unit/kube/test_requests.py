"""Requests: what is repeated, what never is, and what an error is called."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from fake_api import FakeApi, listed, pod, reset, status

from ai_conformance.kube import errors, resources
from ai_conformance.kube.kubeconfig import Connection
from ai_conformance.kube.session import PatchType, Propagation

POD = "/api/v1/namespaces/n/pods/a"
PODS = "/api/v1/namespaces/n/pods"
NEW = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "n"}}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, errors.Invalid),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (410, errors.Gone),
        (422, errors.Invalid),
        (501, errors.ServerError),
        (302, errors.ServerError),
    ],
)
async def test_a_status_has_a_type_and_is_not_asked_for_again(
    api: FakeApi, code: int, kind: type[errors.ApiError]
) -> None:
    api.on("GET", POD, code)
    async with await api.session() as session:
        with pytest.raises(kind) as caught:
            await session.get(resources.POD, "a", "n")
    assert api.count("GET", POD) == 1
    assert (caught.value.status, caught.value.method, caught.value.path) == (code, "GET", POD)
    assert f"made up {code}" in str(caught.value)


async def test_already_exists_is_a_conflict_with_its_own_name(api: FakeApi) -> None:
    async def taken(_request: object) -> object:
        return status(409, reason="AlreadyExists")

    api.on("POST", PODS, taken)
    async with await api.session() as session:
        with pytest.raises(errors.AlreadyExists):
            await session.create(NEW)


async def test_a_read_is_repeated_and_the_server_says_when(api: FakeApi, pauses: list[float]) -> None:
    async def busy(_request: object) -> object:
        return status(429, headers={"Retry-After": "7"})

    api.on("GET", POD, busy, 500, reset, 503, pod("a", version=1))
    async with await api.session() as session:
        got = await session.get(resources.POD, "a", "n")
    assert got["metadata"]["name"] == "a"
    assert pauses[0] == 7
    assert len(pauses) == 4
    assert [entry.retry for entry in api.entries] == [0, 1, 2, 3, 4]
    assert [entry.status for entry in api.entries] == [429, 500, None, 503, 200]


async def test_a_server_that_asks_for_too_much_patience_is_reported(api: FakeApi, pauses: list[float]) -> None:
    async def busy(_request: object) -> object:
        return status(429, headers={"Retry-After": "3600"})

    api.on("GET", POD, busy)
    async with await api.session() as session:
        with pytest.raises(errors.TooManyRequests) as caught:
            await session.get(resources.POD, "a", "n")
    assert caught.value.details["retryAfterSeconds"] == 3600
    assert pauses == []


async def test_repetition_is_bounded(api: FakeApi, pauses: list[float]) -> None:
    api.on("GET", POD, 503)
    async with await api.session() as session:
        with pytest.raises(errors.ServerError):
            await session.get(resources.POD, "a", "n")
    assert api.count("GET", POD) == 6
    assert len(pauses) == 5


async def test_a_creation_whose_answer_was_lost_is_not_sent_again(api: FakeApi) -> None:
    api.on("POST", PODS, reset)
    async with await api.session() as session:
        with pytest.raises(errors.AnswerLost):
            await session.create(NEW)
    assert api.count("POST", PODS) == 1


async def test_a_creation_is_sent_again_after_429_only(api: FakeApi, pauses: list[float]) -> None:
    api.on("POST", PODS, 429, 500)
    async with await api.session() as session:
        with pytest.raises(errors.ServerError):
            await session.create(NEW)
    assert api.count("POST", PODS) == 2
    assert len(pauses) == 1


async def test_a_server_side_apply_is_repeated_whatever_became_of_it(api: FakeApi, pauses: list[float]) -> None:
    api.on("PATCH", POD, 504, reset, pod("a", version=1))
    async with await api.session() as session:
        got = await session.apply(NEW)
    assert got["metadata"]["name"] == "a"
    assert api.count("PATCH", POD) == 3
    assert len(pauses) == 2


async def test_a_refused_connection_is_tried_again_and_then_named(api: FakeApi, pauses: list[float]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        async with await api.session(port=taken.getsockname()[1]) as session:
            with pytest.raises(errors.Unreachable) as caught:
                await session.create(NEW)
    assert not isinstance(caught.value, errors.AnswerLost)
    assert len(pauses) == 5
    assert "cannot be connected to" in str(caught.value)


async def test_no_answer_in_time_is_unreachable(api: FakeApi, pauses: list[float]) -> None:
    async def never(_request: object) -> object:
        return await asyncio.Event().wait()

    api.on("GET", "/slow", never)
    api.on("POST", "/slow", never)
    async with await api.session() as session:
        with pytest.raises(errors.Unreachable):
            await session.request("GET", "/slow", timeout_s=0.02)
        with pytest.raises(errors.AnswerLost):
            await session.request("POST", "/slow", timeout_s=0.02)


async def test_an_answer_that_is_not_json_is_an_error_of_its_own(api: FakeApi) -> None:
    from aiohttp import web  # noqa: PLC0415

    async def page(_request: object) -> object:
        return web.Response(text="<html>log in here</html>")

    api.on("GET", POD, page)
    async with await api.session() as session:
        with pytest.raises(errors.Unintelligible):
            await session.get(resources.POD, "a", "n")


async def test_the_user_agent_names_the_actor_and_the_transcript_too(api: FakeApi) -> None:
    api.on("GET", POD, pod("a", version=1))
    async with await api.session() as session:
        await session.acting_as("check/gang_scheduling").get(resources.POD, "a", "n")
        assert session.transcript.requests("check/gang_scheduling") == 1
    assert api.user_agents == ["test/1 (check/gang_scheduling)"]
    assert "secret-token" not in "".join(entry.as_json() for entry in api.entries)


async def test_unknown_queries_are_cut_from_the_transcript(api: FakeApi) -> None:
    api.on("GET", "/proxy", {})
    async with await api.session() as session:
        await session.request("GET", "/proxy", params={"limit": "5", "api_key": "hush"})
    assert api.entries[0].path == "/proxy?limit=5&api_key=(cut)"


async def test_a_list_is_read_to_its_end_and_begun_again_when_a_page_is_gone(api: FakeApi) -> None:
    api.on(
        "GET",
        PODS,
        listed(pod("old", version=1), version=1, proceed="x"),
        410,
        listed(pod("a", version=2), version=5, proceed="y"),
        listed(pod("b", version=3), version=5),
    )
    async with await api.session() as session:
        found = await session.list(resources.POD, "n", label_selector="a=b")
    assert [item["metadata"]["name"] for item in found.items] == ["a", "b"]
    assert found.resource_version == "5"
    assert [one[2].get("continue") for one in api.seen] == [None, "x", None, "y"]


async def test_a_deletion_names_the_uid_and_a_missing_object_is_no_error(api: FakeApi) -> None:
    api.on("DELETE", POD, {"kind": "Status", "status": "Success"})
    async with await api.session() as session:
        await session.delete(resources.POD, "a", "n", uid="u1", grace_period_s=1, propagation=Propagation.FOREGROUND)
        assert await session.delete(resources.POD, "b", "n") is None
        with pytest.raises(errors.NotFound):
            await session.delete(resources.POD, "b", "n", missing_ok=False)
    body = api.seen[0][3]
    assert (body["preconditions"], body["gracePeriodSeconds"]) == ({"uid": "u1"}, 1)
    assert body["propagationPolicy"] == "Foreground"


async def test_dry_runs_patches_and_subresources_reach_their_paths(api: FakeApi) -> None:
    api.on("POST", PODS, pod("a", version=1))
    api.on("PATCH", f"{POD}/status", pod("a", version=2))
    async with await api.session() as session:
        await session.create(NEW, dry_run=True)
        await session.patch(resources.POD, "a", {}, "n", kind=PatchType.STRATEGIC, subresource="status", dry_run=True)
    assert [one[2]["dryRun"] for one in api.seen] == ["All", "All"]


async def test_a_401_is_tried_once_more_with_newer_credentials(api: FakeApi) -> None:
    token = api.folder / "token"
    token.write_text("old")

    async def expired(_request: object) -> object:
        token.write_text("new")
        return status(401)

    api.on("GET", POD, expired, pod("a", version=1))
    async with await api.session(user="{tokenFile: token}") as session:
        got = await session.get(resources.POD, "a", "n")
    assert got["kind"] == "Pod"
    assert api.count("GET", POD) == 2


def test_a_connection_does_not_show_its_secrets() -> None:
    assert "hush" not in repr(Connection(server="https://x", context="c", token="hush"))


@pytest.mark.parametrize("trouble", [reset, 503])
async def test_a_deletion_by_uid_is_sent_again_and_without_one_is_not(
    api: FakeApi, pauses: list[float], trouble: Any
) -> None:
    api.on("DELETE", POD, trouble, 404)
    async with await api.session() as session:
        assert await session.delete(resources.POD, "a", "n", uid="u") is None
        assert api.count("DELETE", POD) == 2
        api.on("DELETE", POD, trouble)
        with pytest.raises((errors.AnswerLost, errors.ServerError)):
            await session.delete(resources.POD, "a", "n")
        assert api.count("DELETE", POD) == 3
