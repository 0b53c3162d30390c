"""Faults of Kueue: what is changed in the cluster, when that is done, and how it is undone."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from ai_conformance.lab.accelerators.api import ApiError
from ai_conformance.lab.addons import kueue
from ai_conformance.lab.faults.effects import kueue as effects
from ai_conformance.lab.faults.model import FaultError, FaultyLab
from ai_conformance.lab.faults.queues import FAULTS


@dataclasses.dataclass
class Node:
    name: str = "n1"


@dataclasses.dataclass
class Lab:
    state: Path = Path("unused")
    kubeconfig: Path = Path("unused")
    nodes: tuple[Node, ...] = (Node(),)


class Flavour:
    extended_resource = "example.com/accelerator"


class Config:
    flavour = Flavour()

    @classmethod
    def read(cls, _path: Path) -> Config:
        return cls()


class Api:
    """Keeps what is asked of it; a queue is active where its flavour is there."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.flavors = {kueue.FLAVOR}
        self.queue: dict[str, Any] = {}
        self.replicas = 1
        self.generation = 0

    def request(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None, content_type: str = ""
    ) -> dict[str, Any]:
        self.asked.append((method, path.partition("?")[0].rpartition("/")[2]))
        if "resourceflavors" in path:
            return self._flavor(method, path.partition("?")[0].rpartition("/")[2])
        if method == "POST" and not self.replicas:
            raise ApiError(500, "failed calling webhook")
        if body is not None and "deployments" in path:
            self.replicas = body["spec"]["replicas"]
        if body is not None and "clusterqueues" in path:
            self.generation += 1
            (group,) = body["spec"]["resourceGroups"]
            status = str(group["flavors"][0]["name"] in self.flavors)
            active = {"type": "Active", "status": status, "observedGeneration": self.generation}
            metadata = {**body["metadata"], "generation": self.generation}
            self.queue = {**body, "metadata": metadata, "status": {"conditions": [active]}}
            return self.queue
        return {}

    def _flavor(self, method: str, name: str) -> dict[str, Any]:
        if method == "DELETE" and name not in self.flavors:
            raise ApiError(404, "not found")
        self.flavors = self.flavors - {name} if method == "DELETE" else self.flavors | {name}
        return {}

    def flavor(self) -> str:
        (group,) = self.queue["spec"]["resourceGroups"]
        return str(group["flavors"][0]["name"])


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    api = Api()

    def wait_for(_api: object, path: str, reached: Any, *, what: str, timeout_s: float) -> None:
        found = [api.queue] if "clusterqueues" in path else [{"endpoints": [{}] * api.replicas}]
        if not reached(found):
            raise FaultError(what)

    monkeypatch.setattr(effects.Client, "with_kubeconfig", lambda _path: api)
    monkeypatch.setattr(effects, "wait_for", wait_for)
    monkeypatch.setattr(effects, "AcceleratorConfig", Config)
    return api


LAB = cast(FaultyLab, Lab())


def fault(name: str) -> Any:
    return next(one for one in FAULTS if one.name == name).effect


def test_by_quota_alone_the_queue_gives_out_a_flavour_without_a_topology(api: Api) -> None:
    fault("kueue-quota-alone").apply(LAB, nodes=())
    assert api.flavor() == "no-topology"
    assert "no-topology" in api.flavors
    fault("kueue-quota-alone").clear(LAB, nodes=())
    assert (api.flavor(), api.flavors) == (kueue.FLAVOR, {kueue.FLAVOR})


def test_a_wrong_name_is_in_effect_once_the_queue_is_inactive(api: Api) -> None:
    fault("kueue-wrong-name").apply(LAB, nodes=())
    assert api.flavors == {kueue.FLAVOR}
    assert api.queue["status"]["conditions"][0]["status"] == "False"
    fault("kueue-wrong-name").clear(LAB, nodes=())
    fault("kueue-wrong-name").clear(LAB, nodes=())  # again, after an apply that did not get to its end
    assert api.flavor() == kueue.FLAVOR


def test_the_manager_is_back_when_a_pod_can_be_made_again(api: Api) -> None:
    fault("kueue-manager-gone").apply(LAB, nodes=())
    assert api.replicas == 0
    fault("kueue-manager-gone").clear(LAB, nodes=())
    assert (api.replicas, api.asked[-1]) == (1, ("POST", "pods"))


def test_while_kueue_comes_nobody_has_to_ask_its_webhooks() -> None:
    webhooks = [{"name": "a", "failurePolicy": "Fail"}, {"name": "b"}]
    made = kueue.lenient({"kind": "ValidatingWebhookConfiguration", "webhooks": webhooks})
    assert [one["failurePolicy"] for one in made["webhooks"]] == ["Ignore", "Ignore"]
    assert kueue.lenient({"kind": "Service"}) == {"kind": "Service"}


def test_every_fault_of_the_queue_tells_which_option_shows_it() -> None:
    assert {one.options for one in FAULTS} == {("--gang-scheduler", "kueue")}


def test_the_queue_of_everybody_covers_devices_and_has_a_topology_of_single_nodes() -> None:
    topology, flavor, queue = kueue.setup(accelerator="example.com/accelerator")
    assert topology["spec"]["levels"] == [{"nodeLabel": "kubernetes.io/hostname"}]
    assert flavor["spec"]["topologyName"] == topology["metadata"]["name"]
    (group,) = queue["spec"]["resourceGroups"]
    assert group["coveredResources"] == ["cpu", "memory", "example.com/accelerator"]
    assert [one["name"] for one in group["flavors"][0]["resources"]] == group["coveredResources"]
