"""What is asked of whom: each container once, the pod without a request for all holders on its node."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any, cast

import pytest

from ai_conformance.catalog import Bypass, Tried, Vendor
from ai_conformance.checks.access import intruders, records, stage
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
    view: Any = None
    asked: list[tuple[str, str, str]] = dataclasses.field(default_factory=list)

    async def ask(self, pod: str, container: str, script: str) -> Sight:
        self.asked.append((pod, container, script))
        if pod in self.stuck:
            return Sight(pod=pod, container=container, trouble=errors.TimedOut(pod, after_s=1))
        number = NUMBERS.get(pod, "7:9")
        device = SeenDevice(path="/dev/acc0", kind="block special file", number=number, opened=Opened.OK, identity="")
        return Sight(pod=pod, container=container, seen=Seen(devices=(device,), nodes=frozenset(), raw=""))

    async def claim_name(self, pod: str) -> str:
        if pod in self.stuck:
            raise errors.TimedOut(pod, after_s=1)
        return f"claim-of-{pod}"


STAGE = stage.Stage(namespace="n", elsewhere="e", sites=SITES, neighbours=NEIGHBOURS)


async def plain_asked(*, stuck: tuple[str, ...] = ()) -> dict[str, str]:
    """By pod, the numbers that the pods without a request are asked to open."""
    own, elsewhere = FakeObserver(stuck=stuck), FakeObserver(view=FakePods())
    async with asyncio.TaskGroup() as tasks:
        scene = Scene(
            cast(Any, FakeContext()),
            stage=STAGE,
            own=cast(Any, own),
            elsewhere=cast(Any, elsewhere),
            claims=None,
            tasks=tasks,
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


@dataclasses.dataclass
class FakePods:
    """A view of pods in which some get placed, one after the other."""

    placed: tuple[str, ...] = ()
    trouble: errors.KubeError | None = None

    async def throughout(self, look: Any, *, seconds: float, watching_for: str) -> Any:
        for index in range(len(self.placed)):
            self._now = self.placed[index]
            if look(self) is not None:
                return True
        if self.trouble is not None:
            raise self.trouble
        return None

    def get(self, name: str) -> dict[str, Any] | None:
        """What is placed is shown at that moment only."""
        return {"spec": {"nodeName": "n1"}} if name == self._now else {"spec": {}}


async def told(view: FakePods, *, stuck: tuple[str, ...] = ()) -> dict[str, tuple[str, str | None, str | None]]:
    """Of each pod that names a claim of another namespace: the claim, its node and the trouble with it."""
    context = FakeContext()
    own, elsewhere = FakeObserver(stuck=stuck), FakeObserver(view=view)
    seen = await intruders.tried(cast(Any, context), STAGE, own=cast(Any, own), elsewhere=cast(Any, elsewhere))
    assert len(context.workspace.created) == 2 - len(stuck)
    return {
        first: (one.claim, one.node, type(one.trouble).__name__ if one.trouble else None) for first, one in seen.items()
    }


async def test_pods_that_name_the_claim_of_another_namespace_are_made_for_claims_only() -> None:
    assert await told(FakePods()) == {
        "first-0": ("claim-of-first-0", None, None),
        "first-2": ("claim-of-first-2", None, None),
    }


async def test_one_that_was_placed_for_a_moment_is_remembered_and_the_other_not_blamed() -> None:
    seen = await told(FakePods(placed=("foreign-first-2",)))
    assert [node for _, node, _ in seen.values()] == [None, "n1"]


async def test_what_went_wrong_with_one_leaves_the_other_and_a_lost_window_is_the_trouble_of_all() -> None:
    lost = errors.ViewInterrupted("it", gap_s=9, tolerated_s=2)
    seen = await told(FakePods(trouble=lost), stuck=("first-0",))
    assert [trouble for _, _, trouble in seen.values()] == ["TimedOut", "ViewInterrupted"]


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
class FakeWorkspace:
    created: list[Any] = dataclasses.field(default_factory=list)

    async def create(self, pod: Any) -> None:
        self.created.append(pod)


@dataclasses.dataclass
class FakeContext:
    options: Options = dataclasses.field(default_factory=Options)
    workspace: FakeWorkspace = dataclasses.field(default_factory=FakeWorkspace)
    session: FakeSession = dataclasses.field(default_factory=FakeSession)

    def seconds(self, _wait: Any) -> float:
        return 1.0

    def image(self, name: str) -> str:
        return name


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
