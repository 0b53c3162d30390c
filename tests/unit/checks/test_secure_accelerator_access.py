"""The check's cases, told by sights that are made up: what is judged, and what is said where nothing can be judged."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ai_conformance.catalog import Bypass, Tried, Vendor
from ai_conformance.checks import inventory, outcomes, registry
from ai_conformance.checks.access import granting, refusing, stage
from ai_conformance.checks.access.sights import Sight
from ai_conformance.checks.device_probe import Attempt, Opened, Seen, SeenDevice
from ai_conformance.checks.inventory import Inventory, Mechanism, NodeClass, Supply
from ai_conformance.checks.options import Options
from ai_conformance.model.verdicts import Verdict

VENDOR = Vendor(name="v", title="V", device_globs=("/dev/acc*",), bypass=Bypass(), source="test", tried=Tried.NONE)


def supply(
    *, total: int = 4, free: int = 2, vendor: Vendor | None = VENDOR, mechanism: Mechanism = Mechanism.DRA
) -> Supply:
    return Supply(
        mechanism=mechanism, node="n1", name="acc.example.com", vendor=vendor, devices=(), total=total, free=free
    )


def site(one: Supply) -> stage.Site:
    return stage.Site(supply=one, vendor=VENDOR, first="first", second="second" if one.free > 1 else None)


def sight(pod: str, *numbers: str, opens: dict[str, Opened] | None = None) -> Sight:
    devices = tuple(
        SeenDevice(path=f"/dev/acc{index}", kind="block special file", number=one, opened=Opened.OK, identity="")
        for index, one in enumerate(numbers)
    )
    attempts = tuple(
        Attempt(physical=("block", one), made=True, result=result, words=result.value)
        for one, result in (opens or {}).items()
    )
    return Sight(pod=pod, container="holder", seen=Seen(devices=devices, nodes=frozenset(), attempts=attempts, raw="x"))


@dataclasses.dataclass
class FakeCase:
    observed: list[str] = dataclasses.field(default_factory=list)
    kept: list[str] = dataclasses.field(default_factory=list)

    def observe(self, text: str) -> None:
        self.observed.append(text)

    def keep(self, name: str, content: Any) -> None:
        self.kept.append(name)


class FakeScene:
    def __init__(self, first: Sight, second: Sight | None = None) -> None:
        self._first, self._second = first, second

    async def first(self, _site: stage.Site) -> Sight:
        return self._first

    async def second(self, _site: stage.Site) -> Sight | None:
        return self._second

    async def granted_at(self, _site: stage.Site) -> list[tuple[str, SeenDevice]]:
        both = [one for one in (self._first, self._second) if one is not None]
        return [(str(one), device) for one in both for device in one.get().devices]

    async def granted(self, _node: str) -> list[tuple[str, SeenDevice]]:
        return await self.granted_at(site(supply()))


async def told(body: Any, scene: FakeScene, subject: Any) -> list[str]:
    case = FakeCase()
    await body(scene, subject, case)
    return case.observed


OPENS = {"7:1": Opened.OK, "7:2": Opened.EPERM}


async def test_another_pods_device_is_refused_while_the_own_opens() -> None:
    scene = FakeScene(sight("first", "7:1", opens=OPENS), sight("second", "7:2"))
    (said,) = await told(granting.foreign, scene, site(supply()))
    assert "block device 7:2" in said


async def test_a_refusal_counts_for_nothing_where_the_own_device_does_not_open_either() -> None:
    closed = sight("first", "7:1", opens={"7:1": Opened.EPERM, "7:2": Opened.EPERM})
    with pytest.raises(outcomes.Blocked):
        await told(granting.foreign, FakeScene(closed, sight("second", "7:2")), site(supply()))


async def test_two_pods_with_one_device_hold_the_same() -> None:
    with pytest.raises(outcomes.Failed):
        await told(granting.disjoint, FakeScene(sight("first", "7:1"), sight("second", "7:1")), site(supply()))


@pytest.mark.parametrize("body", [granting.foreign, granting.disjoint])
async def test_one_device_in_all_cannot_be_held_by_two(body: Any) -> None:
    with pytest.raises(outcomes.NotApplicable, match=r"has one acc\.example\.com in all"):
        await told(body, FakeScene(sight("first", "7:1")), site(supply(total=1, free=1)))


@pytest.mark.parametrize("body", [granting.foreign, granting.disjoint])
async def test_too_few_free_devices_are_named(body: Any) -> None:
    with pytest.raises(outcomes.Blocked, match=r"1 of 4 acc\.example\.com free on node n1"):
        await told(body, FakeScene(sight("first", "7:1")), site(supply(free=1)))


async def test_seeing_nothing_proves_nothing_where_the_holder_sees_nothing() -> None:
    with pytest.raises(outcomes.Blocked, match="proves nothing"):
        await told(refusing.negative, FakeScene(sight("first")), site(supply()))


async def test_a_way_round_that_a_vendor_does_not_have_does_not_apply() -> None:
    _, (neighbour,) = stage.planned([supply()])
    for body in (refusing.environment_bypass, refusing.annotation_bypass):
        with pytest.raises(outcomes.NotApplicable):
            await told(body, FakeScene(sight("first", "7:1")), neighbour)


class EnoughError(Exception):
    """Where the check would begin to create objects."""


class FakeContext:
    """What the check asks for before it creates anything."""

    def __init__(self, *supplies: Supply) -> None:
        self.metadata = check()
        self.reservations = self
        classes = (NodeClass(description="one", nodes=("n1",)),)
        self._inventory = Inventory(supplies=supplies, node_classes=classes, looked_for=("devices",))
        self.options = Options()
        self.verdicts: list[tuple[str, Verdict, str]] = []

    async def accelerators(self) -> inventory.Inventory:
        return self._inventory

    def hold(self, **_parts: object) -> None:
        raise EnoughError

    @contextlib.asynccontextmanager
    async def case(self, name: str, *, expected: str, variant: str = "") -> AsyncIterator[FakeCase]:
        try:
            yield FakeCase()
        except outcomes.Outcome as outcome:
            self.verdicts.append((variant, outcome.verdict, outcome.reason))


def check() -> Any:
    found = registry.get("secure_accelerator_access")
    assert found is not None
    return found


async def test_without_any_accelerator_the_check_says_what_was_looked_for() -> None:
    with pytest.raises(outcomes.Blocked, match="looked for devices"):
        await check().body(FakeContext())


async def test_an_unknown_vendor_is_not_judged_and_a_full_node_is_named() -> None:
    context = FakeContext(supply(vendor=None), supply(free=0))
    await check().body(context)
    assert [(variant, verdict) for variant, verdict, _ in context.verdicts] == [
        ("DRA-n1", Verdict.NOT_TESTED),
        ("DRA-n1", Verdict.BLOCKED),
    ]
    assert "0 of 4 acc.example.com free on node n1" in context.verdicts[1][2]


@pytest.mark.parametrize("mechanism", Mechanism)
async def test_where_nothing_can_be_claimed_what_is_about_claims_does_not_apply(mechanism: Mechanism) -> None:
    context = FakeContext(supply(mechanism=mechanism))
    with pytest.raises(EnoughError):
        await check().body(context)
    without = [("", Verdict.NOT_APPLICABLE, "no accelerator is to be had by DRA here, so there are no claims of it")]
    assert context.verdicts == ([] if mechanism is Mechanism.DRA else without)


def test_upstreams_three_sub_tests_are_among_the_cases() -> None:
    names = [case.name for case in check().cases]
    assert {"PositiveAccessTest", "NegativeIsolationTest", "MultiContainerIsolationTest"} <= set(names)
    assert len(names) == len(set(names))
