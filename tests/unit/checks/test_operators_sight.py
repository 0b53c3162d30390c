"""What was seen of a cluster before an operator stood is looked at again, for a while, before it is called wrong."""

from __future__ import annotations

import base64
import dataclasses
import types
from collections.abc import Coroutine
from typing import Any, cast

import pytest

import in_no_time
from ai_conformance import catalog
from ai_conformance.checks import outcomes, registry
from ai_conformance.checks.context import Case, Context
from ai_conformance.checks.operators import finding, webhooks
from ai_conformance.checks.operators.story import Story
from ai_conformance.checks.options import Options
from ai_conformance.checks.reservations import Reservations
from ai_conformance.checks.waits import Profile
from ai_conformance.kube import clock, resources
from ai_conformance.kube.resources import Resource
from ai_conformance.kube.session import ObjectList
from no_evidence import Nowhere

JOBSET = catalog.load().operator("jobset")
GOOD, UNREADABLE = base64.b64encode(b"a CA").decode(), "AAAA"
Object = dict[str, Any]


def definition(*, established: str = "True") -> Object:
    return {
        "metadata": {"name": JOBSET.crd},
        "spec": {"versions": [{"name": "v1alpha2", "served": True, "storage": True}]},
        "status": {
            "conditions": [
                {"type": "Established", "status": established, "message": "soon"},
                {"type": "NamesAccepted", "status": "True"},
            ]
        },
    }


def configuration(kind: str = webhooks.VALIDATING, *, ca: str = GOOD) -> Object:
    client = {"service": {"namespace": "jobset-system", "name": "webhook"}, "caBundle": ca}
    rule = {"apiGroups": [JOBSET.group], "resources": [JOBSET.plural], "operations": ["CREATE"]}
    return {
        "kind": kind,
        "metadata": {"name": "jobset"},
        "webhooks": [{"name": "vjobset.kb.io", "clientConfig": client, "rules": [rule]}],
    }


@dataclasses.dataclass
class Cluster:
    """Tells of these objects at one look after the other, of the last ones for ever."""

    definitions: list[list[Object]] = dataclasses.field(default_factory=lambda: [[definition()]])
    validating: list[list[Object]] = dataclasses.field(default_factory=lambda: [[configuration()]])
    mutating: list[list[Object]] = dataclasses.field(default_factory=lambda: [[]])
    unknown: int = 0
    """How many times discovery is asked before it has the kind."""
    asked: list[str] = dataclasses.field(default_factory=list)

    async def list(self, resource: Resource, _namespace: str | None = None, **_: Any) -> ObjectList:
        self.asked.append(resource.plural)
        if resource is resources.ENDPOINT_SLICE:
            labels = {"kubernetes.io/service-name": "webhook"}
            metadata = {"namespace": "jobset-system", "labels": labels}
            items: list[Object] = [{"metadata": metadata, "endpoints": [{"addresses": ["10.0.0.1"]}]}]
        else:
            told = {
                resources.CUSTOM_RESOURCE_DEFINITION: self.definitions,
                resources.VALIDATING_WEBHOOK_CONFIGURATION: self.validating,
                resources.MUTATING_WEBHOOK_CONFIGURATION: self.mutating,
            }.get(resource, [[]])
            items = told.pop(0) if len(told) > 1 else told[0]
        return ObjectList(items=tuple(items), resource_version="1")

    async def discover(self, *, refresh: bool = False) -> Any:
        self.asked.append("discovery anew" if refresh else "discovery")
        self.unknown -= 1
        kind = Resource(group="jobset.x-k8s.io", version="v1alpha2", kind="JobSet", plural="jobsets", namespaced=True)
        return types.SimpleNamespace(find=lambda *_, **_options: None if self.unknown >= 0 else kind)

    async def create(self, obj: Object, *, dry_run: bool = False) -> Object:
        assert dry_run, "nothing is stored"
        return obj


@dataclasses.dataclass
class Told:
    """What came of a step."""

    story: Story
    observed: list[str]
    asked: list[str]
    """After the first look at the whole cluster."""
    took_s: float
    failed: str


def told(cluster: Cluster, step: str) -> Told:
    metadata = registry.get("robust_controller")
    assert metadata is not None
    ctx = Context(
        metadata=metadata,
        session=cast(Any, cluster),
        workspace=cast(Any, None),
        catalog=catalog.load(),
        options=Options(profile=Profile.LAB),
        reservations=Reservations(),
        inventory=lambda: None,
        store=lambda _name, _variant: Nowhere(),
    )
    case = Case(store=Nowhere())

    async def take() -> Told:
        sight = await finding.look(ctx)
        cluster.asked.clear()
        assert JOBSET.trial is not None
        hooks = finding.own_webhooks(ctx, operator=JOBSET, sight=sight)
        made = Story(ctx=ctx, operator=JOBSET, trial=JOBSET.trial, sight=sight, hooks=hooks, namespace="ns", base="it")
        failed = ""
        try:
            await cast("Coroutine[Any, Any, None]", getattr(made, step)(case))
        except outcomes.Failed as wrong:
            failed = wrong.reason
        return Told(story=made, observed=case.observed, asked=cluster.asked, took_s=clock.monotonic(), failed=failed)

    return in_no_time.run(take())


@pytest.fixture(autouse=True)
def _trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Certificates are not what is tried here."""
    monkeypatch.setattr(webhooks, "wrong_ca", lambda bundle: "it cannot be read" if bundle == UNREADABLE else None)


def test_an_api_that_is_whole_is_not_looked_at_again() -> None:
    seen = told(Cluster(), "registered")
    assert (seen.asked, seen.took_s, seen.failed) == (["discovery", "jobsets"], 0, "")


@pytest.mark.parametrize(
    "before", [[], [definition(established="False")]], ids=["a CRD that is not made yet", "not established yet"]
)
def test_an_api_that_becomes_whole_is_waited_for(before: list[Object]) -> None:
    seen = told(Cluster(definitions=[before, before, [definition()]]), "registered")
    assert not seen.failed
    assert seen.observed[0].startswith(f"established and served: {JOBSET.crd}")
    assert 0 < seen.took_s < 10


def test_discovery_is_asked_anew_until_it_has_the_kind() -> None:
    seen = told(Cluster(unknown=3), "registered")
    assert not seen.failed
    assert [one for one in seen.asked if "discovery" in one] == ["discovery", *["discovery anew"] * 3]


def test_an_api_that_is_never_whole_fails_after_one_wait() -> None:
    seen = told(Cluster(definitions=[[definition(established="False")]]), "registered")
    assert seen.failed == f"the API of JobSet is not whole: CRD {JOBSET.crd} is not Established: soon"
    assert seen.took_s == 10
    assert told(Cluster(definitions=[[]]), "registered").failed.endswith(f"there is no CRD {JOBSET.crd}")
    unknown = told(Cluster(unknown=1000), "registered")
    assert unknown.failed == f"the CRD {JOBSET.crd} is established, and discovery does not have it"
    assert unknown.took_s == 10


def test_webhooks_that_are_all_right_are_not_looked_at_again() -> None:
    seen = told(Cluster(), "answers")
    assert (seen.asked, seen.took_s, seen.failed) == (["endpointslices"], 0, "")


@pytest.mark.parametrize(
    "before",
    [[], [configuration(ca="")], [configuration(ca=UNREADABLE)]],
    ids=["a configuration that is not made yet", "no CA yet", "an old CA"],
)
def test_webhooks_that_become_all_right_are_waited_for(before: list[Object]) -> None:
    seen = told(Cluster(validating=[before, before, [configuration()]]), "answers")
    assert not seen.failed
    assert 0 < seen.took_s < 10
    assert seen.observed[-1] == "a sound JobSet passes vjobset.kb.io"
    assert seen.story.ctx.judged_webhooks == {"vjobset.kb.io"}
    assert [one.ca_bundle for one in seen.story.sight.hooks] == [GOOD], "later steps see it, too"


@pytest.mark.parametrize(
    ("cluster", "said"),
    [
        (Cluster(validating=[[]]), "no webhook of JobSet is called when a JobSet is created"),
        (
            Cluster(validating=[[]], mutating=[[configuration(webhooks.MUTATING)]]),
            "JobSet has no validating webhook over JobSet: webhook vjobset.kb.io of MutatingWebhookConfiguration",
        ),
        (Cluster(validating=[[configuration(ca="")]]), "Service jobset-system/webhook and has no CA bundle"),
        (Cluster(validating=[[configuration(ca=UNREADABLE)]]), "cannot be trusted: it cannot be read"),
    ],
)
def test_webhooks_that_never_are_all_right_fail_after_one_wait(cluster: Cluster, said: str) -> None:
    seen = told(cluster, "answers")
    assert said in seen.failed
    assert seen.took_s == 10
