"""What is asked of whom: each container once, the pod without a request for all holders on its node."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any, cast

import pytest

from ai_conformance.catalog import Bypass, Tried, Vendor
from ai_conformance.checks.access import records, stage
from ai_conformance.checks.access.scene import Scene
from ai_conformance.checks.access.sights import Sight
from ai_conformance.checks.device_probe import Opened, Seen, SeenDevice
from ai_conformance.checks.inventory import Mechanism, Supply
from ai_conformance.checks.options import Options
from ai_conformance.kube import errors, resources

VENDOR = Vendor(name="v", title="V", device_globs=("/dev/acc*",), bypass=Bypass(), source="test", tried=Tried.NONE)
NUMBERS = {"first-0": "7:1", "first-1": "7:2", "first-2": "7:3"}


def supply(node: str, mechanism: Mechanism) -> Supply:
    return Supply(mechanism=mechanism, node=node, name="acc", vendor=VENDOR, devices=(), total=4, free=1)


SITES, NEIGHBOURS = stage.planned(
    [supply("n1", Mechanism.DRA), supply("n1", Mechanism.DEVICE_PLUGIN), supply("n2", Mechanism.DRA)]
)


@dataclasses.dataclass
class FakeObserver:
    """Containers that see one device each, but for those of whom it is said that they are stuck."""

    stuck: tuple[str, ...] = ()
    namespace: str = "n"
    asked: list[tuple[str, str, str]] = dataclasses.field(default_factory=list)

    async def ask(self, pod: str, container: str, script: str) -> Sight:
        self.asked.append((pod, container, script))
        if pod in self.stuck:
            return Sight(pod=pod, container=container, trouble=errors.TimedOut(pod, after_s=1))
        number = NUMBERS.get(pod, "7:9")
        device = SeenDevice(path="/dev/acc0", kind="block special file", number=number, opened=Opened.OK, identity="")
        return Sight(pod=pod, container=container, seen=Seen(devices=(device,), nodes=frozenset(), raw=""))


async def plain_asked(*, stuck: tuple[str, ...] = ()) -> dict[str, str]:
    """By pod, the numbers that the pods without a request are asked to open."""
    made = stage.Stage(namespace="n", elsewhere="e", sites=SITES, neighbours=NEIGHBOURS)
    own, elsewhere = FakeObserver(stuck=stuck), FakeObserver()
    async with asyncio.TaskGroup() as tasks:
        scene = Scene(
            cast(Any, None), stage=made, own=cast(Any, own), elsewhere=cast(Any, elsewhere), claims=None, tasks=tasks
        )
        await asyncio.gather(*(scene.plain(site) for site in SITES))
    return {
        pod: next(line for line in script.splitlines() if line.startswith("NUMBERS="))
        for pod, _, script in elsewhere.asked
    }


async def test_the_pod_without_a_request_is_asked_once_for_all_holders_on_its_node() -> None:
    assert await plain_asked() == {"plain-0-v": "NUMBERS='b:7:1 b:7:2'", "plain-1-v": "NUMBERS='b:7:3'"}


async def test_a_holder_that_is_stuck_leaves_the_others_to_be_tried() -> None:
    assert (await plain_asked(stuck=("first-0",)))["plain-0-v"] == "NUMBERS='b:7:2'"


class FakeView:
    """A view of claims."""

    resource = resources.POD

    def __init__(self, claim: dict[str, Any]) -> None:
        self._claim = claim

    def get(self, _name: str) -> dict[str, Any]:
        return self._claim

    async def until(self, look: Any, *, timeout_s: float, waiting_for: str) -> Any:
        found = look(self)
        if found is None:
            raise errors.TimedOut(waiting_for, after_s=timeout_s)
        return found


class FakeSession:
    async def get(self, _resource: Any, name: str, namespace: str) -> dict[str, Any]:
        return {"metadata": {"name": name, "namespace": namespace}, "status": {}}


@dataclasses.dataclass
class FakeContext:
    options: Options = dataclasses.field(default_factory=Options)
    session: FakeSession = dataclasses.field(default_factory=FakeSession)

    def seconds(self, _wait: Any) -> float:
        return 1.0


@pytest.mark.parametrize("status", [{"allocation": {"devices": {"results": [1]}}}, {}])
async def test_a_claim_is_read_in_the_view_and_of_the_server_where_that_shows_no_allocation(
    status: dict[str, Any],
) -> None:
    shown = {"metadata": {"name": "c"}, "status": status}
    made = stage.Stage(namespace="n", elsewhere="e", sites=(), neighbours=())
    async with asyncio.TaskGroup() as tasks:
        scene = Scene(
            cast(Any, FakeContext()),
            stage=made,
            own=cast(Any, FakeObserver()),
            elsewhere=cast(Any, FakeObserver()),
            claims=cast(Any, FakeView(shown)),
            tasks=tasks,
        )
    claim = await records.allocated(scene, "c")
    assert claim == (shown if status else {"metadata": {"name": "c", "namespace": "n"}, "status": {}})
