"""What the state of a pod and of its Job means."""

from __future__ import annotations

from typing import Any

import pytest

import in_cluster_scene as scene
from ai_conformance.engine.in_cluster import standing
from ai_conformance.engine.in_cluster.standing import Stage

DRAINED = {
    "type": "DisruptionTarget",
    "status": "True",
    "reason": "EvictionByEvictionAPI",
    "message": "Eviction API: evicting",
}
UNPLACED = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/2 nodes are available: 2 Insufficient memory.",
}


@pytest.mark.parametrize(
    ("pod", "stage", "words"),
    [
        (scene.pod({"waiting": {"reason": "ContainerCreating"}}, phase="Pending"), Stage.COMING, "ContainerCreating"),
        (scene.pod({"waiting": {}}, phase="Pending", conditions=[UNPLACED]), Stage.COMING, "Insufficient memory"),
        (scene.pod(), Stage.RUNNING, "runs on node n1"),
        (scene.pod(ready=True), Stage.DONE, "the run has ended"),
        (scene.pod(scene.PULLING, phase="Pending"), Stage.STUCK, "ImagePullBackOff: Back-off pulling image"),
        (scene.pod(scene.TERMINATED, phase="Failed"), Stage.ENDED, "exit code 4. Its last words: Interrupted"),
        (
            scene.pod(scene.TERMINATED, phase="Failed", conditions=[DRAINED]),
            Stage.ENDED,
            "EvictionByEvictionAPI: Eviction API: evicting",
        ),
        (
            scene.pod(
                {"waiting": {}}, phase="Failed", status={"reason": "Evicted", "message": "The node was low on memory."}
            ),
            Stage.ENDED,
            "Evicted: The node was low on memory.",
        ),
    ],
)
def test_a_state_of_the_pod_has_a_meaning_and_words(pod: dict[str, Any], stage: Stage, words: str) -> None:
    found = standing.of_pod(pod)
    assert found.stage is stage
    assert words in found.seen
    assert f"{scene.NAMESPACE}/{scene.POD}" in found.seen


def test_a_container_that_ended_counts_even_where_the_pod_seems_to_be_ready() -> None:
    assert standing.of_pod(scene.pod(scene.TERMINATED, ready=True)).stage is Stage.ENDED


def test_a_pod_that_is_being_deleted_is_no_place_to_fetch_from() -> None:
    leaving = scene.pod(ready=True)
    leaving["metadata"]["deletionTimestamp"] = "2026-11-30T11:00:00Z"
    found = standing.of_pod(leaving)
    assert (found.stage, "is being deleted" in found.seen) == (Stage.RUNNING, True)


def test_only_a_pod_of_this_very_job_counts_and_the_newest_of_them() -> None:
    other = scene.pod(owner="uid-of-an-older-job-of-that-name")
    older, newer = scene.pod(version=1), scene.pod(version=2)
    newer["metadata"]["creationTimestamp"] = "2026-11-30T10:00:01Z"
    assert standing.pod_of(scene.job(), [newer, other, older]) is newer
    assert standing.pod_of(scene.job(), [other]) is None


def test_a_job_without_a_pod_is_told_by_its_conditions_and_its_last_warnings() -> None:
    failed = {"type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": "too long"}
    warning = {"type": "Warning", "reason": "FailedCreate", "lastTimestamp": "2026-11-30T10:00:00Z", "message": "old"}
    events = [
        {**warning, "lastTimestamp": "2026-11-30T10:00:09Z", "message": "exceeded quota"},
        warning,
        {"type": "Normal", "reason": "Created", "message": "a pod"},
    ]
    said = standing.of_job(scene.job(failed), events=events)
    assert said == "Failed: DeadlineExceeded: too long; FailedCreate: exceeded quota"
    assert "queue" in standing.of_job(scene.job(suspend=True), events=[])
    assert standing.of_job(scene.job(), events=[]) == "nothing is known of it"
