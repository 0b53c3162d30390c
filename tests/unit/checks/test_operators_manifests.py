"""Objects of the catalog filled in and changed, and what an object's owner and status say."""

from __future__ import annotations

from typing import Any

import pytest

from ai_conformance import catalog
from ai_conformance.catalog.operators import Change, Condition, Operator
from ai_conformance.checks import registry
from ai_conformance.checks.operators import manifests

TRIED = [one for one in catalog.load().operators if one.trial]


def filled(operator: Operator) -> dict[str, Any]:
    assert operator.trial is not None
    return manifests.filled(operator.trial.object, name="it", namespace="ns", image="probe:1")


@pytest.mark.parametrize("operator", TRIED, ids=lambda one: one.name)
def test_nothing_of_the_catalog_is_left_to_fill_in(operator: Operator) -> None:
    made = filled(operator)
    assert "{" not in str(made).replace("{'", "").replace("{}", "")
    assert made["metadata"]["name"] == "it"
    assert str(made["apiVersion"]) == f"{operator.group}/{operator.versions[0]}"
    assert made["kind"] == operator.kind


@pytest.mark.parametrize("operator", TRIED, ids=lambda one: one.name)
def test_each_mistake_is_one_and_each_update_changes_something(operator: Operator) -> None:
    assert operator.trial is not None
    assert operator.trial.refusals
    made = filled(operator)
    for refusal in operator.trial.refusals:
        assert manifests.changed(made, refusal.changes) != made
    assert operator.trial.update is not None
    assert not manifests.has(made, operator.trial.update.change)


def test_a_pod_of_a_task_ends_for_good_and_one_of_a_service_does_not() -> None:
    made = manifests.filled({"a": "{task}", "b": "{service}"}, name="it", namespace="ns", image="probe:1")
    assert made["a"]["restartPolicy"] == "Never"
    assert "restartPolicy" not in made["b"]
    assert all("activeDeadlineSeconds" not in spec for spec in made.values())
    assert made["a"]["containers"][0]["securityContext"]["runAsNonRoot"]


def test_a_field_is_set_taken_away_or_appended_and_the_original_stays() -> None:
    made = {"spec": {"list": [{"a": 1}], "gone": True}}
    changes = (
        Change(path="/spec/list/1", value={"a": 2}),
        Change(path="/spec/gone"),
        Change(path="/spec/new/deep", value=False),
    )
    assert manifests.changed(made, changes) == {"spec": {"list": [{"a": 1}, {"a": 2}], "new": {"deep": False}}}
    assert made == {"spec": {"list": [{"a": 1}], "gone": True}}
    assert manifests.as_patch(changes[1]) == [{"op": "remove", "path": "/spec/gone"}]


def test_a_field_is_compared_where_the_pointer_leads() -> None:
    made = {"spec": {"list": [{"a/b": 2}]}}
    assert manifests.has(made, Change(path="/spec/list/0/a~1b", value=2))
    assert not manifests.has(made, Change(path="/spec/list/1/a~1b", value=2))
    assert manifests.has(made, Change(path="/spec/other"))


def test_a_child_is_one_by_the_owners_uid_and_not_by_its_name() -> None:
    mine = {"metadata": {"name": "it-0", "ownerReferences": [{"uid": "1"}]}}
    namesake = {"metadata": {"name": "it-1", "ownerReferences": [{"uid": "2"}]}}
    orphan = {"metadata": {"name": "it-2"}}
    going = {"metadata": {"name": "it-3", "ownerReferences": [{"uid": "1"}], "deletionTimestamp": "now"}}
    assert manifests.owned(dict(enumerate([mine, namesake, orphan, going])), "1") == [mine]


def test_a_status_is_told_with_who_wrote_it() -> None:
    made = {
        "metadata": {"managedFields": [{"manager": "by-hand", "subresource": "status"}, {"manager": "kubectl"}]},
        "status": {"conditions": [{"type": "Available", "status": "True", "reason": "Fine"}]},
    }
    assert manifests.status_said(made) == "its status says Available=True (Fine), written by by-hand"
    assert manifests.status_said({"metadata": {}}) == "its status says nothing"
    assert manifests.holds(made, Condition(type="Available"))
    assert not manifests.holds(made, Condition(type="Available", status="False"))


def test_whatever_the_catalog_makes_is_in_the_plan() -> None:
    check = registry.get("robust_controller")
    assert check is not None
    created = {(use.group, use.resource) for use in check.uses if "create" in use.verbs}
    assert {(one.group, one.plural) for one in TRIED} <= created
    assert ("trainer.kubeflow.org", "trainingruntimes") in created
    deleted_anywhere = [use for use in check.uses if "delete" in use.verbs and not use.own_namespace]
    assert [use.resource for use in deleted_anywhere] == ["clusterqueues"], "the rest needs consent"
    assert [use.resource for use in check.disruptive_uses] == ["pods"]
