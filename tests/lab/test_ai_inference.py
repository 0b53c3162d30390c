"""The check on gateways passes where traffic does what routes say, and notices each way in which it does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lab_trial as trial
from ai_conformance.lab.addons.gateway import names
from ai_conformance.lab.addons.ledger import installed
from ai_conformance.lab.faults import operations
from ai_conformance.lab.lab import Lab

pytestmark = pytest.mark.lab

CHECK = "ai_inference"
STALE = "gateway-stale"
CLASSES = "/apis/gateway.networking.k8s.io/v1/gatewayclasses"
PROXIES = f"/apis/{names.API}/namespaces/{names.NAMESPACE}/envoyproxies"


def said(lab: Lab, folder: Path, *options: str) -> trial.Said:
    return trial.run(lab.kubeconfig, folder, requirements=[CHECK], options=options)[CHECK]


def cases(folder: Path) -> dict[str, dict[str, Any]]:
    (check,) = (
        one
        for one in json.loads((folder / "run.json").read_text(encoding="utf-8"))["checks"]
        if one["requirement"] == CHECK
    )
    return {one["name"]: one for one in check["cases"]}


def test_without_the_gateway_api_it_fails(lab: Lab, tmp_path: Path) -> None:
    if "gateway" in installed(lab.state):
        pytest.skip("this lab has a gateway already")
    seen = said(lab, tmp_path)
    assert seen.verdict == "FAIL"
    assert "the Gateway API is not served" in seen.reason


def test_a_sound_gateway_passes_every_case(routed: Lab, tmp_path: Path) -> None:
    seen = said(routed, tmp_path)
    assert seen.verdict == "PASS", seen
    reached = cases(tmp_path)["GatewayProgrammedAndReachable"]["reason"]
    assert "Envoy Gateway" in reached
    assert "reached from pod" in reached


def test_a_stale_data_plane_is_noticed_under_conditions_of_the_newest_generation(routed: Lab, tmp_path: Path) -> None:
    operations.apply(routed, STALE)
    try:
        seen = said(routed, tmp_path)
    finally:
        operations.clear(routed, STALE)
    assert seen.verdict == "FAIL"
    assert "requests still get backend a" in seen.reason
    found = cases(tmp_path)
    assert found["WeightedSplit"]["verdict"] == "PASS"
    assert found["ChangedWeightsFollow"]["verdict"] == "FAIL"
    assert "Accepted=True Accepted (generation 2)" in found["ChangedWeightsFollow"]["reason"]


@pytest.fixture
def other_classes(routed: Lab) -> Iterator[None]:
    """A class whose controller is not there, and one whose Gateways wait for a load balancer."""
    api = routed.api()
    parameters = api.request("GET", f"{PROXIES}/{names.CLASS}")
    kubernetes = {**parameters["spec"]["provider"]["kubernetes"], "envoyService": {"type": "LoadBalancer"}}
    balanced = {
        **{key: parameters[key] for key in ("apiVersion", "kind")},
        "metadata": {"name": "balanced"},
        "spec": {"provider": {"type": "Kubernetes", "kubernetes": kubernetes}},
    }
    reference = {
        "group": names.API.partition("/")[0],
        "kind": "EnvoyProxy",
        "name": "balanced",
        "namespace": names.NAMESPACE,
    }
    kind = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass"}
    api.request("POST", PROXIES, body=balanced)
    for name, spec in (
        ("balanced", {"controllerName": names.CONTROLLER, "parametersRef": reference}),
        ("abandoned", {"controllerName": "example.com/nobody"}),
    ):
        api.request("POST", CLASSES, body={**kind, "metadata": {"name": name}, "spec": spec})
    yield
    for name in ("balanced", "abandoned"):
        api.request("DELETE", f"{CLASSES}/{name}")
    api.request("DELETE", f"{PROXIES}/balanced")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (names.CLASS, ("PASS", "")),
        ("abandoned", ("FAIL", "no implementation has accepted the GatewayClass: abandoned of example.com/nobody")),
        ("balanced", ("BLOCKED", "AddressNotAssigned")),
        ("missing", ("BLOCKED", "there is no GatewayClass missing")),
    ],
)
def test_a_class_can_be_named(
    routed: Lab, other_classes: None, tmp_path: Path, name: str, wanted: tuple[str, str]
) -> None:
    seen = said(routed, tmp_path, "--gateway-class", name)
    verdict, reason = wanted
    assert seen.verdict == verdict, seen
    assert reason in seen.reason
