"""What the faults of gateways write: a policy that changes one thing, a controller that asks somebody else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ai_conformance.lab.accelerators.api import ApiError, Client
from ai_conformance.lab.addons.gateway import deployments
from ai_conformance.lab.faults.effects import admission
from ai_conformance.lab.faults.effects.admission import Rewritten
from ai_conformance.lab.faults.inference import FAULTS
from ai_conformance.lab.faults.model import FaultError
from ai_conformance.lab.gateway_extension import Way

POLICY = Rewritten(name="p", group="g", resource="things", condition="true", patches="[]")


class Server:
    """An API server that keeps policies and obeys one only when it is told so."""

    def __init__(self, *, obeys: bool = True) -> None:
        self.obeys = obeys
        self.kept: dict[str, Any] = {}

    def request(self, method: str, path: str, *, body: Any = None, content_type: str = "") -> dict[str, Any]:
        if "configmaps" in path:
            marked = self.obeys and len(self.kept) == 2
            return {"data": {"policy": "p"}} if marked else {}
        if method == "POST":
            where = f"{path}/{body['metadata']['name']}"
            if where in self.kept:
                raise ApiError(409, "there already")
            self.kept[where] = body
        elif self.kept.pop(path, None) is None:
            raise ApiError(404, "not there")
        return {}


class Lab:
    kubeconfig = Path("unused")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr(Client, "with_kubeconfig", lambda _: made)
    monkeypatch.setattr(admission, "_SEEN_S", 0)
    return made


def test_a_policy_is_made_once_and_leaves_nothing(server: Server) -> None:
    lab: Any = Lab()
    POLICY.apply(lab, nodes=())
    POLICY.apply(lab, nodes=())
    assert len(server.kept) == 2
    POLICY.clear(lab, nodes=())
    POLICY.clear(lab, nodes=())
    assert server.kept == {}


def test_a_policy_that_does_not_come_into_effect_is_said(server: Server) -> None:
    server.obeys = False
    lab: Any = Lab()
    with pytest.raises(FaultError, match="did not come into effect"):
        POLICY.apply(lab, nodes=())


def test_the_controller_asks_the_extension_server_only_while_a_fault_is_there() -> None:
    sound = json.loads(deployments.config_map(None)["data"]["envoy-gateway.yaml"])
    spoilt = json.loads(deployments.config_map(Way.STALE)["data"]["envoy-gateway.yaml"])
    assert "extensionManager" not in sound
    service, deployment = deployments.extension(Way.STALE)
    asked = spoilt["extensionManager"]["service"]["fqdn"]
    assert asked["hostname"].startswith(f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc.")
    assert asked["port"] == service["spec"]["ports"][0]["port"]
    assert deployment["spec"]["template"]["spec"]["containers"][0]["args"][-1] == "stale"


def test_every_way_of_the_extension_server_is_a_fault() -> None:
    assert {fault.effect.way for fault in FAULTS if hasattr(fault.effect, "way")} == set(Way)
