"""`rbac` prints objects that `kubectl apply` takes, without asking a cluster."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from ai_conformance.cli import failures
from ai_conformance.cli.rbac import rbac


def printed(*arguments: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(rbac, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return list(yaml.safe_load_all(result.stdout))


def test_an_account_its_role_and_their_binding_are_printed() -> None:
    namespace, account, role, binding = printed("--name", "judge", "--namespace", "tools")
    assert (namespace["kind"], namespace["metadata"]["name"]) == ("Namespace", "tools")
    assert account["metadata"] == {"name": "judge", "namespace": "tools"}
    assert role["kind"] == "ClusterRole"
    assert binding["roleRef"]["name"] == role["metadata"]["name"] == "judge"
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "judge", "namespace": "tools"}]


@pytest.mark.parametrize(("option", "kind"), [("--user", "User"), ("--group", "Group")])
def test_who_is_there_already_needs_no_account(option: str, kind: str) -> None:
    role, binding = printed(option, "someone@example.com", "--requirement", "dra_support")
    assert role["kind"] == "ClusterRole"
    assert binding["subjects"] == [
        {"kind": kind, "name": "someone@example.com", "apiGroup": "rbac.authorization.k8s.io"}
    ]


def test_each_rule_says_whose_check_needs_it() -> None:
    shown = CliRunner().invoke(rbac, ["--requirement", "dra_support"]).stdout
    assert "# every run: in the whole cluster" in shown
    assert "# dra_support: in namespaces of the run's own only" in shown
    assert all(len(line) <= 120 for line in shown.splitlines())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--requirement", "gang_schedulin"], "gang_scheduling"),
        (["--release", "1.12"], "1.12"),
        (["--run", "NoSuchTest"], "matches no test"),
    ],
)
def test_a_choice_of_nothing_is_a_usage_error(arguments: list[str], said: str) -> None:
    with pytest.raises(failures.Failure, match=said) as raised:
        CliRunner().invoke(rbac, arguments, catch_exceptions=False)
    assert raised.value.code == 2


def test_two_subjects_are_refused() -> None:
    assert CliRunner().invoke(rbac, ["--user", "a", "--group", "b"]).exit_code == 2
