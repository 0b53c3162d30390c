"""`requirements` and `explain` tell what the catalog and the checks know, to people and to programs."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from ai_conformance import catalog
from ai_conformance.checks import registry
from ai_conformance.cli import failures
from ai_conformance.cli.explain import explain
from ai_conformance.cli.requirements import requirements
from ai_conformance.model.verdicts import ExitCode

IDS = [one.id for one in catalog.load().all_requirements]


def told(command: click.Command, *arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def refused(command: click.Command, *arguments: str) -> failures.Failure:
    with pytest.raises(failures.Failure) as caught:
        command.main(list(arguments), standalone_mode=False)
    return caught.value


def test_the_newest_checklist_is_listed_by_default() -> None:
    text = told(requirements)
    assert text.startswith("Kubernetes 1.37: the checklist\n")
    assert [line.split()[1].rstrip("*") for line in text.splitlines()[2:-1]] == [
        one.id for one in catalog.load().requirements(catalog.load().releases[-1])
    ]


def test_an_announced_release_is_listed_as_announced() -> None:
    content = json.loads(told(requirements, "--release", "v1.38", "--output-format", "json"))
    assert (content["release"], content["announced"]) == ("1.38", True)
    assert [(one["id"], one["level"]) for one in content["requirements"]] == [("driver_runtime_management", "MUST")]


def test_an_unknown_release_offers_those_there_are() -> None:
    failure = refused(requirements, "--release", "1.99")
    assert failure.code is ExitCode.USAGE
    assert str(failure).startswith("there is no release '1.99'; ")


def test_an_unknown_requirement_offers_the_nearest() -> None:
    failure = refused(explain, "gang-scheduling")
    assert failure.code is ExitCode.USAGE
    assert str(failure) == "there is no requirement 'gang-scheduling'; did you mean gang_scheduling?"


@pytest.mark.parametrize("name", IDS)
def test_every_requirement_is_explained_in_lines_that_fit(name: str) -> None:
    entry, text = catalog.load().requirement(name), told(explain, name)
    assert text.startswith(f"{name}: {entry.title}\n")
    assert all(len(line) <= 100 for line in text.splitlines())
    assert ("No check is automated yet" in text) == (registry.get(name) is None)


@pytest.mark.parametrize("name", IDS)
def test_people_and_programs_are_told_the_same_cases(name: str) -> None:
    content, text = json.loads(told(explain, name, "--output-format", "json")), told(explain, name)
    check = registry.get(name)
    assert content["automated"] == (check is not None)
    cases = content.get("check", {}).get("cases", [])
    assert [case["name"] for case in cases] == [case.name for case in (check.cases if check else ())]
    assert all(f"{case['name']}:" in text for case in cases)


def test_a_check_names_the_faults_that_it_is_tried_with() -> None:
    text = told(explain, "dra_support")
    assert "FAIL:         class-without-slices: The DeviceClass is there" in text
    assert "metrics-constant" not in text
