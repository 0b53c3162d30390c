"""What the kubelet tries again is waited for, by everybody who waits for a pod; what it does not try again is not."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from ai_conformance.checks import ai_service_metrics, outcomes
from ai_conformance.checks.access.sights import Observer
from ai_conformance.checks.autoscaling import story as autoscaling
from ai_conformance.checks.autoscaling import workload
from ai_conformance.checks.dra.allocation import Site
from ai_conformance.checks.exporters.loading import Experiment
from ai_conformance.checks.gangs.stage import Stage
from ai_conformance.checks.inference import scene
from ai_conformance.checks.scaling.story import Story
from ai_conformance.checks.waits import Wait
from ai_conformance.kube import clock, errors, pods
from ai_conformance.kube.clock import Clock

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NAME, OTHER, CONTAINER = "p", autoscaling.DECOY, "c"
unused = cast(Any, None)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.of(cast(Clock, types.SimpleNamespace(now=lambda: NOW, monotonic=lambda: 0.0))):
        yield


def pod(name: str, state: dict[str, Any], *, ready: bool, since_s: float = 5) -> dict[str, Any]:
    started = (NOW - timedelta(seconds=since_s)).isoformat().replace("+00:00", "Z")
    app = autoscaling.WORKERS if name == NAME else OTHER
    return {
        "metadata": {"namespace": "ns", "name": name, "labels": {workload.APP: app}},
        "spec": {"nodeName": "n1", "containers": [{"name": CONTAINER}]},
        "status": {
            "phase": "Running" if ready else "Pending",
            "startTime": started,
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [{"name": CONTAINER, "image": "i", "state": state}],
        },
    }


RUNS = pod(NAME, {"running": {}}, ready=True)


def waits(reason: str, *, since_s: float = 5) -> dict[str, Any]:
    return pod(NAME, {"waiting": {"reason": reason, "message": "why"}}, ready=False, since_s=since_s)


class View:
    """Shows a pod in these states, one after the other, beside another that runs; then the time is over."""

    def __init__(self, *states: dict[str, Any]) -> None:
        self._states = states
        self.looks = 0
        self.objects = dict[tuple[str, str], Any]()

    def get(self, name: str) -> Any:
        return self.objects.get(("ns", name))

    async def until(self, look: Callable[[Any], Any], *, timeout_s: float, waiting_for: str, **_: object) -> Any:
        for state in self._states:
            self.objects = {("ns", NAME): state, ("ns", OTHER): pod(OTHER, {"running": {}}, ready=True)}
            self.looks += 1
            if (found := look(self)) is not None:
                return found
        raise errors.TimedOut(waiting_for, after_s=timeout_s, last="nothing")


@dataclasses.dataclass(kw_only=True)
class Context:
    """Nothing of the cluster is asked for."""

    session: Any = None

    @property
    def workspace(self) -> Any:
        return self

    async def create(self, manifest: Any) -> Any:
        return manifest

    def seconds(self, _: Wait) -> float:
        return 1


CONTEXT = cast(Any, Context())


def seen(view: Any) -> Awaitable[object]:
    return Observer(CONTEXT, namespace="ns", view=view).running(NAME, CONTAINER)


def claimed(view: Any) -> Awaitable[object]:
    site = Site(ctx=CONTEXT, namespace="ns", claim=unused, pods=view, claims=unused)
    return site.must_run(NAME, supply=unused, candidates=())


def stage(view: Any) -> Stage:
    return Stage(
        ctx=CONTEXT, capacity=unused, adapter=unused, namespace="ns", pods=view, groups=unused, prefix="x", template=""
    )


def gang(view: Any) -> Awaitable[object]:
    return stage(view).all_running([NAME], wait=unused, what="pods")


def single(view: Any) -> Awaitable[object]:
    return stage(view).must_run([NAME], wait=unused, what="pods")


def backend(view: Any) -> Awaitable[object]:
    where = cast(Any, types.SimpleNamespace(ctx=CONTEXT, pods=view, foreign_pods=view))
    return scene._ready(where, view, names=(NAME,))


def service(view: Any) -> Awaitable[object]:
    return ai_service_metrics._ready(CONTEXT, view, NAME)


def worker(view: Any) -> Awaitable[object]:
    told = autoscaling.Story(ctx=CONTEXT, supply=unused, api=unused, namespace="ns", pods=view, scalers=unused)
    return told.ready(1, why="why")


def holder(view: Any) -> Awaitable[object]:
    views = types.SimpleNamespace(pods=view)
    return scaling(views).all_held(2)


def demand(view: Any) -> Awaitable[object]:
    views = types.SimpleNamespace(pods=view, nodes={}, all_slices=list)
    told = scaling(views)
    told.pod, told.came = RUNS, {"metadata": {"name": "n1"}}
    return told.used(unused)


def scaling(views: Any) -> Story:
    return Story(
        ctx=CONTEXT, pool=unused, supply=unused, namespace="ns", view=views, before=unused, old_claims=frozenset()
    )


def load(view: Any) -> Awaitable[object]:
    one = Experiment(
        ctx=CONTEXT,
        supply=unused,
        endpoints=(),
        vendor="v",
        namespace="ns",
        view=view,
        template=None,
        prefix="x",
        load=unused,
        image="i",
    )
    return one._create(RUNS)


Waiter = Callable[[Any], Awaitable[object]]
WAITERS = (seen, claimed, gang, single, backend, service, worker, holder)
GO_ON = (demand, load)
"""These do more with a pod that runs."""


@pytest.mark.parametrize("reason", ["ErrImagePull", "ImagePullBackOff", "CreateContainerError"])
@pytest.mark.parametrize("waiter", WAITERS)
async def test_what_the_kubelet_tries_again_may_succeed(waiter: Waiter, reason: str) -> None:
    view = View(waits(reason), RUNS)
    await waiter(view)
    assert view.looks == 2


@pytest.mark.parametrize("waiter", [*WAITERS, *GO_ON])
async def test_what_does_not_succeed_in_time_blocks_and_is_told(waiter: Waiter) -> None:
    view = View(waits("ErrImagePull"), waits("ImagePullBackOff"))
    with pytest.raises(outcomes.Blocked, match=r"pod ns/p, container c \(i\): ImagePullBackOff: why"):
        await waiter(view)
    assert view.looks == 2


@pytest.mark.parametrize(
    ("reason", "since_s"), [("ErrImagePull", 31), ("InvalidImageName", 1), ("ErrImageNeverPull", 1)]
)
@pytest.mark.parametrize("waiter", [*WAITERS, *GO_ON])
async def test_what_was_tried_again_or_never_is_blocks_at_once(waiter: Waiter, reason: str, since_s: float) -> None:
    view = View(waits(reason, since_s=since_s), RUNS)
    with pytest.raises(outcomes.Blocked, match=rf"pod ns/p, container c \(i\): {reason}: why"):
        await waiter(view)
    assert view.looks == 1


def test_of_several_containers_one_without_hope_is_enough() -> None:
    one = waits("ErrImagePull")
    assert pods.hopeless_reason(one) is None
    one["status"]["containerStatuses"].append({"name": "d", "state": {"waiting": {"reason": "InvalidImageName"}}})
    assert "container d" in str(pods.hopeless_reason(one))
    assert "container c" in str(pods.stuck_reason(one))
