"""robust_controller: an AI operator with custom resources stands, validates by its webhooks, and reconciles.

Every operator of a known kind that is found is tried, one after another, and all of them have to do right: the
requirement asks for one, but whose second one is broken should hear of it, and a check that looks for the one that
works overlooks the webhook that holds up a cluster. Who stands for one alone names it with --operator. What is present
and cannot be judged (an unknown operator, another version of a known one) is told, and decides only where nothing else
does.

An operator without webhooks of its own cannot satisfy the requirement, which speaks of them; beside one that has some
it does no harm. That no operator is installed is no failure of the platform: nothing was tried, so it is BLOCKED.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING

from ai_conformance import catalog
from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.metadata import ApiUse, CaseInfo, EvidenceInfo
from ai_conformance.checks.operators import finding, reconciling, restarting, standing
from ai_conformance.checks.operators.story import Story, new_name
from ai_conformance.checks.registry import check
from ai_conformance.model.records import CaseKind
from ai_conformance.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from ai_conformance.checks.context import Case, Context

_POSITIVE, _NEGATIVE, _CONTROL = CaseKind.POSITIVE, CaseKind.NEGATIVE, CaseKind.CONTROL

CASES = (
    CaseInfo(
        name="OperatorPodsRunning",
        kind=_POSITIVE,
        proves="the pods of the operator's controller are ready and stay so without a restart",
    ),
    CaseInfo(
        name="CRDRegistered",
        kind=_POSITIVE,
        proves="its CRDs are established, the version that they store is served, and the API lists its objects",
    ),
    CaseInfo(
        name="WebhookOperational",
        kind=_POSITIVE,
        proves="its webhooks have ready endpoints and a CA, and a sound object passes them (server dry run)",
    ),
    CaseInfo(
        name="WebhookRejectsInvalidCR",
        kind=_NEGATIVE,
        proves="an object that the schema accepts and only its webhook refuses is denied, by that webhook",
    ),
    CaseInfo(
        name="AcceptsMendedCR", kind=_CONTROL, proves="the same object with the offending field mended is accepted"
    ),
    CaseInfo(
        name="ControllerReconcilesCR",
        kind=_POSITIVE,
        proves="its controller makes what an object asks for, with that object as owner, and writes its status",
    ),
    CaseInfo(name="DeletedChildComesBack", kind=_POSITIVE, proves="what was deleted of it is made anew"),
    CaseInfo(name="UpdateFollows", kind=_POSITIVE, proves="after a change of the object what was made follows"),
    CaseInfo(
        name="DeletedObjectTakesItsChildrenAlong",
        kind=_POSITIVE,
        proves="the object is deleted, goes, and with it all that was made of it",
    ),
    CaseInfo(
        name="OperatorStaysUp",
        kind=_CONTROL,
        proves="while all this was asked of it none of the operator's containers was started anew",
    ),
    CaseInfo(
        name="ControllerGoesOnAfterRestart",
        kind=_POSITIVE,
        proves="after its pods were deleted (with consent) they are back and make of a new object what they have to",
    ),
)


def _trial_uses() -> Iterator[ApiUse]:
    """What the catalog's operators are tried with: their own kinds, what these need, and what is made of them."""
    for operator in catalog.load().operators:
        trial = operator.trial
        if trial is None:
            continue
        everything = ("create", "get", "list", "watch", "patch", "delete")
        namespaced = "namespace" in dict(trial.object["metadata"])  # type: ignore[call-overload]
        yield ApiUse(group=operator.group, resource=operator.plural, verbs=everything, own_namespace=namespaced)
        for one in trial.companions:
            group, kind = str(one["apiVersion"]).rpartition("/")[0], str(one["kind"])
            yield ApiUse(group=group, resource=f"{kind.lower()}s", verbs=("create", "get", "list", "watch", "delete"))
        for child in trial.children:
            group = child.api_version.rpartition("/")[0]
            resource = f"{child.kind.lower()}s"
            yield ApiUse(group=group, resource=resource, verbs=("list", "watch"))
            if child.comes_back:
                yield ApiUse(group=group, resource=resource, verbs=("delete",))


_ADMISSION = "admissionregistration.k8s.io"
USES = (
    ApiUse(group="apiextensions.k8s.io", resource="customresourcedefinitions", verbs=("list",), own_namespace=False),
    ApiUse(group=_ADMISSION, resource="validatingwebhookconfigurations", verbs=("list",), own_namespace=False),
    ApiUse(group=_ADMISSION, resource="mutatingwebhookconfigurations", verbs=("list",), own_namespace=False),
    ApiUse(group="discovery.k8s.io", resource="endpointslices", verbs=("list",), own_namespace=False),
    ApiUse(group="", resource="services", verbs=("list",), own_namespace=False),
    ApiUse(group="", resource="pods", verbs=("list", "watch"), own_namespace=False),
    *dict.fromkeys(_trial_uses()),
)


@check(
    "robust_controller",
    artifact="TestRobustCRDControllerOperation",
    summary="Each AI operator that is found runs, refuses by its own webhook what is wrong, and reconciles.",
    cases=CASES,
    uses=USES,
    disruptive_uses=(ApiUse(group="", resource="pods", verbs=("delete",), own_namespace=False),),
    waits=(
        waits.OPERATOR_READY,
        waits.OPERATOR_STABLE,
        waits.WEBHOOK_ANSWERS,
        waits.RECONCILED,
        waits.OPERATOR_RESTARTED,
    ),
    evidence=(
        EvidenceInfo(name="object.json", content="the object of the operator's kind, as its controller left it"),
        EvidenceInfo(name="refused-*.json", content="the object that only the operator's own webhook refuses"),
    ),
    needs="an AI operator with a webhook: JobSet, LeaderWorkerSet, Kubeflow Trainer, KubeRay with webhooks, or Kueue",
    accelerators_required=False,
    on_fail=(
        "See the operator's pods, the webhook configurations that name its Service, and its log. A broken operator "
        "that you do not stand for can be left out: name the others with --operator."
    ),
    on_blocked=(
        "Install an AI operator with its webhooks, for instance JobSet; free what its pods need, and let the probe "
        "image be pulled; then run anew."
    ),
)
async def robust_controller(ctx: Context) -> None:
    """Every operator in turn; restarts, where the user consents to them, come last."""
    sight = await finding.look(ctx)
    found = finding.sort(
        sight.definitions,
        known=ctx.catalog.operators,
        words=[one.name for one in ctx.catalog.operator_words],
        wanted=ctx.options.operators,
    )
    beside = list(found.beside)
    stories = []
    namespace = await ctx.workspace.namespace()
    for operator in found.judged:
        try:
            hooks = finding.own_webhooks(ctx, operator=operator, sight=sight)
        except outcomes.NotTested as unclear:
            beside.append(unclear.reason)
            continue
        assert operator.trial is not None
        stories.append(
            Story(
                ctx=ctx,
                operator=operator,
                trial=operator.trial,
                sight=sight,
                hooks=hooks,
                namespace=namespace,
                base=new_name(ctx, operator=operator),
            )
        )
    for said in beside:
        ctx.note(f"not judged: {said}")
    stood = [story for story in stories if await _tried(story)]
    await _restarted(ctx, stood)
    if not any(story.hooks or story.operator.webhooks is not catalog.Webhooks.OPTIONAL for story in stories):
        alone = [story.without_webhooks() for story in stories]
        raise outcomes.NotTested(
            f"no operator with webhooks was judged, of which the requirement speaks: {'; '.join([*alone, *beside])}"
        )


async def _tried(story: Story) -> bool:
    """All that one operator has to do; whether it did all of it."""
    before = len(story.ctx.cases)
    steps = (
        ("OperatorPodsRunning", functools.partial(standing.stands, story)),
        ("CRDRegistered", story.registered),
        ("WebhookOperational", story.answers),
        ("WebhookRejectsInvalidCR", story.refuses),
        ("AcceptsMendedCR", story.accepts),
    )
    for name, step in steps:
        async with _case(story, name) as case:
            await step(case)
        # Without pods or an API, or where not even a sound object is accepted, there is nothing to go on with.
        if name in ("OperatorPodsRunning", "CRDRegistered", "AcceptsMendedCR") and not _passed(story.ctx, since=-1):
            return False
    async with reconciling.subject(story, story.base) as subject:
        async with _case(story, "ControllerReconcilesCR") as case:
            await subject.reconciled(case)
        if _passed(story.ctx, since=-1):
            for name, step in (
                ("DeletedChildComesBack", subject.comes_back),
                ("UpdateFollows", subject.follows),
                ("DeletedObjectTakesItsChildrenAlong", subject.goes),
            ):
                async with _case(story, name) as case:
                    await step(case)
    async with _case(story, "OperatorStaysUp") as case:
        await standing.stayed(story, case)
    return _passed(story.ctx, since=before)


def _passed(ctx: Context, *, since: int) -> bool:
    """Whether all cases that were run since then went well, or did not apply."""
    return all(one.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE) for one in ctx.cases[since:])


async def _restarted(ctx: Context, stories: list[Story]) -> None:
    """Only what stood is restarted, and only with consent."""
    for story in stories:
        async with _case(story, "ControllerGoesOnAfterRestart") as case:
            if not ctx.options.disruptive:
                raise outcomes.Skipped(
                    f"deletes the pods of {story.title}, which were there before: only with --disruptive"
                )
            await restarting.after_restart(story, case)


@contextlib.asynccontextmanager
async def _case(story: Story, name: str) -> AsyncIterator[Case]:
    """One case of one operator, expected to show what its declaration says."""
    info = story.ctx.metadata.case(name)
    async with story.ctx.case(name, variant=story.operator.name, expected=info.proves) as one:
        yield one
