"""Time that jumps, chance that comes again, and the rule that nobody asks the machine for either."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ai_conformance
from ai_conformance.kube import clock, errors, poll, virtual_time
from ai_conformance.kube.chance import Chance

ROOMS = ("kube", "checks", "engine")
ASKED_HERE = {
    # what is asked of the machine, and the one place for it
    r"\btime\.(monotonic|time|perf_counter)\b|datetime\.now|utcnow": {"kube/clock.py"},
    r"^import secrets|^from secrets|\buuid4\b": {"kube/chance.py", "engine/run.py"},
    r"^import random|^from random": {"kube/transport.py"},
}


def test_an_hour_takes_no_time_and_wakes_in_order() -> None:
    woken: list[str] = []

    async def sleeper(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        woken.append(f"{name} at {asyncio.get_running_loop().time():g}")

    async def all_of_them() -> None:
        await asyncio.gather(sleeper("late", 3600), sleeper("early", 0.5), sleeper("middle", 60))

    begun = time.monotonic()
    virtual_time.run(all_of_them())
    assert woken == ["early at 0.5", "middle at 60", "late at 3600"]
    assert time.monotonic() - begun < 1


def test_a_time_out_comes_at_its_moment() -> None:
    async def late() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.sleep(31)
        return asyncio.get_running_loop().time()

    assert virtual_time.run(late()) == 30


@pytest.mark.parametrize(("look_s", "looks"), [(0.0, 4), (0.2, 4), (0.45, 3), (5.0, 2)])
def test_a_poller_has_a_last_look_when_the_time_is_over(look_s: float, looks: int) -> None:
    """Each look is followed by 0.5 s, and what decides is when a look has ended."""
    begun: list[float] = []

    async def look() -> None:
        begun.append(asyncio.get_running_loop().time())
        await asyncio.sleep(look_s)

    async def poll_it() -> None:
        now = virtual_time.VirtualClock(asyncio.get_running_loop(), began=datetime(2026, 1, 1, tzinfo=UTC))
        with clock.of(now), pytest.raises(errors.TimedOut):
            await poll.eventually(look, until=lambda _: False, timeout_s=1.5, waiting_for="nothing", interval_s=0.5)

    virtual_time.run(poll_it())
    assert len(begun) == looks
    assert begun[-1] >= 1.5


def test_waiting_for_nobody_is_told_and_does_not_hang() -> None:
    async def never() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(virtual_time.Stalled):
        virtual_time.run(never())


def test_there_is_no_network() -> None:
    async def connect() -> None:
        await asyncio.open_connection("127.0.0.1", 1)

    async def serve() -> None:
        await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)

    async def look_up() -> None:
        await asyncio.get_running_loop().getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)

    async def thread() -> None:
        await asyncio.to_thread(time.monotonic)

    for asked in (connect, serve, look_up, thread):
        with pytest.raises(virtual_time.NoNetwork):
            virtual_time.run(asked())


def test_the_clock_goes_with_the_loop() -> None:
    began = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

    async def seen() -> tuple[float, datetime]:
        with clock.of(virtual_time.VirtualClock(asyncio.get_running_loop(), began=began)):
            return await asyncio.create_task(later())

    async def later() -> tuple[float, datetime]:
        await asyncio.sleep(90)
        return clock.monotonic(), clock.now()

    assert virtual_time.run(seen()) == (90, datetime(2026, 11, 24, 10, 1, 30, tzinfo=UTC))
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5


def test_the_same_seed_draws_the_same_whatever_others_draw() -> None:
    one, other = Chance("seed"), Chance("seed")
    first = [one.of("a").token_hex(4, of="x") for _ in range(3)]
    other.of("b").token_hex(4, of="x")
    other.of("a").below(10, of="y")
    assert [other.of("a").token_hex(4, of="x") for _ in range(3)] == first
    assert len(set(first)) == 3
    assert Chance("another").of("a").token_hex(4, of="x") not in first


def test_nobody_foresees_a_draw_and_a_number_is_within_its_limit() -> None:
    assert Chance().seed != Chance().seed
    chance = Chance().of("a")
    assert {chance.below(3, of="x") for _ in range(200)} == {0, 1, 2}
    assert all(re.fullmatch("[0-9a-f]{12}", chance.token_hex(6, of="x")) for _ in range(20))


def test_one_clock_and_one_source_of_chance() -> None:
    root = Path(ai_conformance.__file__).parent
    found = {
        (pattern, file.relative_to(root).as_posix())
        for room in ROOMS
        for file in (root / room).rglob("*.py")
        for pattern in ASKED_HERE
        if re.search(pattern, file.read_text(), re.MULTILINE)
    }
    assert found == {(pattern, file) for pattern, files in ASKED_HERE.items() for file in files}
