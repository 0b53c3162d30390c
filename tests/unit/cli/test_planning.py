"""What a plan decides for each requirement, and which release a cluster is judged by."""

from __future__ import annotations

import dataclasses
import re

import pytest

from ai_conformance import catalog
from ai_conformance.checks.options import Options
from ai_conformance.cli import failures, planning, selection
from ai_conformance.cli.options import Settings, Target
from ai_conformance.engine import plan
from ai_conformance.engine.plan import Action
from ai_conformance.kube.actor import ServerVersion
from ai_conformance.model.releases import Release
from ai_conformance.model.verdicts import ExitCode

FACTS = catalog.load()
NEWEST = FACTS.releases[-1]


def actions(made: plan.Plan) -> dict[str, Action]:
    return {item.requirement.id: item.action for item in made.items}


def test_every_requirement_of_the_release_is_in_the_plan() -> None:
    made = plan.make(FACTS, release=NEWEST)
    found = actions(made)
    assert {one.id for one in FACTS.requirements(NEWEST)} <= set(found)
    assert found["gang_scheduling"] is Action.RUN
    assert Action.NOT_AUTOMATED in found.values()


def test_dra_is_looked_at_even_where_the_checklist_has_it_no_more() -> None:
    item = next(one for one in plan.make(FACTS, release=NEWEST).items if one.requirement.id == "dra_support")
    assert (item.action, item.level, item.level_name) == (Action.RUN, None, "-")


def test_named_requirements_leave_out_the_others() -> None:
    made = plan.make(FACTS, release=NEWEST, requirements=["gang_scheduling"])
    assert [item.requirement.id for item in made.running] == ["gang_scheduling"]
    assert "dra_support" not in actions(made)


def test_a_skipped_requirement_is_left_out_by_the_user() -> None:
    made = plan.make(FACTS, release=NEWEST, skip=["gang_scheduling"])
    item = next(one for one in made.items if one.requirement.id == "gang_scheduling")
    assert (item.action, item.reason) == (Action.SKIP, "left out by the user")


def test_a_pattern_selects_by_test_name() -> None:
    made = plan.make(FACTS, release=NEWEST, pattern=re.compile("Gang"))
    assert [item.artifact for item in made.running] == ["TestGangScheduling"]


def test_a_pattern_that_matches_nothing_names_the_tests_there_are() -> None:
    with pytest.raises(plan.NothingSelected, match=r"matches no test.*TestGangScheduling"):
        plan.make(FACTS, release=NEWEST, pattern=re.compile("TestNothing"))


def test_what_the_run_itself_needs_is_among_the_permissions() -> None:
    made = plan.make(FACTS, release=NEWEST, requirements=["gang_scheduling"])
    assert any(use.resource == "namespaces" and "create" in use.verbs for use in made.uses)
    assert made.images == ("probe",)
    assert all({"list", "watch"} <= set(use.verbs) for use in made.uses if "delete" in use.verbs)
    # An answer that was lost is settled by reading the name back.
    assert all("get" in use.verbs for use in made.uses if "create" in use.verbs and not use.subresource)


def settings(*, release: str | None = None, run: str | None = None) -> Settings:
    return Settings(
        target=Target(kubeconfig=None, context=None),
        release=release,
        requirements=(),
        skip=(),
        selection=selection.parse(run) if run else None,
        checks=Options(),
    )


def version(minor: int) -> ServerVersion:
    return ServerVersion(git_version=f"v1.{minor}.0", major=1, minor=minor)


@pytest.mark.parametrize(
    ("server", "asked", "judged_by", "noted"),
    [(37, None, "1.37", False), (35, None, "1.35", False), (99, None, str(NEWEST), True), (37, "v1.35", "1.35", True)],
)
def test_the_checklist_is_the_clusters_own_or_the_one_asked_for(
    server: int, asked: str | None, judged_by: str, noted: bool
) -> None:
    made = planning.make(settings(release=asked), catalog=FACTS, version=version(server))
    assert made.plan.release == Release.parse(judged_by)
    assert bool(made.notes) is noted


@pytest.mark.parametrize(
    ("server", "asked", "words"), [(35, "1.37", "older than the release 1.37"), (20, None, "Upgrade the cluster")]
)
def test_a_cluster_older_than_the_checklist_is_refused(server: int, asked: str | None, words: str) -> None:
    with pytest.raises(failures.Failure, match=words) as caught:
        planning.make(settings(release=asked), catalog=FACTS, version=version(server))
    assert caught.value.code is ExitCode.USAGE


def test_a_pattern_below_a_test_runs_the_whole_test_and_says_so() -> None:
    made = planning.make(settings(run="TestGangScheduling/Positive"), catalog=FACTS, version=version(37))
    assert [item.artifact for item in made.plan.running] == ["TestGangScheduling"]
    assert "run whole" in made.notes[0]


def test_a_pattern_that_matches_nothing_is_a_usage_error() -> None:
    with pytest.raises(failures.Failure, match="matches no test") as caught:
        planning.make(settings(run="TestNothing"), catalog=FACTS, version=version(37))
    assert caught.value.code is ExitCode.USAGE


def test_what_restarts_need_is_asked_for_only_with_consent() -> None:
    def deletes_pods_anywhere(made: plan.Plan) -> bool:
        return any(use.resource == "pods" and "delete" in use.verbs and not use.own_namespace for use in made.uses)

    wanted = ["robust_controller"]
    assert not deletes_pods_anywhere(plan.make(FACTS, release=NEWEST, requirements=wanted))
    assert deletes_pods_anywhere(plan.make(FACTS, release=NEWEST, requirements=wanted, disruptive=True))


def test_an_unknown_operator_is_a_mistake_of_usage() -> None:
    asked = dataclasses.replace(settings(), checks=Options(operators=("jobse",)))
    with pytest.raises(failures.Failure, match="did you mean jobset"):
        planning.check(asked)
