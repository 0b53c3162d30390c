"""What an add-on makes is written down before it is made, made in order, and taken away in order."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "kube"))

from fake_api import FakeApi, serving

from ai_conformance.kube import errors
from ai_conformance.lab.addons import jobset, removal
from ai_conformance.lab.addons.ledger import AddonLedger, ObjectReference, installed
from ai_conformance.lab.addons.manifests import adapted
from ai_conformance.lab.addons.site import Site
from ai_conformance.lab.addons.workshop import GoModule
from ai_conformance.lab.errors import LabError

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
HOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
NAMESPACES = "/api/v1/namespaces"
SERVED = {
    "/api": [("", "v1", [("Namespace", "namespaces", "Cluster"), ("ConfigMap", "configmaps", "Namespaced")])],
    "/apis": [
        ("apiextensions.k8s.io", "v1", [("CustomResourceDefinition", "customresourcedefinitions", "Cluster")]),
        (
            "admissionregistration.k8s.io",
            "v1",
            [("ValidatingWebhookConfiguration", "validatingwebhookconfigurations", "Cluster")],
        ),
    ],
}


def _object(kind: str, name: str, *, api: str = "v1", namespace: str | None = None) -> dict[str, Any]:
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
    }


OBJECTS = (
    _object("ValidatingWebhookConfiguration", "hook", api="admissionregistration.k8s.io/v1"),
    _object("ConfigMap", "settings", namespace="operator"),
    _object("CustomResourceDefinition", "things.x", api="apiextensions.k8s.io/v1"),
    _object("Namespace", "operator"),
)
OBJECTS[2]["spec"] = {"group": "x", "names": {"kind": "Thing"}}
NEW = {"/apis": [*SERVED["/apis"], ("x", "v1", [("Thing", "things", "Namespaced")])]}


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[FakeApi]:
    """An API server that takes and gives the four objects."""
    async with serving(tmp_path) as fake:
        for path, groups in SERVED.items():
            # A CRD is established a moment before discovery lists its kind.
            fake.on("GET", path, *(_discovery(some) for some in (groups, groups, NEW.get(path, groups))))
        established = {"conditions": [{"type": "Established", "status": "True"}]}
        definition = {**OBJECTS[2], "metadata": {"name": "things.x", "uid": "1"}, "status": established}
        fake.on("GET", CRDS, {"metadata": {"resourceVersion": "1"}, "items": [definition]})
        for path in (f"{CRDS}/things.x", f"{HOOKS}/hook", f"{NAMESPACES}/operator"):
            for method in ("PATCH", "DELETE"):
                fake.on(method, path, {"kind": "Status", "status": "Success"})
        for method in ("PATCH", "DELETE"):
            fake.on(method, f"{NAMESPACES}/operator/configmaps/settings", {"kind": "Status", "status": "Success"})
        yield fake


def _discovery(groups: list[Any]) -> dict[str, Any]:
    return {
        "kind": "APIGroupDiscoveryList",
        "items": [
            {
                "metadata": {"name": group},
                "versions": [
                    {
                        "version": version,
                        "resources": [
                            {"resource": plural, "responseKind": {"kind": kind}, "scope": scope, "verbs": ["get"]}
                            for kind, plural, scope in kinds
                        ],
                    }
                ],
            }
            for group, version, kinds in groups
        ],
    }


async def test_webhooks_come_last_and_go_first(api: FakeApi, tmp_path: Path) -> None:
    ledger = AddonLedger.read(tmp_path, "operator")
    async with await api.session() as session:
        site = Site(lab=cast("Any", None), session=session, workshop=cast("Any", None), ledger=ledger)
        await site.apply(OBJECTS)
        made = [path.rsplit("/", 1)[1] for method, path, *_ in api.seen if method == "PATCH"]
        assert made == ["operator", "things.x", "settings", "hook"]
        assert {one.name for one in AddonLedger.read(tmp_path, "operator").objects} == set(made)
        await removal.remove(session, ledger.objects, addon="operator")
    gone = [path.rsplit("/", 1)[1] for method, path, *_ in api.seen if method == "DELETE"]
    assert gone == ["hook", "things.x", "settings", "operator"]


async def test_what_the_server_refuses_was_written_down_before(api: FakeApi, tmp_path: Path) -> None:
    api.on("PATCH", f"{NAMESPACES}/operator", 403)
    ledger = AddonLedger.read(tmp_path, "operator")
    async with await api.session() as session:
        site = Site(lab=cast("Any", None), session=session, workshop=cast("Any", None), ledger=ledger)
        with pytest.raises(errors.Forbidden):
            await site.apply(OBJECTS)
    assert installed(tmp_path) == {"operator": False}
    assert ObjectReference(api_version="v1", kind="Namespace", namespace=None, name="operator") in ledger.objects


async def test_what_stays_is_named(api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removal, "GONE_S", 0.1)
    going = {**OBJECTS[3], "metadata": {"name": "operator", "uid": "1"}, "status": {"phase": "Terminating"}}
    api.on("DELETE", f"{NAMESPACES}/operator", going)
    api.on("GET", NAMESPACES, {"metadata": {"resourceVersion": "1"}, "items": [going]})
    reference = ObjectReference(api_version="v1", kind="Namespace", namespace=None, name="operator")
    async with await api.session() as session:
        with pytest.raises(LabError, match=r"Namespace operator \(operator \(Terminating\)\)"):
            await removal.remove(session, [reference], addon="operator")


def test_a_record_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    ledger = AddonLedger.read(tmp_path, "operator")
    ledger.record(OBJECTS[1])
    ledger.record(OBJECTS[1])
    ledger.record_component("adapter")
    assert installed(tmp_path) == {"operator": False}
    ledger.finish()
    again = AddonLedger.read(tmp_path, "operator")
    assert (again.objects, again.components) == (ledger.objects, ["adapter"])
    assert len(again.objects) == 1
    assert installed(tmp_path) == {"operator": True}
    again.forget()
    assert installed(tmp_path) == {}


def test_a_manager_gets_our_image_and_asks_for_little() -> None:
    container = {"name": "manager", "image": "theirs:v1", "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}
    proxy = {"name": "proxy", "image": "other:v1"}
    deployment = {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [container, proxy]}}}}
    service = {"kind": "Service", "spec": {}}
    made, same = adapted([deployment, service], image="ours:v1")
    manager, other = made["spec"]["template"]["spec"]["containers"]
    assert (manager["image"], manager["imagePullPolicy"]) == ("ours:v1", "IfNotPresent")
    assert manager["resources"]["requests"] == {"cpu": "20m", "memory": "1Gi"}
    assert (other["image"], same) == ("other:v1", service)
    assert container["image"] == "theirs:v1", "the cached manifests stay as they are"


def test_a_program_is_built_anew_when_what_it_is_made_of_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    module = jobset.MODULE
    assert set(module.files) == {"go.mod", "go.sum"}
    key = module.key
    assert key.startswith("jobset-")
    monkeypatch.setattr(GoModule, "files", {**module.files, "go.sum": b"other"})
    assert module.key != key
