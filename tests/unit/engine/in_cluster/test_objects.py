"""What is applied for a run in the cluster, and the same as a plugin of Sonobuoy."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ai_conformance.engine.execution import CLEANUP_RESERVE_S
from ai_conformance.engine.in_cluster import objects, sonobuoy
from ai_conformance.reports import writer

WANTED = objects.Wanted(
    name="judge",
    namespace="tools",
    image="registry.example.com/ai-conformance:0.1.0",
    pull_policy="IfNotPresent",
    options=("--requirement=dra_support", "--timeout=20m"),
    timeout_s=1200.0,
    hold_s=600.0,
)


def pod_of_job(wanted: objects.Wanted = WANTED) -> dict[str, Any]:
    spec: dict[str, Any] = objects.job(wanted)["spec"]["template"]["spec"]
    return spec


def test_a_job_tries_once_and_ends_by_itself_after_all_that_it_may_take() -> None:
    spec = objects.job(WANTED)["spec"]
    assert (spec["backoffLimit"], pod_of_job()["restartPolicy"]) == (0, "Never")
    assert spec["activeDeadlineSeconds"] > WANTED.timeout_s + CLEANUP_RESERVE_S + WANTED.hold_s
    later = objects.deadline_s(dataclasses.replace(WANTED, hold_s=700.0)) - objects.deadline_s(WANTED)
    assert later == 100


def test_a_run_that_is_told_to_end_has_the_time_to_clean_up() -> None:
    assert pod_of_job()["terminationGracePeriodSeconds"] > CLEANUP_RESERVE_S


def test_no_autoscaler_moves_it() -> None:
    annotations = objects.job(WANTED)["spec"]["template"]["metadata"]["annotations"]
    assert annotations == {
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
        "karpenter.sh/do-not-disrupt": "true",
    }


@pytest.mark.parametrize("container", [pod_of_job()["containers"][0], sonobuoy.plugin(WANTED)["spec"]])
def test_the_container_is_what_the_level_restricted_demands_and_writes_to_its_volumes_only(
    container: dict[str, Any],
) -> None:
    context = container["securityContext"]
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["runAsNonRoot"] is True
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert context["readOnlyRootFilesystem"] is True
    assert "runAsUser" not in context, "OpenShift chooses one"
    assert container["volumeMounts"][0]["mountPath"] == "/tmp"


def test_the_cpu_has_no_limit_that_would_slow_the_run_down() -> None:
    assert "cpu" not in pod_of_job()["containers"][0]["resources"]["limits"]


def test_the_pod_is_ready_when_its_results_can_be_taken() -> None:
    probe = pod_of_job()["containers"][0]["readinessProbe"]
    assert probe["exec"]["command"] == ["ai-conformance", "in-cluster", "outcome"]


def test_it_runs_with_the_account_of_its_name_and_no_links_to_services() -> None:
    spec = pod_of_job()
    assert (spec["serviceAccountName"], spec["automountServiceAccountToken"]) == ("judge", True)
    assert spec["enableServiceLinks"] is False


def test_the_options_of_the_run_follow_those_of_the_pod() -> None:
    assert objects.arguments(WANTED) == [
        "ai-conformance",
        "in-cluster",
        "run",
        "--hold=10m",
        "--",
        "--requirement=dra_support",
        "--timeout=20m",
    ]


def test_a_dollar_reaches_the_run_as_it_was_typed() -> None:
    """Kubernetes replaces ``$(NAME)`` in a command by a variable of the container, and ``$$`` by ``$``."""
    typed = ("--run=^TestDRA$", "--run=$(HOME)", "--run=$$")
    made = objects.arguments(dataclasses.replace(WANTED, options=typed))[-3:]
    assert [one.replace("$$", "\0").replace("$(HOME)", "/tmp").replace("\0", "$") for one in made] == list(typed)


def test_a_plugin_of_sonobuoy_is_written_as_sonobuoy_reads_it() -> None:
    made = sonobuoy.plugin(dataclasses.replace(WANTED, hold_s=0.0))
    assert set(made) == {"sonobuoy-config", "spec", "extra-volumes"}
    config = made["sonobuoy-config"]
    assert (config["driver"], config["plugin-name"], config["result-format"]) == ("Job", "judge", "junit")
    assert set(config["result-files"]) <= set(writer.FILES)
    assert {"name": "results", "mountPath": "/tmp/sonobuoy/results"} in made["spec"]["volumeMounts"]
    assert [one["name"] for one in made["extra-volumes"]] == ["tmp"], "Sonobuoy adds the volume of results itself"
    assert not any(one.startswith("--hold") for one in made["spec"]["command"]), "Sonobuoy waits by itself"
