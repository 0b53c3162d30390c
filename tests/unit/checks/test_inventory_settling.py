"""The inventory of a run: what a driver's restart takes away for a moment is waited for, and nothing else is."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import pytest

from ai_conformance.checks.inventory import Inventory, Mechanism, Supply, settled, settling
from ai_conformance.checks.options import Options
from ai_conformance.checks.waits import Profile

PLUGIN = Supply(mechanism=Mechanism.DEVICE_PLUGIN, node="n1", name="example.com/accelerator", total=4, free=4)
CLAIMED = Supply(mechanism=Mechanism.DRA, node="n1", name="accelerator.example.com", total=4, free=4)


def found(*supplies: Supply, unusable: str = "", broken: str = "") -> Inventory:
    sentences = tuple(filter(None, (broken, unusable)))
    return Inventory(supplies=supplies, node_classes=(), unusable=sentences, broken_pools=(broken,) if broken else ())


NOTHING = found()
BROKEN = found(CLAIMED, broken="generation 2 is incomplete (1 of 2 slices)")
IN_VAIN = found(PLUGIN, unusable="DeviceClass accelerator.example.com is there, but no device is selected by it")
UNHEALTHY = found(CLAIMED, dataclasses.replace(PLUGIN, free=0, healthy=False))
SOUND = found(CLAIMED, PLUGIN)


class Looks:
    """In place of `take`: one inventory after the other, the last one for ever."""

    def __init__(self, *inventories: Inventory) -> None:
        self.taken = 0
        self._inventories = inventories

    async def __call__(self, session: object, **_: object) -> Inventory:
        self.taken += 1
        return self._inventories[min(self.taken, len(self._inventories)) - 1]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Any:
    def made(*inventories: Inventory, wait_s: float = 5.0) -> Looks:
        taken = Looks(*inventories)
        monkeypatch.setattr(settling, "take", taken)
        monkeypatch.setattr(settling, "_LOOK_S", 0.01)
        wait = dataclasses.replace(settling.waits.INVENTORY_SETTLED, lab_s=wait_s)
        monkeypatch.setattr(settling.waits, "INVENTORY_SETTLED", wait)
        return taken

    return made


async def settle() -> Inventory:
    return await settled(cast(Any, None), catalog=cast(Any, None), options=Options(profile=Profile.LAB))


@pytest.mark.parametrize("passing", [BROKEN, IN_VAIN, UNHEALTHY])
async def test_what_a_restart_takes_away_is_waited_for(looks: Any, passing: Inventory) -> None:
    taken = looks(passing, passing, SOUND)
    assert await settle() is SOUND
    assert taken.taken == 3


@pytest.mark.parametrize("lasting", [BROKEN, IN_VAIN, UNHEALTHY])
async def test_what_does_not_pass_is_the_inventory_when_the_time_is_over(looks: Any, lasting: Inventory) -> None:
    last = dataclasses.replace(lasting)
    taken = looks(lasting, last, wait_s=0.03)
    assert await settle() is last
    assert taken.taken > 1


@pytest.mark.parametrize(
    "at_once",
    [
        NOTHING,
        SOUND,
        found(dataclasses.replace(PLUGIN, free=0)),
        found(CLAIMED, unusable="devices have a taint that keeps workloads away: accelerator-0"),
        dataclasses.replace(NOTHING, unrecognised=("driver x is not known",)),
    ],
)
async def test_one_look_is_enough_where_nothing_can_come_back(looks: Any, at_once: Inventory) -> None:
    taken = looks(at_once)
    assert await settle() is at_once
    assert taken.taken == 1
