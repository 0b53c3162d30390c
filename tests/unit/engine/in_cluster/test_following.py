"""Waiting for a run in the cluster: what is told meanwhile, and when it is no use to wait."""

from __future__ import annotations

import dataclasses

import pytest
from fake_api import FakeApi, listed

import in_cluster_scene as scene
from ai_conformance.engine.in_cluster import following


@dataclasses.dataclass
class Told:
    """What was said and shown."""

    said: list[str] = dataclasses.field(default_factory=list)
    shown: list[str] = dataclasses.field(default_factory=list)


async def waited(api: FakeApi, told: Told, *, timeout_s: float = 5.0) -> str:
    """Wait for the results; the name of their pod."""
    async with await api.session() as session:
        job = await following.job(session, scene.NAME, namespace=scene.NAMESPACE)
        pod = await following.done(session, job, timeout_s=timeout_s, say=told.said.append, show=told.shown.append)
        return str(pod["metadata"]["name"])


@pytest.fixture
def told(api: FakeApi) -> Told:
    """A Job that is there, with nothing known of it."""
    api.on("GET", scene.JOBS, scene.job())
    api.on("GET", scene.EVENTS, listed(version=1))
    return Told()


async def test_a_job_that_is_not_there_is_said_with_what_to_do(api: FakeApi) -> None:
    with pytest.raises(following.NoJob, match=r"there is no Job ai-conformance/ai-conformance.*manifest"):
        await waited(api, Told())


async def test_its_states_are_told_and_its_log_is_shown_once_until_it_has_ended(api: FakeApi, told: Told) -> None:
    coming = scene.pod({"waiting": {"reason": "ContainerCreating"}}, phase="Pending")
    watch = scene.changes(scene.pod(version=2), scene.pod(version=3), scene.pod(version=4, ready=True))
    api.on("GET", scene.PODS, scene.list_then([coming], watch))
    api.on("GET", scene.LOG, scene.log("dra_support: begins", "dra_support: PASS"))
    assert await waited(api, told) == scene.POD
    assert [one.rpartition(": ")[2] for one in told.said] == [
        "ContainerCreating",
        "runs on node n1",
        "the run has ended",
    ]
    assert told.shown == ["dra_support: begins", "dra_support: PASS"]


async def test_a_run_that_had_ended_before_is_not_waited_for(api: FakeApi, told: Told) -> None:
    api.on("GET", scene.PODS, scene.list_then([scene.pod(ready=True)], scene.changes()))
    api.on("GET", scene.LOG, scene.log("all of it"))
    assert await waited(api, told) == scene.POD
    assert told.shown == ["all of it"]


async def test_without_the_permission_for_logs_results_come_all_the_same(api: FakeApi, told: Told) -> None:
    api.on("GET", scene.PODS, scene.list_then([scene.pod(ready=True)], scene.changes()))
    api.on("GET", scene.LOG, 403)
    assert await waited(api, told) == scene.POD


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (scene.PULLING, "cannot begin.*ImagePullBackOff: Back-off"),
        (scene.TERMINATED, "its results with it.*exit code 4"),
    ],
)
async def test_what_cannot_recover_is_not_waited_for(
    api: FakeApi, told: Told, state: dict[str, object], words: str
) -> None:
    api.on("GET", scene.PODS, scene.list_then([scene.pod()], scene.changes(scene.pod(state, version=2))))
    api.on("GET", scene.LOG, scene.log())
    with pytest.raises(following.NoResults, match=words):
        await waited(api, told)


async def test_of_a_container_that_does_not_come_the_events_are_told(
    api: FakeApi, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_PATIENCE_S", 0.01)
    coming = scene.pod({"waiting": {"reason": "ContainerCreating"}}, phase="Pending")
    missing = {"type": "Warning", "reason": "FailedMount", "message": "secret not found", "metadata": {"name": "e"}}
    api.on("GET", scene.EVENTS, listed(missing, version=1))
    api.on("GET", scene.PODS, scene.list_then([coming], scene.changes()))
    with pytest.raises(following.NoResults, match="ContainerCreating"):
        await waited(api, told, timeout_s=0.2)
    assert told.said[1:] == ["FailedMount: secret not found"]
    assert api.seen[-1][2]["fieldSelector"] == f"involvedObject.kind=Pod,involvedObject.name={scene.POD}"


async def test_a_pod_that_was_deleted_is_said_with_what_was_known_of_it(api: FakeApi, told: Told) -> None:
    gone = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "Job has reached it"}
    api.on("GET", scene.JOBS, scene.job(), scene.job(gone))
    api.on("GET", scene.PODS, scene.list_then([scene.pod()], scene.changes(removed=scene.pod(version=2))))
    api.on("GET", scene.LOG, scene.log())
    with pytest.raises(following.NoResults, match=r"was deleted.*Before that: .*runs on node n1.*BackoffLimitExceeded"):
        await waited(api, told)


async def test_a_job_that_has_failed_without_a_pod_is_not_waited_for(api: FakeApi, told: Told) -> None:
    api.on("GET", scene.JOBS, scene.job({"type": "Failed", "status": "True", "reason": "DeadlineExceeded"}))
    api.on("GET", scene.PODS, scene.list_then([], scene.changes()))
    for events in (listed(version=1), 403):
        api.on("GET", scene.EVENTS, events)
        with pytest.raises(following.NoResults, match="has no pod: Failed: DeadlineExceeded"):
            await waited(api, told, timeout_s=60.0)


async def test_a_job_whose_pods_are_refused_says_why(api: FakeApi, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_POD_S", 0.01)
    refused = {
        "type": "Warning",
        "reason": "FailedCreate",
        "message": "violates PodSecurity",
        "metadata": {"name": "e"},
    }
    api.on("GET", scene.EVENTS, listed(refused, version=1))
    api.on("GET", scene.PODS, scene.list_then([], scene.changes()))
    with pytest.raises(following.NoResults, match="has no pod: FailedCreate: violates PodSecurity"):
        await waited(api, told)


async def test_a_run_that_takes_too_long_can_be_fetched_later(api: FakeApi, told: Told) -> None:
    api.on("GET", scene.PODS, scene.list_then([scene.pod()], scene.changes()))
    api.on("GET", scene.LOG, scene.log())
    with pytest.raises(following.NoResults, match=r"--timeout.*runs on node n1"):
        await waited(api, told, timeout_s=0.05)
