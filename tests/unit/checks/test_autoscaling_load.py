"""Pods are told their load by a command; one that is being scaled down meanwhile ends it with itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from ai_conformance.checks import outcomes
from ai_conformance.checks.autoscaling import workload
from ai_conformance.checks.autoscaling.story import WORKERS, Story
from ai_conformance.kube.streams import ExecResult


def worker(name: str, *, leaving: bool = False) -> dict[str, Any]:
    deleted = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if leaving else {}
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    return {"metadata": {"name": name, "labels": {workload.APP: WORKERS}, **deleted}, "status": ready}


def story(*, now: list[dict[str, Any]], told: list[str] | None = None) -> Story:
    """Of a deaf pod and one that hears, as the view has it; ``now`` is what the server says after the command."""

    async def execute(_namespace: str, name: str, *_: object, timeout_s: float) -> ExecResult:
        if told is not None:
            told.append(name)
        return ExecResult(stdout="", stderr="", exit_code=137 if name == "deaf" else 0)

    async def listed(*_: object) -> Any:
        return SimpleNamespace(items=now)

    session = SimpleNamespace(exec=execute, list=listed)
    view = SimpleNamespace(objects={name: worker(name) for name in ("deaf", "hears")})
    unused = cast(Any, None)
    return Story(
        ctx=cast(Any, SimpleNamespace(session=session)),
        supply=unused,
        api=unused,
        namespace="n",
        pods=cast(Any, view),
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
