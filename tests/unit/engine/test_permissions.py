"""The permissions of a plan become a role that grants these and no other."""

from __future__ import annotations

import itertools

import pytest

from ai_conformance import catalog
from ai_conformance.checks import registry
from ai_conformance.engine import permissions, plan
from ai_conformance.engine.permissions import Need
from ai_conformance.model.releases import Release

CATALOG = catalog.load()
RELEASE = CATALOG.releases[-1]
AUTOMATED = [one.id for one in CATALOG.all_requirements if registry.get(one.id)]


def needed(*requirements: str, disruptive: bool = False, release: Release = RELEASE) -> tuple[Need, ...]:
    return permissions.needed(plan.make(CATALOG, release=release, requirements=requirements, disruptive=disruptive))


@pytest.mark.parametrize("requirement", [None, *AUTOMATED])
@pytest.mark.parametrize("disruptive", [False, True])
def test_the_rules_grant_exactly_what_is_needed(requirement: str | None, disruptive: bool) -> None:
    needs = needed(*([requirement] if requirement else []), disruptive=disruptive)
    role = permissions.role("x", of=permissions.rules(needs))
    granted = [
        triple
        for rule in role["rules"]
        for triple in itertools.product(rule["apiGroups"], rule["resources"], rule["verbs"])
    ]
    assert sorted(granted) == sorted((one.group, one.resource, one.verb) for one in needs)


def test_no_rule_is_wider_than_a_verb_on_a_resource() -> None:
    for rule in permissions.rules(needed(disruptive=True)):
        assert "*" not in {rule.group, *rule.resources, *rule.verbs}
        assert "" not in rule.resources


def test_what_the_whole_cluster_is_needed_for_is_not_said_to_be_of_own_namespaces() -> None:
    # One check lists pods everywhere, the others in their own namespaces.
    (pods,) = [one for one in needed() if (one.group, one.resource, one.verb) == ("", "pods", "list")]
    assert not pods.own_namespace
    assert "gang_scheduling" in pods.requirements


def test_what_every_run_needs_is_ascribed_to_none_of_its_checks() -> None:
    (namespaces,) = [one for one in needed() if (one.resource, one.verb) == ("namespaces", "create")]
    assert namespaces.requirements == ()


def test_less_is_needed_for_one_check_than_for_all() -> None:
    one = {(need.group, need.resource, need.verb) for need in needed("dra_support")}
    every = {(need.group, need.resource, need.verb) for need in needed()}
    assert one < every


def test_consent_to_restarts_adds_to_the_role() -> None:
    more = set(needed("robust_controller", disruptive=True)) - set(needed("robust_controller"))
    assert more


def test_only_checks_whose_pods_need_the_network_make_network_policies() -> None:
    networked = {"ai_inference", "ai_service_metrics", "pod_autoscaling"}
    for requirement in AUTOMATED:
        needs = [one for one in needed(requirement) if one.resource == "networkpolicies"]
        assert bool(needs) == (requirement in networked), requirement
        assert all(one.own_namespace for one in needs)


def test_credentials_for_images_take_the_creation_of_secrets_and_nothing_else() -> None:
    made = plan.make(CATALOG, release=RELEASE, pull_secret=True)
    more = set(permissions.needed(made)) - set(needed())
    assert [(one.resource, one.verb, one.own_namespace, one.requirements) for one in more] == [
        ("secrets", "create", True, ())
    ]
