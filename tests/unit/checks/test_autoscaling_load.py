"""Pods are told their load by a command; one that is being scaled down meanwhile ends it with itself.

One that is not ready for a moment is waited for, and one that a node turned away is replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.autoscaling import workload
from ai_conformance.checks.autoscaling.story import DECOY, WORKERS, Story
from ai_conformance.kube import errors
from ai_conformance.kube.streams import ExecResult


def worker(name: str, *, leaving: bool = False, ready: bool = True, **status: Any) -> dict[str, Any]:
    deleted = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if leaving else {}
    said = {"conditions": [{"type": "Ready", "status": str(ready)}], **status}
    return {"metadata": {"name": name, "labels": {workload.APP: WORKERS}, **deleted}, "status": said}


def turned_away(number: int) -> dict[str, Any]:
    why = {"phase": "Failed", "reason": "UnexpectedAdmissionError", "message": "no such device"}
    return worker(f"failed-{number}", ready=False, **why)


class View:
    """Shows these pods, and after each event the next ones; when there are no more, the time is over."""

    def __init__(self, *states: list[dict[str, Any]]) -> None:
        self._states = list(states)
        self.objects = {pod["metadata"]["name"]: pod for pod in states[0]}

    def get(self, name: str) -> dict[str, Any] | None:
        return self.objects.get(name)

    async def until(self, look: Callable[[Any], Any], *, timeout_s: float, waiting_for: str) -> Any:
        for state in self._states:
            self.objects = {pod["metadata"]["name"]: pod for pod in state}
            if (found := look(self)) is not None:
                return found
        raise errors.TimedOut(waiting_for, after_s=timeout_s, last=f"{len(self.objects)} pods")


def seconds(wait: waits.Wait) -> float:
    assert wait is waits.POD_RUNNING
    return 7


HEARD = [worker("deaf"), worker("hears")]


def story(*states: list[dict[str, Any]], now: list[dict[str, Any]], told: list[str] | None = None) -> Story:
    """Of pods as the view has them, at first a deaf one and one that hears, unless others are given; ``now`` is what
    the server says after the command.
    """

    async def execute(_namespace: str, name: str, *_: object, timeout_s: float) -> ExecResult:
        if told is not None:
            told.append(name)
        return ExecResult(stdout="", stderr="", exit_code=137 if name == "deaf" else 0)

    async def listed(*_: object) -> Any:
        return SimpleNamespace(items=now)

    session = SimpleNamespace(exec=execute, list=listed)
    unused = cast(Any, None)
    return Story(
        ctx=cast(Any, SimpleNamespace(session=session, seconds=seconds)),
        supply=cast(Any, "2 free"),
        api=unused,
        namespace="n",
        pods=cast(Any, View(*(states or (HEARD,)))),
        scalers=unused,
    )


@pytest.mark.parametrize("now", [[worker("hears")], [worker("hears"), worker("deaf", leaving=True)]])
async def test_a_pod_that_goes_need_not_hear(now: list[dict[str, Any]]) -> None:
    told: list[str] = []
    await story(now=now, told=told).set_load(5)
    assert sorted(told) == ["deaf", "hears"]


async def test_a_pod_that_stays_and_does_not_hear_blocks_by_name() -> None:
    with pytest.raises(outcomes.Blocked, match="deaf: exit code 137"):
        await story(now=[worker("deaf"), worker("hears")]).set_load(5)


async def test_a_worker_that_is_not_ready_for_a_moment_is_told_as_well() -> None:
    told: list[str] = []
    states = [worker("a"), worker("b", ready=False)], [worker("a"), worker("b")]
    await story(*states, now=[], told=told).set_load(5)
    assert sorted(told) == ["a", "b"]


async def test_a_worker_that_is_not_ready_in_time_blocks_before_any_is_told() -> None:
    told: list[str] = []
    placed = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no room"}
    for status, said in (({}, "2 pods"), ({"conditions": [placed]}, "no room")):
        silent = worker("b", ready=False, **status)
        with pytest.raises(outcomes.Blocked, match=f"cannot be told its load, for after 7 s not all are ready: {said}"):
            await story([worker("a"), silent], now=[], told=told).set_load(5)
    assert told == []


async def test_a_replica_that_a_node_turned_away_is_none_of_the_workers() -> None:
    decoy = worker(DECOY)
    decoy["metadata"]["labels"] = {workload.APP: DECOY}
    told = story([turned_away(1), decoy], [turned_away(1), worker("a"), decoy], now=[])
    await told.ready(1, why="why")
    assert [pod["metadata"]["name"] for pod in told.workers()] == ["a"]


@pytest.mark.parametrize(
    ("failed", "said"),
    [(1, "why, but not all of 1 pods are ready after 7 s: pod /failed-0: .*no such device"), (10, "^pod /failed-0: ")],
)
async def test_where_each_replica_is_turned_away_the_nodes_words_are_told(failed: int, said: str) -> None:
    with pytest.raises(outcomes.Blocked, match=said):
        await story([turned_away(number) for number in range(failed)], now=[]).ready(1, why="why")
