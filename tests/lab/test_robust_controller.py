"""robust_controller passes with a sound operator, notices each way it is broken, and never passes without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import lab_trial as trial
from ai_conformance.lab.addons.ledger import installed
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
