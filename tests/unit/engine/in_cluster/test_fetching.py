"""The results come out of the pod whole, or not at all; what is torn is asked for again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from fake_api import FakeApi, status

import in_cluster_scene as scene
from ai_conformance.engine.in_cluster import fetching, following
from ai_conformance.engine.in_cluster.layout import Outcome
from ai_conformance.kube import errors

CONTENT = bytes(range(256)) * 80
"""More than what Python gathers before it writes."""
OUTCOME = Outcome(exit_code=1, trouble="", size_bytes=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())


async def brought(api: FakeApi, target: Path, *answers: tuple[bytes, int]) -> list[str]:
    """Bring the bundle while `send` answers so; what was said meanwhile."""
    said: list[str] = []
    api.on("GET", scene.EXEC, scene.Container({"send": list(answers)}))
    async with await api.session() as session:
        await fetching.Pod(session, scene.pod()).bring(OUTCOME, target, say=said.append)
    return said


async def test_the_outcome_is_read_in_the_pod_by_the_tool_itself(api: FakeApi) -> None:
    container = scene.Container({"outcome": [(OUTCOME.text().encode(), 0)]})
    api.on("GET", scene.EXEC, container)
    async with await api.session() as session:
        assert await fetching.Pod(session, scene.pod()).outcome() == OUTCOME
    assert container.asked == [["ai-conformance", "in-cluster", "outcome"]]


@pytest.mark.parametrize("output", [b"", b"[]", b'{"exit_code": "x"}', b"ready\n"])
async def test_an_answer_that_is_no_outcome_is_said(api: FakeApi, output: bytes) -> None:
    api.on("GET", scene.EXEC, scene.Container({"outcome": [(output, 0)]}))
    async with await api.session() as session:
        with pytest.raises(following.NoResults, match="tells nothing of a run's end"):
            await fetching.Pod(session, scene.pod()).outcome()


async def test_a_command_that_fails_in_the_pod_is_said_with_its_words(api: FakeApi) -> None:
    api.on("GET", scene.EXEC, scene.Container({"outcome": [(b"", 3)]}))
    async with await api.session() as session:
        with pytest.raises(following.NoResults, match=r"`ai-conformance in-cluster outcome`.*failed: it is so"):
            await fetching.Pod(session, scene.pod()).outcome()


@pytest.mark.parametrize("code", [3, 137, -1])
async def test_a_pod_that_does_not_hear_that_it_may_end_takes_nothing_from_the_results(api: FakeApi, code: int) -> None:
    said: list[str] = []
    api.on("GET", scene.EXEC, scene.Container({"release": [(b"", code)]}))
    async with await api.session() as session:
        await fetching.Pod(session, scene.pod()).release(say=said.append)
    assert "ends by itself after the time of --hold" in said[0]


async def test_every_byte_comes(api: FakeApi, tmp_path: Path) -> None:
    target = tmp_path / "bundle"
    assert await brought(api, target, (CONTENT, 0)) == []
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "torn", [(CONTENT[:3000], -1), (CONTENT[:3000], 0), (CONTENT + b"x", 0), (CONTENT[::-1], 0), (CONTENT, 1)]
)
async def test_what_comes_torn_or_altered_is_asked_for_again(
    api: FakeApi, tmp_path: Path, torn: tuple[bytes, int]
) -> None:
    target = tmp_path / "bundle"
    assert len(await brought(api, target, torn, (CONTENT, 0))) == 1
    assert target.read_bytes() == CONTENT


async def test_what_never_comes_whole_is_given_up(api: FakeApi, tmp_path: Path) -> None:
    with pytest.raises(following.NoResults, match="3000 of 20480 bytes came"):
        await brought(api, tmp_path / "bundle", (CONTENT[:3000], 0))


async def test_a_pod_that_sends_more_than_it_told_does_not_fill_the_disk(api: FakeApi, tmp_path: Path) -> None:
    with pytest.raises(following.NoResults, match="more came than the 20480 bytes"):
        await brought(api, tmp_path / "bundle", (CONTENT * 10, 0))
    assert (tmp_path / "bundle").stat().st_size <= len(CONTENT)


async def test_a_full_disk_here_is_not_asked_for_again(api: FakeApi) -> None:
    container = scene.Container({"send": [(CONTENT, 0)]})
    api.on("GET", scene.EXEC, container)
    async with await api.session() as session:
        with pytest.raises(fetching.Unwritable, match="No space left"):
            await fetching.Pod(session, scene.pod()).bring(OUTCOME, Path("/dev/full"), say=pytest.fail)
    assert len(container.asked) == 1


async def test_exec_that_is_not_allowed_is_the_servers_refusal(api: FakeApi, tmp_path: Path) -> None:
    api.on("GET", scene.EXEC, 403)
    async with await api.session() as session:
        with pytest.raises(errors.Forbidden):
            await fetching.Pod(session, scene.pod()).outcome()


async def test_only_the_job_that_was_fetched_from_is_deleted_and_seen_gone(api: FakeApi) -> None:
    asked: list[Any] = []

    async def delete(request: web.Request) -> web.StreamResponse:
        asked.append(await request.json())
        return web.json_response(scene.job())

    async def gone(_request: web.Request) -> web.StreamResponse:
        return status(404)

    api.on("DELETE", scene.JOBS, delete)
    api.on("GET", scene.JOBS, scene.job(), gone)
    async with await api.session() as session:
        await fetching.delete(session, scene.job())
    assert asked[0]["preconditions"] == {"uid": "uid-of-the-job"}
    assert asked[0]["propagationPolicy"] == "Foreground"
    assert api.count("GET", scene.JOBS) == 2


async def test_a_job_of_that_name_that_came_later_is_not_waited_for(api: FakeApi) -> None:
    api.on("DELETE", scene.JOBS, scene.job())
    api.on("GET", scene.JOBS, scene.job(uid="uid-of-another"))
    async with await api.session() as session:
        await fetching.delete(session, scene.job())
    assert api.count("GET", scene.JOBS) == 1
