"""What is read from the pods of a gang."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ai_conformance.checks.gangs import states


def pod(name: str, *, node: str = "", phase: str = "Pending", state: dict[str, Any] | None = None) -> dict[str, Any]:
    statuses = [{"name": "member", "state": state}] if state else []
    spec = {"nodeName": node} if node else {}
    return {"metadata": {"name": name}, "spec": spec, "status": {"phase": phase, "containerStatuses": statuses}}


def at(second: int) -> datetime:
    return datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)


def span(started: int, finished: int | None) -> states.Span:
    return states.Span(pod="p", started_at=at(started), finished_at=None if finished is None else at(finished))


def test_a_member_with_a_node_is_bound_whether_it_runs_or_not() -> None:
    assert states.bound([pod("a", node="n1"), pod("b")]) == ["a on n1"]


def test_a_member_runs_when_all_its_containers_do() -> None:
    running = pod("a", node="n1", phase="Running", state={"running": {"startedAt": "2026-01-01T00:00:01Z"}})
    ended = pod("b", node="n1", phase="Running", state={"terminated": {"startedAt": "2026-01-01T00:00:01Z"}})
    assert states.running([running, ended, pod("c", phase="Running")]) == ["a"]


def test_a_member_that_is_being_removed_does_not_count_as_running() -> None:
    leaving = pod("a", node="n1", phase="Running", state={"running": {"startedAt": "2026-01-01T00:00:01Z"}})
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:02Z"
    assert states.running([leaving]) == []


def test_when_a_container_ran_is_read_from_its_end_and_from_its_run() -> None:
    ended = {"terminated": {"startedAt": "2026-01-01T00:00:01Z", "finishedAt": "2026-01-01T00:00:05Z"}}
    assert states.span(pod("p", state=ended)) == span(1, 5)
    assert states.span(pod("p", state={"running": {"startedAt": "2026-01-01T00:00:01Z"}})) == span(1, None)
    assert states.span(pod("p")) is None


@pytest.mark.parametrize(
    ("spans", "together"),
    [
        ([(1, 5), (3, 9)], True),
        ([(1, 3), (3, 9)], True),
        ([(1, 2), (3, 9)], False),
        ([(1, None), (3, None)], True),
        ([(1, 9), (2, 3), (4, 9)], False),
        ([], False),
    ],
)
def test_members_ran_together_when_the_last_began_before_the_first_ended(
    spans: list[tuple[int, int | None]], together: bool
) -> None:
    assert states.overlap([span(*one) for one in spans]) is together


def test_conditions_are_said_with_reason_and_message() -> None:
    condition = {"type": "PodGroupScheduled", "status": "False", "reason": "Unschedulable", "message": "no room"}
    assert states.conditions({"status": {"conditions": [condition]}}) == (
        "PodGroupScheduled is False (Unschedulable: no room)"
    )
    assert states.conditions({}) == ""
