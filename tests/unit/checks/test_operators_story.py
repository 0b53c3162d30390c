"""The steps before anything is made: pods, webhooks and denials, on a sound operator and on broken ones."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import pytest

import in_no_time
from ai_conformance import catalog
from ai_conformance.catalog.operators import Refusal
from ai_conformance.checks import outcomes, registry
from ai_conformance.checks.context import Case, Context
from ai_conformance.checks.operators import webhooks
from ai_conformance.checks.operators.finding import Sight
from ai_conformance.checks.operators.story import Story
from ai_conformance.checks.options import Options
from ai_conformance.checks.reservations import Reservations
from ai_conformance.checks.waits import Profile
from ai_conformance.kube import errors, poll, resources
from ai_conformance.kube.session import ObjectList
from no_evidence import Nowhere

JOBSET = catalog.load().operator("jobset")
RULE = {
    "apiGroups": ["jobset.x-k8s.io"],
    "apiVersions": ["*"],
    "operations": ["CREATE"],
    "resources": ["jobsets"],
}
HOOK = webhooks.Webhook(
    kind=webhooks.VALIDATING,
    configuration="jobset",
    labels={},
    name="vjobset.kb.io",
    service=("jobset-system", "webhook"),
    ca_bundle="",
    rules=[RULE],
)


@dataclasses.dataclass
class Server:
    """An API server that refuses what offends in its own words, or accepts everything."""

    denial: str = ""
    """Said of an offending object, {mistake} being the operator's words for it."""
    denies_all: str = ""
    ready: bool = True
    unlisted: int = 0
    """How many looks at its endpoints tell of none yet."""
    deaf: int = 0
    """How many questions its webhook does not take."""
    asked: int = 0

    async def create(self, obj: dict[str, Any], *, dry_run: bool = False) -> dict[str, Any]:
        assert dry_run, "nothing is stored"
        self.asked += 1
        if self.deaf:
            self.deaf -= 1
            raise errors.from_status(500, message=UNCALLED)
        said = self.denies_all or (self.denial if self._mistake(obj) else "")
        if said:
            status = 500 if "failed calling" in said else 403 if "is forbidden: User" in said else 422
            raise errors.from_status(status, message=said.replace("{mistake}", self._mistake(obj)))
        return obj

    def _mistake(self, obj: dict[str, Any]) -> str:
        if "dependsOn" in obj["spec"]["replicatedJobs"][0]:
            return refusals()[0].says
        return refusals()[1].says if "network" in obj["spec"] else ""

    async def list(self, resource: object, namespace: str = "", **_: str) -> ObjectList:
        assert resource is resources.ENDPOINT_SLICE
        labels = {"kubernetes.io/service-name": "webhook"}
        endpoint = {"addresses": ["10.0.0.1"], "conditions": {"ready": self.ready and not self.unlisted}}
        self.unlisted = max(0, self.unlisted - 1)
        metadata = {"namespace": namespace, "labels": labels}
        return ObjectList(items=({"metadata": metadata, "endpoints": [endpoint]},), resource_version="1")


def refusals() -> tuple[Refusal, ...]:
    assert JOBSET.trial is not None
    return JOBSET.trial.refusals


def story(server: Server, *, hooks: list[webhooks.Webhook] | None = None, others: tuple[str, ...] = ()) -> Story:
    metadata = registry.get("robust_controller")
    assert metadata is not None
    assert JOBSET.trial is not None
    ctx = Context(
        metadata=metadata,
        session=cast(Any, server),
        workspace=cast(Any, None),
        catalog=catalog.load(),
        options=Options(profile=Profile.LAB),
        reservations=Reservations(),
        inventory=lambda: None,
        store=lambda _name, _variant: Nowhere(),
    )
    strangers = [dataclasses.replace(HOOK, configuration=one) for one in others]
    mine = [HOOK] if hooks is None else hooks
    sight = Sight(definitions={}, pods=(), services=(), slices=(), hooks=[*mine, *strangers])
    return Story(ctx=ctx, operator=JOBSET, trial=JOBSET.trial, sight=sight, hooks=mine, namespace="ns", base="it")


def case() -> Case:
    return Case(store=Nowhere())


UNCALLED = 'Internal error occurred: failed calling webhook "vjobset.kb.io": failed to call webhook: refused'
OWN = 'admission webhook "vjobset.kb.io" denied the request: {mistake}'


async def test_each_mistake_has_to_be_refused_by_the_operators_own_webhook() -> None:
    seen = case()
    await story(Server(denial=OWN)).refuses(seen)
    assert [said.split(" was ")[0] for said in seen.observed] == [
        f"an object with a wrong {one.field}" for one in refusals()
    ]


async def test_what_we_may_not_ask_says_nothing_of_the_operator() -> None:
    denies = 'jobsets.jobset.x-k8s.io "it" is forbidden: User "u" cannot create resource "jobsets" in API group "j"'
    told = story(Server(denies_all=denies))
    for ask in (told.refuses, told.accepts):
        with pytest.raises(errors.Forbidden, match="cannot create resource"):
            await ask(case())


async def test_a_webhook_that_lets_mistakes_pass_fails() -> None:
    with pytest.raises(outcomes.Failed, match="was accepted"):
        await story(Server()).refuses(case())


async def test_a_name_shared_with_another_configuration_is_told_apart_by_the_words() -> None:
    await story(Server(denial=OWN), others=("kueue",)).refuses(case())
    with pytest.raises(outcomes.Blocked, match="but not by JobSet"):
        await story(Server(denial='admission webhook "vjobset.kb.io" denied the request: no'), others=("k",)).refuses(
            case()
        )


async def test_where_the_schema_refuses_everything_nothing_is_known_of_the_webhook() -> None:
    with pytest.raises(outcomes.NotTested, match="schema refuses what its webhook would"):
        await story(Server(denial='JobSet.x "it" is invalid: spec: no')).refuses(case())


async def test_a_sound_object_that_is_refused_by_the_own_webhook_fails_and_by_another_blocks() -> None:
    await story(Server()).accepts(case())
    with pytest.raises(outcomes.Failed, match="a sound JobSet is not accepted"):
        await story(Server(denies_all='admission webhook "vjobset.kb.io" denied the request: no')).accepts(case())
    with pytest.raises(outcomes.Blocked, match="not because of JobSet's webhook"):
        await story(Server(denies_all='admission webhook "policy" denied the request: no')).accepts(case())


async def test_an_object_whose_companion_was_not_made_says_nothing_of_the_webhook() -> None:
    lacking = 'admission webhook "validator.trainer.kubeflow.org" denied the request: its TrainingRuntime is not found'
    trainer = catalog.load().operator("trainer")
    assert trainer.trial is not None
    told = dataclasses.replace(story(Server(denies_all=lacking)), operator=trainer, trial=trainer.trial)
    for ask in (told.refuses, told.accepts):
        with pytest.raises(outcomes.Blocked, match="a TrainJob refers to TrainingRuntime, which could not be made"):
            await ask(case())


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ('admission webhook "vjobset.kb.io" denied the request: no', outcomes.Failed),
        ('admission webhook "policy" denied the request: no', outcomes.Blocked),
        ("jobsets.x \"it\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied: no", outcomes.Blocked),
        ('jobsets.x "it" is forbidden: exceeded quota: q, requested: count/jobsets=1', outcomes.Blocked),
    ],
)
async def test_webhooks_are_judged_by_their_own_refusals_alone(said: str, outcome: type[outcomes.Outcome]) -> None:
    anywhere = dataclasses.replace(HOOK, service=None, url="https://elsewhere.example.com")
    with pytest.raises(outcome, match="a sound JobSet is not accepted"):
        await story(Server(denies_all=said), hooks=[anywhere]).answers(case())
    with pytest.raises(outcome, match="after a restart"):
        await story(Server(denies_all=said), hooks=[anywhere]).answers_again(wait_s=0)


async def test_a_server_that_is_starting_beside_one_that_answers_is_given_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(poll, "pause", no_pause)
    server = Server(denial=OWN)
    anywhere = dataclasses.replace(HOOK, service=None, url="https://elsewhere.example.com")
    told = story(server, hooks=[anywhere])
    await told.answers(case())
    server.deaf = 2
    await told.refuses(case())
    server.deaf = 2
    await told.accepts(case())
    assert server.deaf == 0


async def test_a_webhook_that_fails_later_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll, "pause", no_pause)
    server = Server(denial=OWN, deaf=1)
    with pytest.raises(outcomes.Failed, match="failed calling webhook"):
        await story(server).accepts(case())
    assert server.asked == 1


async def no_pause(_: float) -> None:
    """Time does not pass."""


TRUSTED = dataclasses.replace(HOOK, ca_bundle="of whom it may concern")


@pytest.fixture
def trust(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every CA bundle is good."""
    monkeypatch.setattr(webhooks, "wrong_ca", lambda _: None)


def test_a_webhook_without_ready_endpoints_is_unreachable(trust: None) -> None:
    with pytest.raises(outcomes.Failed, match="Service jobset-system/webhook, which has no ready endpoint"):
        in_no_time.run(story(Server(ready=False), hooks=[TRUSTED]).answers(case()))


def test_endpoints_that_are_listed_a_moment_later_are_waited_for(trust: None) -> None:
    seen = case()
    in_no_time.run(story(Server(denial=OWN, unlisted=3), hooks=[TRUSTED]).answers(seen))
    assert "ready at 10.0.0.1" in seen.observed[0]
