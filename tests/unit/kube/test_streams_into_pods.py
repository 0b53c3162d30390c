"""What a pod prints, as it comes: logs line by line, the output of a command byte by byte."""

from __future__ import annotations

from fake_api import FakeApi

import in_cluster_scene as scene
from ai_conformance.kube.log_streams import LogLine
from ai_conformance.kube.session import Session

STAMP = "2026-11-30T10:00:0{}.000000001Z"


async def seen(session: Session, *, since: str | None = None) -> list[LogLine]:
    return [line async for line in session.log_lines(scene.NAMESPACE, scene.POD, "run", since=since)]


async def test_lines_of_a_log_come_with_their_times(api: FakeApi) -> None:
    api.on("GET", scene.LOG, scene.log("one", "two  with blanks"))
    async with await api.session() as session:
        assert await seen(session) == [
            LogLine(at=STAMP.format(0), text="one"),
            LogLine(at=STAMP.format(1), text="two  with blanks"),
        ]
    assert api.seen[0][2] == {"container": "run", "follow": "true", "timestamps": "true"}


async def test_a_log_that_is_taken_up_again_has_no_line_twice(api: FakeApi) -> None:
    api.on("GET", scene.LOG, scene.log("one", "two", "three"))
    async with await api.session() as session:
        (line,) = await seen(session, since=STAMP.format(1))
    assert line.text == "three"
    assert api.seen[0][2]["sinceTime"] == STAMP.format(1)


async def test_the_output_of_a_command_goes_where_it_is_wanted_byte_for_byte(api: FakeApi) -> None:
    content = bytes(range(256)) * 40
    api.on("GET", scene.EXEC, scene.Container({"send": [(content, 0)]}))
    came = bytearray()
    async with await api.session() as session:
        ran = await session.exec(scene.NAMESPACE, scene.POD, "run", ["send"], timeout_s=5, stdout_to=came.extend)
    assert (bytes(came), ran.stdout, ran.exit_code) == (content, "", 0)


async def test_without_another_place_it_is_in_the_result(api: FakeApi) -> None:
    api.on("GET", scene.EXEC, scene.Container({"send": [(b"said", 3)]}))
    async with await api.session() as session:
        ran = await session.exec(scene.NAMESPACE, scene.POD, "run", ["send"], timeout_s=5)
    assert (ran.stdout, ran.stderr, ran.exit_code) == ("said", "it is so", 3)
