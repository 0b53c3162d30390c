"""How namespaces of ours are made, and what every pod in them has."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web
from fake_api import FakeApi, watch

from ai_conformance.evidence import redaction
from ai_conformance.kube import errors
from ai_conformance.kube.isolation import PULL_SECRET, Isolation, Network, PodSecurity, pod_templates
from ai_conformance.kube.ledger import Ledger, read
from ai_conformance.kube.session import Session
from ai_conformance.kube.workspace import Workspace

AUTHS = json.dumps({"auths": {"registry.example.com": {"auth": "aHVudGVyMg=="}}})
NAME = "aic-gang-scheduling-r1"
NETWORKING = {
    "kind": "APIGroupDiscoveryList",
    "items": [
        {
            "metadata": {"name": "networking.k8s.io"},
            "versions": [
                {
                    "version": "v1",
                    "freshness": "Current",
                    "resources": [
                        {
                            "resource": "networkpolicies",
                            "responseKind": {"kind": "NetworkPolicy"},
                            "scope": "Namespaced",
                            "verbs": ["create"],
                        }
                    ],
                }
            ],
        }
    ],
}
NOTHING: dict[str, Any] = {"kind": "APIGroupDiscoveryList", "items": []}


def cluster(api: FakeApi, *, networking: bool = True) -> None:
    """A cluster in which a namespace can be made."""
    for suffix in ("", "-elsewhere"):
        place = f"/api/v1/namespaces/{NAME}{suffix}"
        account = {"metadata": {"name": "default", "uid": "a", "resourceVersion": "1"}}
        api.on("GET", f"{place}/serviceaccounts", watch({"type": "ADDED", "object": account}))
        for path in (f"{place}/secrets", f"{place}/pods"):
            api.on("POST", path, {"metadata": {"uid": "x"}})
        path = f"/apis/networking.k8s.io/v1/namespaces/{NAME}{suffix}/networkpolicies"
        api.on("POST", path, {"metadata": {"uid": "y"}})
    api.on("POST", "/api/v1/namespaces", {"metadata": {"uid": "n"}})
    api.on("GET", "/api", NOTHING)
    api.on("GET", "/apis", NETWORKING if networking else NOTHING)


def workspace(session: Session, book: Ledger, isolation: Isolation | None = None) -> Workspace:
    return Workspace(session=session, ledger=book, run_id="r1", check_id="gang_scheduling", isolation=isolation)


def posted(api: FakeApi) -> list[tuple[str, Any]]:
    return [(one[1].rsplit("/", 1)[1], one[3]) for one in api.seen if one[0] == "POST"]


async def test_a_namespace_enforces_the_strictest_level_unless_another_is_declared(api: FakeApi, book: Ledger) -> None:
    cluster(api)
    async with await api.session() as session:
        here = workspace(session, book, Isolation(levels={"elsewhere": PodSecurity.PRIVILEGED}))
        await here.namespace()
        await here.namespace("elsewhere")
        assert here.namespaces == [NAME, f"{NAME}-elsewhere"]
    levels = [obj["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] for _, obj in posted(api)]
    assert levels == ["restricted", "privileged"]


async def test_where_no_namespace_may_be_less_strict_it_is_restricted(api: FakeApi, book: Ledger) -> None:
    cluster(api)

    async def only_restricted(request: web.Request) -> web.Response:
        labels = (await request.json())["metadata"]["labels"]
        if labels["pod-security.kubernetes.io/enforce"] != "restricted":
            said = 'admission webhook "v" denied the request: all of ours are restricted'
            return web.json_response({"kind": "Status", "message": said}, status=400)
        return web.json_response({"metadata": {"uid": "n"}})

    api.on("POST", "/api/v1/namespaces", only_restricted)
    async with await api.session() as session:
        await workspace(session, book, Isolation(levels={"": PodSecurity.BASELINE})).namespace()
    levels = [obj["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] for _, obj in posted(api)]
    assert levels == ["baseline", "restricted"]


async def test_where_no_namespace_may_be_made_it_is_said_in_the_words_of_who_refuses(
    api: FakeApi, book: Ledger
) -> None:
    cluster(api)

    async def never(_request: web.Request) -> web.Response:
        said = 'admission webhook "v" denied the request: labels of pod-security.kubernetes.io are ours'
        return web.json_response({"kind": "Status", "message": said}, status=403)

    api.on("POST", "/api/v1/namespaces", never)
    async with await api.session() as session:
        with pytest.raises(errors.Denied, match="are ours"):
            await workspace(session, book, Isolation(levels={"": PodSecurity.BASELINE})).namespace()
    assert read(book.path) == ()


async def test_a_check_whose_pods_need_no_network_makes_nothing_more(api: FakeApi, book: Ledger) -> None:
    cluster(api)
    async with await api.session() as session:
        await workspace(session, book).namespace()
    assert [kind for kind, _ in posted(api)] == ["namespaces"]
    assert api.count("GET", "/apis") == 0


@pytest.mark.parametrize(("network", "types"), [(Network.SERVES, ["Ingress"]), (Network.OPEN, ["Ingress", "Egress"])])
async def test_a_policy_allows_what_its_pods_need_and_forbids_nothing(
    api: FakeApi, book: Ledger, network: Network, types: list[str]
) -> None:
    cluster(api)
    async with await api.session() as session:
        await workspace(session, book, Isolation(network=network)).namespace()
    (_, policy) = posted(api)[1]
    spec = policy["spec"]
    assert spec["podSelector"] == {}
    assert spec["policyTypes"] == types
    # One rule without conditions allows all: whatever the policy is about is as free as without any.
    assert [spec[one.lower()] for one in types] == [[{}]] * len(types)
    assert {entry.kind for entry in read(book.path)} == {"Namespace", "NetworkPolicy"}


async def test_where_there_are_no_policies_none_is_made(api: FakeApi, book: Ledger) -> None:
    cluster(api, networking=False)
    async with await api.session() as session:
        await workspace(session, book, Isolation(network=Network.OPEN)).namespace()
    assert [kind for kind, _ in posted(api)] == ["namespaces"]


async def test_credentials_are_put_into_each_namespace_and_every_pod_refers_to_them(api: FakeApi, book: Ledger) -> None:
    cluster(api)
    async with await api.session() as session:
        here = workspace(session, book, Isolation(pull_secret=AUTHS))
        await here.namespace()
        await here.namespace("elsewhere")
        spec = {"containers": [], "imagePullSecrets": [{"name": "own"}]}
        await here.create(
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": NAME}, "spec": spec}
        )
    secrets = [obj for kind, obj in posted(api) if kind == "secrets"]
    assert [one["metadata"]["namespace"] for one in secrets] == [NAME, f"{NAME}-elsewhere"]
    assert {one["type"] for one in secrets} == {"kubernetes.io/dockerconfigjson"}
    assert [one["stringData"] for one in secrets] == [{".dockerconfigjson": AUTHS}] * 2
    (pod,) = [obj for kind, obj in posted(api) if kind == "pods"]
    assert pod["spec"]["imagePullSecrets"] == [{"name": "own"}, {"name": PULL_SECRET}]
    assert "hunter2" not in book.path.read_text() + repr(here.__dict__["_isolation"])
    assert "aHVudGVyMg" not in book.path.read_text() + repr(here.__dict__["_isolation"])


TEMPLATE = {"metadata": {"labels": {"own": "x"}}, "spec": {"containers": [{"name": "c"}]}}
KINDS = [
    {"kind": "Deployment", "spec": {"template": TEMPLATE}},
    {"kind": "JobSet", "spec": {"replicatedJobs": [{"template": {"spec": {"template": TEMPLATE}}}]}},
    {"kind": "RayCluster", "spec": {"headGroupSpec": {"template": {"spec": {"containers": []}}}}},
    {"kind": "LeaderWorkerSet", "spec": {"leaderWorkerTemplate": {"workerTemplate": TEMPLATE}}},
    {"kind": "Pod", "spec": {"containers": []}},
]


@pytest.mark.parametrize("obj", KINDS, ids=lambda one: one["kind"])
def test_templates_are_found_wherever_a_kind_keeps_them(obj: dict[str, Any]) -> None:
    made = json.loads(json.dumps({"metadata": {"name": "a"}, **obj}))
    Isolation(pull_secret=AUTHS).dress(made, labels={"run": "r"})
    found = list(pod_templates(made))
    assert [spec["imagePullSecrets"] for _, spec in found] == [[{"name": PULL_SECRET}]]
    assert [metadata["labels"]["run"] for metadata, _ in found] == ["r"]


def test_what_is_no_pod_gets_nothing() -> None:
    made: dict[str, Any] = {"kind": "Service", "metadata": {"name": "a"}, "spec": {"selector": {}, "ports": []}}
    Isolation(pull_secret=AUTHS).dress(made, labels={"run": "r"})
    assert made == {"kind": "Service", "metadata": {"name": "a"}, "spec": {"selector": {}, "ports": []}}


def test_evidence_never_shows_the_credentials() -> None:
    (secret,) = Isolation(pull_secret=AUTHS).furniture("n")
    for kept in (secret, {"kind": "SecretList", "items": [secret]}, {"request": {"body": secret}}):
        assert "aHVudGVyMg" not in json.dumps(redaction.redact_object(kept, report=redaction.Report()))
