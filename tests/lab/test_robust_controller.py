"""robust_controller passes with a sound operator, notices each way it is broken, and never passes without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import lab_trial as trial
from ai_conformance.lab.addons.ledger import installed
from ai_conformance.lab.faults import operations
from ai_conformance.lab.faults.model import Fault
from ai_conformance.lab.faults.operators import FAULTS
from ai_conformance.lab.lab import Lab

pytestmark = pytest.mark.lab

CHECK = "robust_controller"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def said(lab: Lab, folder: Path, *options: str) -> trial.Said:
    return trial.reason_of(lab.kubeconfig, folder, CHECK, options=options)


def cases(folder: Path) -> dict[str, str]:
    """The verdicts of the cases, by name and operator."""
    (check,) = [one for one in json.loads((folder / "run.json").read_text())["checks"] if one["requirement"] == CHECK]
    return {f"{one['name']}/{one['variant']}": one["verdict"] for one in check["cases"]}


def unknown_definition(group: str) -> dict[str, object]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }


def test_without_an_operator_it_never_passes(lab: Lab, tmp_path: Path) -> None:
    if installed(lab.state):
        pytest.skip("this lab has add-ons already")
    nothing = said(lab, tmp_path / "nothing")
    assert nothing.verdict == "BLOCKED"
    assert "no AI operator is installed" in nothing.reason
    lab.api().request("POST", DEFINITIONS, body=unknown_definition("inference.example.com"))
    try:
        unknown = said(lab, tmp_path / "unknown")
    finally:
        lab.api().request("DELETE", f"{DEFINITIONS}/things.inference.example.com")
    assert unknown.verdict == "NOT_TESTED"
    assert "an unknown operator with the CRDs things of inference.example.com" in unknown.reason


def test_a_sound_operator_passes_and_is_not_restarted_without_consent(operated: Lab, tmp_path: Path) -> None:
    seen = said(operated, tmp_path, "--operator", "jobset")
    assert seen.verdict == "PASS", seen
    verdicts = cases(tmp_path)
    assert verdicts.pop("ControllerGoesOnAfterRestart/jobset") == "SKIPPED"
    assert set(verdicts.values()) == {"PASS"}
    assert len(verdicts) == 10


def test_with_consent_the_controller_is_restarted_and_goes_on(operated: Lab, tmp_path: Path) -> None:
    seen = said(operated, tmp_path, "--operator", "jobset", "--disruptive")
    assert seen.verdict == "PASS", seen
    assert cases(tmp_path)["ControllerGoesOnAfterRestart/jobset"] == "PASS"


# What the reason has to name: what was seen, and not only that it was wrong.
NAMED = {
    "operator-gone": "no pod of JobSet's controller in any namespace",
    "operator-crash-loops": "jobset-controller-manager",
    "operator-webhooks-ignored": "(failurePolicy Ignore) calls Service jobset-system/jobset-webhook-service, which",
    "operator-webhooks-untrusted": "certificate signed by unknown authority",
    "operator-imitated-by-policy": "JobSet has no validating webhook over JobSet",
    "operator-preceded-by-policy": "ValidatingAdmissionPolicy 'imitates-jobset'",
    "operator-status-by-hand": "StartupPolicyCompleted=True (StartupPolicyCompleted), written by by-hand",
    "operator-orphans-children": "(without any owner: aic-",
    "operator-may-not-create": "has made 0 of 2 Job(s)",
    "operator-may-not-change": "/spec/suspend of JobSet",
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.name)
def test_a_fault_is_caught_and_its_reason_names_what_was_seen(fault: Fault, operated: Lab, tmp_path: Path) -> None:
    operations.apply(operated, fault.name)
    try:
        operations.apply(operated, fault.name)  # again, as a person might who is not sure
        seen = said(operated, tmp_path, "--operator", "jobset")
    finally:
        operations.clear(operated, fault.name)
    assert seen.verdict == fault.breaks[CHECK], seen
    assert NAMED[fault.name] in seen.reason, seen.reason


def test_after_all_faults_were_cleared_it_passes_again(operated: Lab, tmp_path: Path) -> None:
    assert operations.active(operated.state) == []
    assert said(operated, tmp_path, "--operator", "jobset").verdict == "PASS"
