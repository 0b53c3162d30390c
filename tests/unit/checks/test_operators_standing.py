"""An operator's pods through time: what a rollout explains is waited for, and nothing else."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

import in_no_time
from ai_conformance import catalog
from ai_conformance.checks import outcomes, registry
from ai_conformance.checks.context import Case, Context
from ai_conformance.checks.operators import standing
from ai_conformance.checks.operators.finding import Sight
from ai_conformance.checks.operators.story import Story
from ai_conformance.checks.options import Options
from ai_conformance.checks.reservations import Reservations
from ai_conformance.checks.waits import Profile
from ai_conformance.kube import clock, resources
from ai_conformance.kube.session import ObjectList
from ai_conformance.kube.watching import EventType, WatchEvent
from no_evidence import Nowhere

JOBSET = catalog.load().operator("jobset")
Pod = dict[str, Any]


def pod(name: str, *, ready: bool = True, restarts: int = 0) -> Pod:
    label, _, value = JOBSET.pod_labels[0].partition("=")
    return {
        "metadata": {
            "name": name,
            "namespace": "home",
            "uid": f"uid of {name}",
            "labels": {label: value},
            "resourceVersion": f"{ready} {restarts}",
        },
        "status": {
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [{"name": "manager", "restartCount": restarts}],
        },
    }


OLD, NEW, SECOND = pod("old"), pod("new"), pod("second")


@dataclasses.dataclass
class Cluster:
    """Its pods, from a second on each; it never writes anything."""

    pods: dict[float, list[Pod]]
    looks: list[float] = dataclasses.field(default_factory=list)
    """When it was asked for a list."""
    streams_lists: bool = False

    def _now(self) -> list[Pod]:
        return next(pods for at_s, pods in reversed(self.pods.items()) if at_s <= clock.monotonic())

    async def list(self, resource: object, namespace: str | None = None, **_: Any) -> ObjectList:
        assert resource is resources.POD
        self.looks.append(clock.monotonic())
        return ObjectList(items=tuple(self._now()), resource_version="1")

    async def watch(self, *_: Any, **_options: Any) -> AsyncIterator[WatchEvent]:
        before = {one["metadata"]["name"]: one for one in self._now()}
        for at_s in self.pods:
            if at_s <= clock.monotonic():
                continue
            await asyncio.sleep(at_s - clock.monotonic())
            now = {one["metadata"]["name"]: one for one in self.pods[at_s]}
            for name in before.keys() - now.keys():
                yield WatchEvent(type=EventType.DELETED, object=before[name])
            for name, one in now.items():
                if one != before.get(name):
                    yield WatchEvent(type=EventType.MODIFIED, object=one)
            before = now
        await asyncio.sleep(3600)


def story(cluster: Cluster, *, seen: list[Pod]) -> Story:
    """``seen``: at the first look at the whole cluster."""
    metadata = registry.get("robust_controller")
    assert metadata is not None
    assert JOBSET.trial is not None
    ctx = Context(
        metadata=metadata,
        session=cast(Any, cluster),
        workspace=cast(Any, None),
        catalog=catalog.load(),
        options=Options(profile=Profile.LAB),
        reservations=Reservations(),
        inventory=lambda: None,
        store=lambda _name, _variant: Nowhere(),
    )
    sight = Sight(definitions={}, pods=seen, services=(), slices=(), hooks=[])
    return Story(ctx=ctx, operator=JOBSET, trial=JOBSET.trial, sight=sight, hooks=[], namespace="ns", base="it")


def stands(pods: dict[float, list[Pod]], *, seen: list[Pod] | None = None) -> str:
    """What is observed; raises what the step raises."""
    case = Case(store=Nowhere())
    in_no_time.run(standing.stands(story(Cluster(pods), seen=[OLD] if seen is None else seen), case))
    return case.observed[0]


def test_pods_that_are_ready_all_the_time_stand() -> None:
    assert stands({0: [OLD]}) == "ready, and for 2 s without a restart: pod home/old"


def test_a_second_pod_that_a_rollout_brings_into_the_window_is_waited_for() -> None:
    coming = pod("second", ready=False)
    assert stands({0: [NEW, OLD], 0.1: [NEW, coming], 4: [NEW, SECOND]}).endswith("pod home/new, home/second")


def test_a_rollout_that_does_not_end_does_not_stand() -> None:
    coming = pod("second", ready=False)
    with pytest.raises(outcomes.Failed, match="do not run after 10 s: pod home/second is not ready"):
        stands({0: [NEW, OLD], 0.1: [NEW, coming]})


def test_pods_that_are_replaced_again_and_again_do_not_stand() -> None:
    states: dict[float, list[Pod]] = {}
    for second in range(60):
        states[second], states[second + 0.5] = [pod(f"p{second}", ready=False)], [pod(f"p{second}")]
    with pytest.raises(outcomes.Failed, match="do not stay ready for 2 s"):
        stands(states)


def test_a_pod_that_was_ready_and_is_no_more_fails_at_once() -> None:
    with pytest.raises(outcomes.Failed, match="do not stay ready for 2 s: pod home/old is not ready"):
        stands({0: [OLD], 0.5: [pod("old", ready=False)], 0.6: [OLD]})


def test_a_restart_fails_at_once_and_also_while_another_pod_is_waited_for() -> None:
    with pytest.raises(outcomes.Failed, match=r"do not stay ready for 2 s: container old/manager was started anew"):
        stands({0: [OLD], 0.5: [pod("old", restarts=1)]})
    coming = pod("second", ready=False)
    again = pod("new", restarts=1)
    with pytest.raises(outcomes.Failed, match=r"container new/manager was started anew \(0 restarts before, 1 now\)"):
        stands({0: [NEW], 0.1: [NEW, coming], 1: [again, coming], 4: [again, SECOND]})


def test_pods_that_go_in_the_window_have_to_be_followed_by_others() -> None:
    assert stands({0: [OLD], 0.5: [], 3: [NEW]}).endswith("pod home/new")
    with pytest.raises(outcomes.Failed, match="do not run after 10 s: there is none any more"):
        stands({0: [OLD], 0.5: []})


def test_a_pod_that_is_not_made_yet_is_waited_for() -> None:
    assert stands({0: [], 3: [pod("new", ready=False)], 5: [NEW]}, seen=[]).endswith("pod home/new")


def test_no_pod_of_the_controller_is_a_failure_after_one_wait() -> None:
    cluster = Cluster({0: []})
    with pytest.raises(outcomes.Failed, match="no pod of JobSet's controller in any namespace"):
        in_no_time.run(standing.stands(story(cluster, seen=[]), Case(store=Nowhere())))
    assert cluster.looks[-1] == 10


def stayed(pods: dict[float, list[Pod]]) -> list[float]:
    """When it was looked; raises what the step raises."""
    cluster = Cluster(pods)
    told = story(cluster, seen=[])
    told.home, told.restarts = "home", {"old/manager": 0}
    in_no_time.run(standing.stayed(told, Case(store=Nowhere())))
    return cluster.looks


def test_what_is_up_in_the_end_is_looked_at_once() -> None:
    assert stayed({0: [OLD]}) == [0]


def test_what_is_being_rolled_out_in_the_end_is_given_its_time() -> None:
    assert stayed({0: [], 2: [pod("new", ready=False)], 4: [NEW]})[-1] == 4


def test_what_is_not_up_after_that_did_not_stay() -> None:
    with pytest.raises(outcomes.Failed, match="did not stay up: pod home/old is not ready"):
        stayed({0: [pod("old", ready=False)]})
    with pytest.raises(outcomes.Failed, match="did not stay up: no pod is there any more"):
        stayed({0: []})


def test_a_restart_is_told_at_once() -> None:
    with pytest.raises(outcomes.Failed, match="container old/manager was started anew"):
        stayed({0: [pod("old", restarts=1)]})
    with pytest.raises(outcomes.Failed, match="container old/manager was started anew"):
        stayed({0: [pod("old", ready=False)], 1: [pod("old", ready=False, restarts=1)], 9: [OLD]})
