"""What the faults of an operator write, without an operator."""

from __future__ import annotations

import datetime
from typing import Any, cast

from ai_conformance.lab.accelerators.api import ApiError, Client
from ai_conformance.lab.addons.jobset import EXAMPLE
from ai_conformance.lab.faults import impostor
from ai_conformance.lab.faults.effects import operators


class Api:
    """One object, which somebody else changes as often as is asked for."""

    def __init__(self, obj: dict[str, Any], *, conflicts: int = 0) -> None:
        self.obj, self.conflicts, self.requests = obj, conflicts, 0

    def request(self, method: str, path: str, *, body: dict[str, Any] | None = None) -> dict[str, Any]:
        self.requests += 1
        if method == "GET":
            return cast("dict[str, Any]", {**self.obj})
        if self.conflicts:
            self.conflicts -= 1
            raise ApiError(409, "changed")
        assert body is not None
        self.obj = body
        return body


def test_verbs_are_taken_from_the_rule_of_their_resource_and_given_back_once() -> None:
    rules = [
        {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "get"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]},
    ]
    api = Api({"rules": rules})
    operators.change_role(cast("Client", api), "jobs", taken=["create"])
    assert [one["verbs"] for one in api.obj["rules"]] == [["get"], ["create"]]
    for _ in range(2):
        operators.change_role(cast("Client", api), "jobs", given=["create"])
    assert [one["verbs"] for one in api.obj["rules"]] == [["get", "create"], ["create"]]


def test_a_change_is_tried_again_where_somebody_else_was_quicker() -> None:
    api = Api({"rules": []}, conflicts=2)
    operators.change(cast("Client", api), "/x", lambda obj: obj.update(done=True))
    assert api.obj["done"]
    assert api.requests == 6


def test_the_impostor_says_what_the_controller_would() -> None:
    now = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    made = impostor.status(EXAMPLE, now=now)
    assert [(one["type"], one["status"]) for one in made["conditions"]] == [("StartupPolicyCompleted", "True")]
    assert made["replicatedJobsStatus"] == [
        {"name": "one", "active": 0, "failed": 0, "ready": 1, "succeeded": 0, "suspended": 0}
    ]
