"""A conversation with a cluster that is recorded, and the same conversation with the recording alone."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from fake_api import listed, pod, status, watch
from tape import PODS, Conversation, Tape, both, in_a_thread

from ai_conformance.kube import clock, errors, poll, resources
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.recording.replaying import NotRecorded
from ai_conformance.kube.session import Session


async def test_the_same_questions_have_the_same_answers_in_the_same_order(tape: Tape) -> None:
    tape.api.on("GET", PODS, *(listed(pod("a", version=n), version=n) for n in (1, 2, 3)))

    async def conversation(session: Session) -> list[str]:
        return [(await session.list(resources.POD, "n")).resource_version for _ in range(3)]

    assert await both(tape, conversation) == ["1", "2", "3"]


async def test_pages_are_read_again_as_they_came(tape: Tape) -> None:
    first, second = listed(pod("a", version=1), version=1, proceed="next"), listed(pod("b", version=1), version=1)
    tape.api.on("GET", PODS, first, second)

    async def conversation(session: Session) -> list[str]:
        return [one["metadata"]["name"] for one in (await session.list(resources.POD, "n")).items]

    assert await both(tape, conversation) == ["a", "b"]


@pytest.mark.parametrize("code", [401, 403, 404, 409, 410, 422, 418])
async def test_trouble_comes_again_as_the_same_error(tape: Tape, code: int) -> None:
    tape.api.on("GET", f"{PODS}/a", code)

    async def conversation(session: Session) -> tuple[type, str, object]:
        with pytest.raises(errors.ApiError) as trouble:
            await session.get(resources.POD, "a", "n")
        return type(trouble.value), str(trouble.value), trouble.value.details

    await both(tape, conversation)


async def test_a_view_tells_the_same_story(tape: Tape) -> None:
    stages = [pod("a", version=version, phase=phase) for version, phase in ((2, "Pending"), (3, "Running"))]
    lines = [{"type": "MODIFIED", "object": one} for one in stages]
    tape.api.on("GET", PODS, listed(pod("a", version=1), version=1))
    calls = iter((watch(*lines, hold=asyncio.Event()),))

    async def answer(request: Any) -> Any:
        if "watch" in request.query:
            return await next(calls)(request)
        return await listing(request)

    listing = tape.api.handlers["GET", PODS]
    tape.api.handlers["GET", PODS] = answer

    async def conversation(session: Session) -> list[tuple[str, str]]:
        async with Mirror.open(session, resources.POD, namespace="n") as view:
            await view.until(
                lambda now: True if (now.get("a") or {})["status"]["phase"] == "Running" else None,
                timeout_s=5,
                waiting_for="running",
            )
            return [(one.type.value, one.object["status"]["phase"]) for one in view.history]

    assert await both(tape, conversation) == [("ADDED", "Pending"), ("MODIFIED", "Pending"), ("MODIFIED", "Running")]


async def test_waiting_for_what_did_not_come_takes_no_time_and_ends_alike(tape: Tape) -> None:
    tape.api.on("GET", PODS, listed(version=1))
    hold = asyncio.Event()
    listing = tape.api.handlers["GET", PODS]

    async def answer(request: Any) -> Any:
        return await (watch(hold=hold)(request) if "watch" in request.query else listing(request))

    tape.api.handlers["GET", PODS] = answer

    def waiting(timeout_s: float) -> Conversation:
        async def conversation(session: Session) -> str:
            async with Mirror.open(session, resources.POD, namespace="n") as view:
                with pytest.raises(errors.TimedOut) as late:
                    await view.until(lambda now: now.get("a"), timeout_s=timeout_s, waiting_for="a pod")
                return str(late.value.last)

        return conversation

    first = await tape.record(waiting(0.05))
    assert await in_a_thread(lambda: tape.play(waiting(3600))) == first
    hold.set()


async def test_who_polls_may_look_once_more_at_the_end_and_sees_what_was_there(tape: Tape) -> None:
    tape.api.on("GET", PODS, listed(version=1))

    async def once(session: Session) -> str:
        return (await session.list(resources.POD, "n")).resource_version

    async def twice(session: Session) -> list[str]:
        first = await once(session)
        await poll.pause(0.5)
        return [first, await once(session)]

    await tape.record(once)
    assert await in_a_thread(lambda: tape.play(twice)) == ["1", "1"]


async def test_what_was_not_asked_then_has_no_answer_now(tape: Tape) -> None:
    tape.api.on("GET", PODS, listed(version=1))
    tape.api.on("POST", PODS, pod("a", version=1))

    async def once(session: Session) -> None:
        await session.list(resources.POD, "n")
        await session.create(pod("a", version=1))

    async def later(session: Session) -> None:
        await once(session)
        await poll.pause(30)
        await session.list(resources.POD, "n")

    async def made_twice(session: Session) -> None:
        await once(session)
        await session.create(pod("a", version=1))

    await tape.record(once)
    for conversation, method in ((later, "GET"), (made_twice, "POST")):
        with pytest.raises(NotRecorded, match=f"no .*answer to {method} {PODS}.*, asked by run"):
            await in_a_thread(lambda told=conversation: tape.play(told))


async def test_what_an_interrupted_run_did_not_come_to_asking_is_not_missed(tape: Tape) -> None:
    tape.api.on("POST", PODS, pod("a", version=1))

    async def interrupted(session: Session) -> None:
        await session.create(pod("a", version=1))

    async def on_its_way(session: Session) -> str:
        await interrupted(session)
        try:
            async with asyncio.timeout(10):
                await session.create(pod("b", version=1))
        except TimeoutError:
            return "no answer"
        return "an answer"

    await tape.record(interrupted)
    last = max(json.loads(line).get("end", 0.0) for line in tape.lines)
    tape.lines.append(json.dumps({"interrupted": 1, "at": last + 1}))
    assert await in_a_thread(lambda: tape.play(on_its_way)) == "no answer"


async def test_objects_made_side_by_side_get_their_own_answers(tape: Tape) -> None:
    async def made(request: Any) -> Any:
        from aiohttp import web  # noqa: PLC0415

        obj = await request.json()
        if obj["spec"]["n"] == 0:
            await asyncio.sleep(0.01)  # the first to ask is the last to be answered
        return web.json_response({**obj, "metadata": {**obj["metadata"], "uid": f"uid-{obj['spec']['n']}"}})

    tape.api.on("POST", PODS, made)

    def making(order: list[int]) -> Conversation:
        async def one(session: Session, n: int) -> tuple[int, str, str]:
            obj = {"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "n"}, "spec": {"n": n}}
            obj["metadata"]["name"] = session.unused_token(obj)  # type: ignore[index]
            found = await session.create(obj)
            return n, found["metadata"]["name"], found["metadata"]["uid"]

        async def conversation(session: Session) -> list[tuple[int, str, str]]:
            return sorted(await asyncio.gather(*(one(session, n) for n in order)))

        return conversation

    first = await tape.record(making([0, 1, 2]))
    assert await in_a_thread(lambda: tape.play(making([2, 0, 1]))) == first
    assert [uid for _, _, uid in first] == ["uid-0", "uid-1", "uid-2"]


async def test_an_answer_nobody_waited_for_does_not_come_in_the_replay_either(tape: Tape) -> None:
    async def late(_request: Any) -> Any:
        await asyncio.sleep(30)

    tape.api.on("GET", f"{PODS}/a", late)

    def within(seconds: float) -> Conversation:
        async def conversation(session: Session) -> str:
            try:
                async with asyncio.timeout(seconds):
                    await session.get(resources.POD, "a", "n")
            except TimeoutError:
                return "late"
            return "came"

        return conversation

    assert await tape.record(within(0.05)) == "late"
    assert await in_a_thread(lambda: tape.play(within(3600))) == "late"


async def test_another_question_at_the_same_place_has_no_answer(tape: Tape) -> None:
    tape.api.on("POST", "/reviews", {"allowed": True})

    def asking(verb: str) -> Conversation:
        async def conversation(session: Session) -> Any:
            return (await session.request("POST", "/reviews", body={"verb": verb})).json()

        return conversation

    await tape.record(asking("get"))
    with pytest.raises(NotRecorded):
        await in_a_thread(lambda: tape.play(asking("delete")))
    assert await in_a_thread(lambda: tape.play(asking("get"))) == {"allowed": True}


async def test_text_comes_again_with_its_media_type(tape: Tape) -> None:
    from aiohttp import web  # noqa: PLC0415

    async def page(_request: Any) -> Any:
        return web.Response(text="metric 1\n", headers={"Content-Type": "text/plain; version=0.0.4", "X-Mine": "x"})

    tape.api.on("GET", "/metrics", page)

    async def conversation(session: Session) -> tuple[str, str]:
        answer = await session.request("GET", "/metrics")
        return answer.text, answer.headers["Content-Type"]

    assert await both(tape, conversation) == ("metric 1\n", "text/plain; version=0.0.4; charset=utf-8")
    assert "X-Mine" not in tape.text


async def test_times_are_those_of_the_run(tape: Tape) -> None:
    tape.api.on("GET", "/version", {"gitVersion": "v1.37.2", "major": "1", "minor": "37"})

    async def conversation(session: Session) -> float:
        began = clock.monotonic()
        await session.version()
        return clock.monotonic() - began

    first = await tape.record(conversation)
    again = await in_a_thread(lambda: tape.play(conversation))
    assert again == pytest.approx(first, abs=0.02)


@pytest.mark.parametrize("kind", [409, 503])
async def test_a_status_of_the_server_is_kept_in_its_words(tape: Tape, kind: int) -> None:
    async def said(_request: Any) -> Any:
        return status(kind, reason="AlreadyExists")

    tape.api.on("POST", PODS, said)

    async def conversation(session: Session) -> str:
        with pytest.raises(errors.ApiError) as trouble:
            await session.create(pod("a", version=0))
        return f"{type(trouble.value).__name__} {trouble.value}"

    await both(tape, conversation)
