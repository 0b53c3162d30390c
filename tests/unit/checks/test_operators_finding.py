"""Which operators are there, which webhooks and pods are theirs, and what is said where none can be judged."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ai_conformance import catalog
from ai_conformance.checks import outcomes
from ai_conformance.checks.operators import controllers, finding, webhooks

FACTS = catalog.load()
JOBSET = FACTS.operator("jobset")
WORDS = [one.name for one in FACTS.operator_words]


def definition(name: str, *versions: str, served: bool = True, established: str = "True") -> dict[str, Any]:
    made = [{"name": one, "served": served, "storage": not index} for index, one in enumerate(versions or ("v1",))]
    conditions = [{"type": "Established", "status": established}, {"type": "NamesAccepted", "status": "True"}]
    return {
        "metadata": {"name": name},
        "spec": {"versions": made},
        "status": {"conditions": conditions, "storedVersions": [made[0]["name"]]},
    }


def sort(*definitions: dict[str, Any], wanted: tuple[str, ...] = ()) -> finding.Found:
    by_name = {one["metadata"]["name"]: one for one in definitions}
    return finding.sort(by_name, known=FACTS.operators, words=WORDS, wanted=wanted)


def test_an_operator_is_found_by_its_crd() -> None:
    found = sort(definition(JOBSET.crd, "v1alpha2"), definition("gateways.gateway.networking.k8s.io"))
    assert (found.judged, found.beside) == ((JOBSET,), ())


def test_what_cannot_be_judged_beside_one_that_can_is_told() -> None:
    found = sort(
        definition(JOBSET.crd, "v1alpha2"),
        definition("inferenceservices.serving.kserve.io"),
        definition("trainers.acme.example"),
        definition("leaderworkersets.leaderworkerset.x-k8s.io", "v2"),
    )
    assert found.judged == (JOBSET,)
    assert [said.split(" ")[0] for said in found.beside] == ["LeaderWorkerSet", "KServe", "an"]
    assert "serves LeaderWorkerSet as v2, and what is known of it is v1" in found.beside[0]


def test_only_unknown_operators_are_not_tested_and_named() -> None:
    with pytest.raises(outcomes.NotTested, match=r"the CRDs inferencejobs of llm\.acme\.example; it judges JobSet"):
        sort(definition("inferencejobs.llm.acme.example"))
    with pytest.raises(outcomes.NotTested, match=r"KServe .* known by name only"):
        sort(definition("inferenceservices.serving.kserve.io"))


def test_no_operator_at_all_is_blocked_and_tells_what_was_looked_for() -> None:
    with pytest.raises(outcomes.Blocked, match=r"no AI operator is installed.*JobSet.*CRDs of cilium\.io"):
        sort(definition("ciliumnodes.cilium.io"))


def test_one_that_was_asked_for_has_to_be_there() -> None:
    with pytest.raises(outcomes.Blocked, match="Kueue was asked for with --operator and is not there"):
        sort(definition(JOBSET.crd, "v1alpha2"), wanted=("kueue",))
    both = (definition(JOBSET.crd, "v1alpha2"), definition("leaderworkersets.leaderworkerset.x-k8s.io", "v1"))
    assert sort(*both, wanted=("jobset",)).judged == (JOBSET,)


def pod(name: str, *, image: str = "x", ready: bool = True, restarts: int = 0, **labels: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "system", "labels": labels},
        "spec": {"containers": [{"name": "manager", "image": image}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [{"name": "manager", "restartCount": restarts}],
        },
    }


@pytest.mark.parametrize(
    ("image", "is_it"),
    [
        ("registry.k8s.io/jobset/jobset:v0.12.0", True),
        ("mirror.example:5000/jobset/jobset@sha256:00", True),
        ("jobset/jobset", True),
        ("acme/not-jobset/jobset2:1", False),
    ],
)
def test_a_pod_is_the_operators_by_its_image(image: str, is_it: bool) -> None:
    assert controllers.runs(pod("p", image=image), operator=JOBSET) is is_it


def test_a_pod_that_has_ended_or_goes_is_not_expected_to_run() -> None:
    going = pod("a", **{"app.kubernetes.io/name": "jobset"})
    going["metadata"]["deletionTimestamp"] = "now"
    ended = pod("b", **{"app.kubernetes.io/name": "jobset"})
    ended["status"]["phase"] = "Succeeded"
    stays = pod("c", **{"app.kubernetes.io/name": "jobset"})
    assert controllers.standing([going, ended, stays], operator=JOBSET) == [stays]


def test_a_restart_is_seen_by_its_count() -> None:
    before = controllers.restarts([pod("a", restarts=3)])
    assert controllers.restarted(before, controllers.restarts([pod("a", restarts=3), pod("new")])) == []
    (said,) = controllers.restarted(before, controllers.restarts([pod("a", restarts=4)]))
    assert said == "container a/manager was started anew (3 restarts before, 4 now)"


def test_a_crd_has_to_be_established_and_to_serve_what_it_stores() -> None:
    assert controllers.unserved(definition("a", "v1")) == []
    assert controllers.unserved(definition("a", "v1", served=False)) == ["CRD a stores v1 and does not serve it"]
    assert controllers.unserved(definition("a", established="False"))[0].startswith("CRD a is not Established")
    lost = definition("a", "v2")
    lost["status"]["storedVersions"] = ["v1", "v2"]
    assert controllers.unserved(lost) == ["CRD a has objects stored as v1, a version that it no longer has"]


def configuration(name: str, *, service: str, operations: tuple[str, ...] = ("CREATE",)) -> dict[str, Any]:
    rule = {
        "apiGroups": ["jobset.x-k8s.io"],
        "apiVersions": ["*"],
        "operations": list(operations),
        "resources": ["jobsets"],
    }
    client = {"service": {"namespace": "system", "name": service}}
    return {
        "kind": webhooks.VALIDATING,
        "metadata": {"name": name},
        "webhooks": [{"name": "vjobset.kb.io", "clientConfig": client, "rules": [rule]}],
    }


def service(name: str, **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "system", "labels": labels}, "spec": {"selector": {"run": name}}}


HOOKS = webhooks.read([configuration("a", service="one"), configuration("b", service="two")])
SERVICES = [service("one"), service("two")]


def own(pods: list[dict[str, Any]], services: list[dict[str, Any]] = SERVICES) -> list[str]:
    return [one.configuration for one in webhooks.own(HOOKS, operator=JOBSET, services=services, pods=pods)]


def test_of_two_webhooks_of_one_name_the_own_is_that_with_the_operators_pods_behind_it() -> None:
    assert own([pod("p", image="jobset/jobset:1", run="two"), pod("q", image="kueue/kueue:1", run="one")]) == ["b"]


def test_without_pods_behind_it_the_labels_of_the_service_tell() -> None:
    labelled = [service("one", **{"app.kubernetes.io/name": "jobset"}), service("two")]
    assert own([pod("q", image="kueue/kueue:1", run="two")], labelled) == ["a"]


def test_a_webhook_with_somebody_elses_pods_behind_it_is_not_the_operators() -> None:
    assert own([pod("q", image="kueue/kueue:1", run="two")]) == ["a"]
    assert own([pod("q", run="one"), pod("r", run="two")]) == []


def test_where_nothing_tells_it_is_said_that_nothing_does() -> None:
    with pytest.raises(outcomes.NotTested, match=r"cannot be told.*Service system/one.*Service system/two"):
        own([])


def test_a_webhook_that_is_not_asked_when_an_object_is_made_does_not_count() -> None:
    hooks = webhooks.read([configuration("a", service="one", operations=("UPDATE",))])
    assert webhooks.own(hooks, operator=JOBSET, services=SERVICES, pods=[]) == []


def test_endpoints_count_when_they_are_ready() -> None:
    def slice_of(name: str, *, ready: bool | None) -> dict[str, Any]:
        conditions = {} if ready is None else {"ready": ready}
        labels = {"kubernetes.io/service-name": name}
        endpoint = {"addresses": ["10.0.0.1"], "conditions": conditions}
        return {"metadata": {"namespace": "system", "labels": labels}, "endpoints": [endpoint]}

    where = ("system", "one")
    assert webhooks.ready_endpoints([slice_of("one", ready=True)], service=where) == ["10.0.0.1"]
    assert webhooks.ready_endpoints([slice_of("one", ready=None)], service=where) == ["10.0.0.1"]
    assert webhooks.ready_endpoints([slice_of("one", ready=False), slice_of("two", ready=True)], service=where) == []


def test_a_ca_bundle_has_to_be_certificates() -> None:
    wrong = webhooks.wrong_ca(base64.b64encode(b"no certificate").decode())
    assert wrong is not None
    assert "cannot be read" in wrong
    assert webhooks.wrong_ca("%%%") is not None
