"""What an operator has to do, step by step: with its API and its webhooks; with its pods, see `standing`."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from ai_conformance.catalog.operators import Webhooks
from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.operators import controllers, denials, finding, manifests, patience, webhooks
from ai_conformance.checks.operators.denials import Denial, Refuser
from ai_conformance.kube import clock, errors, resources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_conformance.catalog import Operator
    from ai_conformance.catalog.operators import Trial
    from ai_conformance.checks.context import Case, Context
    from ai_conformance.checks.operators.finding import Sight
    from ai_conformance.checks.operators.webhooks import Webhook
    from ai_conformance.kube.resources import Resource

Object = dict[str, Any]


def new_name(ctx: Context, *, operator: Operator) -> str:
    """A name that nobody has; short, because operators lengthen it."""
    return f"aic-{ctx.session.chance.token_hex(4, of=operator.name)}"


@dataclasses.dataclass(kw_only=True)
class Story:
    """One operator, and what was seen of it."""

    ctx: Context
    operator: Operator
    trial: Trial
    sight: Sight
    hooks: Sequence[Webhook]
    """Its own, over its kind."""
    namespace: str
    """Ours."""
    base: str
    """Name of the object that dry runs are made with, and the beginning of its companions' names."""
    home: str = ""
    """Where its pods are."""
    restarts: Mapping[str, int] = dataclasses.field(default_factory=dict)
    """As they were in the beginning."""
    _is_complete: bool = False
    """Whether all that a sound object refers to has been made."""
    _patient_until: float = -math.inf
    """Until when a webhook that cannot be called is asked again (`clock.monotonic`)."""

    @property
    def title(self) -> str:
        """The operator's name for messages."""
        return self.operator.title

    def sample(self, name: str) -> Object:
        """A sound object of the operator's kind."""
        return self._filled(self.trial.object, name=name)

    def companions(self, name: str) -> list[Object]:
        """What an object of this name needs beside it."""
        return [self._filled(one, name=name) for one in self.trial.companions]

    def _filled(self, manifest: Mapping[str, object], *, name: str) -> Object:
        image = self.ctx.image("probe")
        return manifests.filled(manifest, name=name, namespace=self.namespace, image=image)

    # API

    async def registered(self, case: Case) -> None:
        """Its CRDs are established, their stored versions are served, and the API lists its objects."""
        resource = await self._served()
        if isinstance(resource, str):
            resource = await patience.newest(
                self._served_now,
                until=lambda seen: not isinstance(seen, str),
                timeout_s=self.ctx.seconds(waits.OPERATOR_READY),
                waiting_for=f"the API of {self.title}",
                interval_s=patience.SELDOM_S,
            )
        if isinstance(resource, str):
            raise outcomes.Failed(resource)
        await self.ctx.session.list(resource, self.namespace if resource.namespaced else None)
        version = controllers.stored_version(self.sight.definitions[self.operator.crd])
        names = ", ".join(self.operator.all_crds)
        case.observe(f"established and served: {names}; {self.operator.kind} is stored as {version}")

    async def _served(self, *, refresh: bool = False) -> Resource | str:
        """What its objects belong to, or in words what is wrong with its API."""
        definitions, names = self.sight.definitions, self.operator.all_crds
        wrong = [f"there is no CRD {name}" for name in names if name not in definitions]
        wrong += [said for name in names if name in definitions for said in controllers.unserved(definitions[name])]
        if wrong:
            return f"the API of {self.title} is not whole: {'; '.join(wrong)}"
        found = (await self.ctx.session.discover(refresh=refresh)).find(
            self.operator.group, self.operator.kind, version=str(self.trial.object["apiVersion"]).rpartition("/")[2]
        )
        return found or f"the CRD {self.operator.crd} is established, and discovery does not have it"

    async def _served_now(self) -> Resource | str:
        self.sight = await finding.definitions(self.ctx, before=self.sight)
        return await self._served(refresh=True)

    # Webhooks

    async def answers(self, case: Case) -> None:
        """Its webhooks have ready endpoints and a CA, and a sound object passes all of them (server dry run)."""
        await self._hooked()
        if not self.hooks:
            if self.operator.webhooks is Webhooks.OPTIONAL:
                await self._answered()
                raise outcomes.NotApplicable(self.without_webhooks())
            raise outcomes.Failed(
                f"no webhook of {self.title} is called when a {self.operator.kind} is created: no webhook "
                f"configuration of its own has a rule for {self.operator.plural} of {self.operator.group}"
            )
        if not self.validating():
            raise outcomes.Failed(f"{self.title} has no validating webhook over {self.operator.kind}: {self.hooks[0]}")
        for hook in self.hooks:
            await self._reachable(case, hook)
        denial = await self._answered()
        if denial is not None:
            raise self._unaccepted(denial, what=f"a sound {self.operator.kind} is not accepted (server dry run)")
        case.observe(f"a sound {self.operator.kind} passes {', '.join(one.name for one in self.hooks)}")

    async def _hooked(self) -> None:
        """Look at its webhooks again, for a while, if what was seen of them before its pods stood is not all right.

        An operator that has just been started makes their configuration itself, or fills in the CA.
        """
        if self._lacks_hooks():
            await patience.newest(
                self._hooked_now,
                until=lambda lacking: not lacking,
                timeout_s=self.ctx.seconds(waits.OPERATOR_READY),
                waiting_for=f"the webhook configurations of {self.title}",
                interval_s=patience.SELDOM_S,
            )

    async def _hooked_now(self) -> bool:
        self.sight = await finding.admission(self.ctx, before=self.sight)
        self.hooks = finding.own_webhooks(self.ctx, operator=self.operator, sight=self.sight)
        return self._lacks_hooks()

    def _lacks_hooks(self) -> bool:
        if not self.hooks:
            return self.operator.webhooks is not Webhooks.OPTIONAL
        return not self.validating() or any(_untrusted(one) for one in self.hooks)

    def validating(self) -> list[Webhook]:
        """Those of its webhooks that can refuse."""
        return [one for one in self.hooks if one.kind == webhooks.VALIDATING]

    def without_webhooks(self) -> str:
        """That it has none, and may."""
        return f"{self.title} runs without webhooks, which its release leaves out unless they are asked for"

    async def _reachable(self, case: Case, hook: Webhook) -> None:
        state = f"{hook} (failurePolicy {hook.failure_policy})"
        if hook.service is not None:
            namespace, name = hook.service
            wait_s = self.ctx.seconds(waits.WEBHOOK_ANSWERS)
            # EndpointSlices are written after a pod has said that it is ready.
            ready = await patience.newest(
                lambda: self._endpoints(namespace, name),
                until=bool,
                timeout_s=wait_s,
                waiting_for=f"{hook.where} to have a ready endpoint",
            )
            if not ready:
                raise outcomes.Failed(f"{state} calls {hook.where}, which has no ready endpoint after {wait_s:g} s")
            state += f" calls {hook.where}, ready at {', '.join(ready)}"
        if wrong := _untrusted(hook):
            raise outcomes.Failed(wrong)
        case.observe(state)

    async def _endpoints(self, namespace: str, name: str) -> list[str]:
        listed = await self.ctx.session.list(
            resources.ENDPOINT_SLICE, namespace, label_selector=f"kubernetes.io/service-name={name}"
        )
        return webhooks.ready_endpoints(listed.items, service=(namespace, name))

    async def _answered(self) -> Denial | None:
        """What is said of a sound object; what it refers to is made first. None where all of it is accepted."""
        self._be_patient(self.ctx.seconds(waits.WEBHOOK_ANSWERS))
        for one in self.companions(self.base):
            denial = await self._asked(one)
            if denial is not None:
                return denial
            await self.ctx.workspace.create(one)
        self._is_complete = True
        return await self._asked(self.sound)

    def _be_patient(self, seconds: float) -> None:
        self._patient_until = clock.monotonic() + seconds

    async def _asked(self, obj: Object) -> Denial | None:
        """As `tried_out`, with time for webhook servers that have just been started.

        Where there are several, one may answer while another, ready by its pod's word, does not listen yet. The time
        is counted from the first question: a webhook that goes on failing now and then is not waited for each time.
        """

        async def look() -> Denial | None:
            return await self.tried_out(obj)

        return await patience.newest(
            look,
            until=lambda seen: seen is None or seen.refuser is not Refuser.UNCALLED,
            timeout_s=max(0.0, self._patient_until - clock.monotonic()),
            waiting_for=f"the webhooks of {self.title}",
        )

    async def answers_again(self, *, wait_s: float) -> None:
        """After a restart: a sound object is accepted. Raises Failed with what is said instead."""
        self._be_patient(wait_s)
        denial = await self._asked(self.sound)
        if denial is not None:
            raise self._unaccepted(
                denial, what=f"after a restart of {self.title} a sound {self.operator.kind} is refused"
            )

    @property
    def sound(self) -> Object:
        """The object of dry runs."""
        return self.sample(self.base)

    async def tried_out(self, obj: Object) -> Denial | None:
        """What the server says of an object when nothing is stored; None where it is accepted.

        Raises `errors.Forbidden` where we are not allowed to ask, which says nothing of the operator.
        """
        try:
            await self.ctx.session.create(obj, dry_run=True)
        except errors.ApiError as error:
            denial = denials.read(error)
            if denial.refuser is Refuser.PERMISSION:
                raise
            return denial
        return None

    async def refuses(self, case: Case) -> None:
        """Each mistake that its webhook knows is refused by it (server dry run)."""
        if not self.hooks and self.operator.webhooks is Webhooks.OPTIONAL:
            raise outcomes.NotApplicable(self.without_webhooks())
        self._must_be_complete()
        own = {one.name for one in self.validating()}
        places = {(one.kind, one.configuration) for one in self.hooks}
        shared = {one.name for one in self.sight.hooks if (one.kind, one.configuration) not in places} & own
        by_schema, seen = [], []
        for refusal in self.trial.refusals:
            wrong = self._filled(manifests.changed(self.sound, refusal.changes), name=self.base)
            case.keep(f"refused-{refusal.field}.json", wrong)
            denial = await self._asked(wrong)
            said = denials.judge(denial, refusal=refusal, title=self.title, own=own, shared=shared)
            if said is None:
                by_schema.append(refusal.field)
            else:
                case.observe(said)
                seen.append(said)
        if not seen:
            raise outcomes.NotTested(
                f"{self.title}'s schema refuses what its webhook would ({', '.join(by_schema)}): nothing is known that "
                "only the webhook of this version refuses"
            )

    async def accepts(self, case: Case) -> None:
        """The same objects with the offending field mended are accepted (server dry run)."""
        self._must_be_complete()
        denial = await self._asked(self.sound)
        fields = ", ".join(one.field for one in self.trial.refusals) or "nothing wrong"
        if denial is not None:
            raise self._unaccepted(denial, what=f"a sound {self.operator.kind} is not accepted")
        case.observe(f"the same {self.operator.kind} with {fields} mended is accepted")

    def _must_be_complete(self) -> None:
        """A webhook may refuse a sound object for what it refers to and was not made: that is not its fault."""
        lacking = [str(one["kind"]) for one in self.companions(self.base)]
        if lacking and not self._is_complete:
            raise outcomes.Blocked(f"a {self.operator.kind} refers to {', '.join(lacking)}, which could not be made")

    def _unaccepted(self, denial: Denial, *, what: str) -> outcomes.Outcome:
        """Failed where the operator's own webhook is to blame; what another denies says nothing of the operator."""
        by_webhook = denial.refuser in (Refuser.WEBHOOK, Refuser.UNCALLED)
        if by_webhook and denial.name in {one.name for one in self.hooks}:
            return outcomes.Failed(f"{what}, by {self.title}'s own webhook: {denial}")
        return outcomes.Blocked(f"{what}, and not because of {self.title}'s webhook: {denial}")


def _untrusted(hook: Webhook) -> str | None:
    """Why the API server cannot trust who answers for a webhook; None where it may."""
    if hook.ca_bundle and (wrong := webhooks.wrong_ca(hook.ca_bundle)):
        return f"{hook} cannot be trusted: {wrong}"
    if hook.service is not None and not hook.ca_bundle:
        return f"{hook} calls {hook.where} and has no CA bundle, so nothing can vouch for it"
    return None
