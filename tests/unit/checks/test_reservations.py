"""Checks side by side: nobody uses what another has reserved, and everybody's turn comes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from fractions import Fraction

import pytest

from ai_conformance.checks.inventory import Mechanism, Supply
from ai_conformance.checks.reservations import Reservations

HALF = Fraction(1, 2)


class Users:
    """Tasks that hold something until they are told to go; who is inside is known after each step."""

    def __init__(self) -> None:
        self.reservations = Reservations()
        self.inside: list[str] = []
        self._go: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, name: str, *, keys: Iterable[str] = (), half: Iterable[str] = ()) -> None:
        self._go[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(self._use(name, keys=keys, half=half))
        await settled()

    async def _use(self, name: str, *, keys: Iterable[str], half: Iterable[str]) -> None:
        async with self.reservations.hold(keys, parts=[(key, HALF) for key in half]):
            self.inside.append(name)
            await self._go[name].wait()
            self.inside.remove(name)

    async def leave(self, *names: str) -> None:
        for name in names:
            self._go[name].set()
        await settled()

    async def give_up(self, name: str) -> None:
        self._tasks[name].cancel()
        await settled()


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def users() -> Users:
    return Users()


async def test_what_is_held_wholly_is_nobody_elses(users: Users) -> None:
    await users.come("first", keys=["n1", "n2"])
    await users.come("whole", keys=["n2", "n3"])
    await users.come("part", half=["n1"])
    await users.come("elsewhere", keys=["n4"])
    assert users.inside == ["first", "elsewhere"]
    await users.leave("first")
    assert users.inside == ["elsewhere", "whole", "part"]


async def test_two_who_need_a_part_go_side_by_side_and_a_third_waits(users: Users) -> None:
    for name in ("first", "second", "third"):
        await users.come(name, half=["n1"])
    assert users.inside == ["first", "second"]
    await users.leave("first")
    assert users.inside == ["second", "third"]


async def test_who_needs_all_waits_until_every_part_is_given_back(users: Users) -> None:
    await users.come("part", half=["n1"])
    await users.come("whole", keys=["n1", "n2"])
    await users.come("other part", half=["n1"])
    await users.come("of n2", keys=["n2"])
    assert users.inside == ["part", "other part", "of n2"]
    await users.leave("part", "other part")
    assert users.inside == ["of n2"]
    await users.leave("of n2")
    assert users.inside == ["whole"]


async def test_who_gives_up_waiting_holds_nothing(users: Users) -> None:
    await users.come("part", half=["n1"])
    await users.come("whole", keys=["n1"])
    await users.give_up("whole")
    await users.leave("part")
    await users.come("next", keys=["n1"])
    assert users.inside == ["next"]


async def test_a_key_that_is_named_twice_is_held_once_and_never_more_than_wholly(users: Users) -> None:
    await users.come("first", keys=["n1"], half=["n1", "n1"])
    assert users.inside == ["first"]
    await users.leave("first")
    await users.come("second", keys=["n1"])
    assert users.inside == ["second"]


@pytest.mark.parametrize(("free", "units", "part"), [(4, 2, HALF), (8, 2, Fraction(1, 4)), (1, 2, 1), (0, 2, 1)])
def test_a_part_is_what_it_is_of_the_free_ones(free: int, units: int, part: Fraction) -> None:
    supply = Supply(mechanism=Mechanism.DRA, node="n1", name="accelerators", total=8, free=free)
    assert supply.part(units) == (supply.key, part)
