"""One kind of accelerator in one pool: demand, the node that comes for it, its use, and its going."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import holding, outcomes, waits
from ai_conformance.checks.inventory import Mechanism
from ai_conformance.checks.inventory.facts import is_usable
from ai_conformance.checks.scaling import attribution, demand, nodes, reasons
from ai_conformance.checks.scaling.attribution import Statement
from ai_conformance.kube import clock, errors, pods
from ai_conformance.kube.pods import Phase

if TYPE_CHECKING:
    from ai_conformance.checks.context import Case, Context
    from ai_conformance.checks.inventory import Supply
    from ai_conformance.checks.scaling.pools import Pool
    from ai_conformance.checks.scaling.view import View
    from ai_conformance.kube.mirror import Mirror

Object = Mapping[str, Any]


@dataclasses.dataclass(kw_only=True)
class Story:
    """What happens for one pod too many."""

    ctx: Context
    pool: Pool
    supply: Supply
    namespace: str
    view: View
    before: nodes.Before
    old_claims: frozenset[str]
    """UIDs of claims that were there before the demand."""
    pod: Object | None = None
    """The demand."""
    pod_uid: str = ""
    """Remembered when the pod has gone: events still tell of it."""
    came: Object | None = None
    waited: bool = False
    """Whether the node that came was given its time to go."""

    @property
    def up_s(self) -> float:
        """How long a node may take to come."""
        return self.ctx.options.autoscaler_scale_up_s or self.ctx.seconds(waits.NODE_ADDED)

    @property
    def down_s(self) -> float:
        """How long it may take to go."""
        return self.ctx.options.autoscaler_scale_down_s or self.ctx.seconds(waits.NODE_REMOVED)

    def joined(self) -> list[Object]:
        """Nodes that the pool has now and had not before."""
        return self.before.joined(self.view.nodes.objects.values(), pool=self.pool)

    async def all_held(self, count: int) -> None:
        """So many pods of ours hold what was free. Raises Blocked where they cannot."""

        def look(view: Mirror) -> bool | None:
            for pod in view.objects.values():
                if stuck := pods.hopeless_reason(pod):
                    raise outcomes.Blocked(stuck)
            running = [pod for pod in view.objects.values() if pods.phase(pod) is Phase.RUNNING]
            return True if len(running) >= count else None

        try:
            await self.view.pods.until(
                look, timeout_s=self.ctx.seconds(waits.POD_RUNNING), waiting_for="pods that hold what is free"
            )
        except errors.TimedOut as late:
            reasons = [reason for pod in self.view.pods.objects.values() if (reason := pods.stuck_reason(pod))]
            raise outcomes.Blocked(
                f"what is free in {self.pool} cannot be held by pods of this check: {'; '.join(reasons) or late.last}"
            ) from late

    async def ask(self, case: Case, *, manifest: Object) -> None:
        """Make the pod that is one too many; it is pending for want of an accelerator. Raises Blocked where not."""
        self.pod = await self.ctx.workspace.create(manifest)
        self.pod_uid = self.pod["metadata"]["uid"]
        changed = reasons.altered(manifest, self.pod)
        if changed:
            raise outcomes.Blocked(f"somebody changes pods on their way in, and what is pending is another: {changed}")
        name = self.pod["metadata"]["name"]

        def look(_: Mirror) -> tuple[str, str] | None:
            pod = self.view.pods.get(name) or {}
            for word, said in (
                ("node", pods.node_name(pod)),
                ("gate", reasons.gate(pod)),
                ("reason", pods.unschedulable_reason(pod)),
            ):
                if said:
                    return word, said
            return None

        word, said = await self.view.pods.until(
            look, timeout_s=self.ctx.seconds(waits.REFUSAL_SEEN), waiting_for="a pod that is one too many to be refused"
        )
        if word == "node":
            raise outcomes.Blocked(
                f"{self.pool} has no free {self.supply.name} by what the API says, and yet the pod was placed on {said}"
            )
        if word == "gate":
            raise outcomes.Blocked(f"the pod is pending, and not for want of an accelerator: {said}")
        members = [node for node in self.before.nodes.values() if self.pool.has(node) and is_usable(node)]
        other = reasons.another_reason(said, supply=self.supply, pool=len(members))
        if other:
            raise outcomes.Blocked(f"the pod is pending, and not for want of an accelerator: {other}")
        why = f"no {self.supply.name} is free there" if members else "the pool has no node"
        case.observe(f"pod {name} for {self.pool} is unschedulable, for {why}: {said}")

    async def node_comes(self, case: Case) -> None:
        """A node of the pool joins, is ready, and exposes the accelerator. Raises Failed with what was seen instead."""
        end = clock.monotonic() + self.up_s
        node = await self._stage(
            self._joined_one, end=end, mirror=self.view.nodes, otherwise=lambda: "no node joined the pool"
        )
        self.came = node
        case.observe(f"node {nodes.name(node)} joined, UID {nodes.uid(node)}")
        await self._stage(
            lambda _: True if is_usable(self._now()) else None,
            end=end,
            mirror=self.view.nodes,
            otherwise=lambda: f"node {nodes.name(node)} joined and is {nodes.describe(self._now())}",
        )
        by_slices = self.supply.mechanism is Mechanism.DRA and self.view.slices is not None
        await self._stage(
            lambda _: True if self._count() else None,
            end=end,
            mirror=self.view.slices if by_slices and self.view.slices else self.view.nodes,
            otherwise=lambda: (
                f"node {nodes.name(node)} joined and is ready, and exposes no {self.supply.name}, which the pod waits "
                f"for: it exposes {nodes.exposed(self._now(), slices=self.view.all_slices())}"
            ),
        )
        case.keep("node.json", self._now())
        case.observe(f"node {nodes.name(node)} joined {self.pool} and exposes {self._count()} {self.supply.name}")

    def _joined_one(self, _: Mirror) -> Object | None:
        mine = self.joined()
        self._within_bound(mine)
        return mine[0] if mine else None

    def _within_bound(self, mine: Sequence[Object]) -> None:
        allowed = self.ctx.options.max_extra_nodes
        if len(mine) > allowed:
            names = ", ".join(map(nodes.name, mine))
            raise outcomes.Failed(
                f"{len(mine)} nodes joined {self.pool} for one pod ({names}); --max-extra-nodes allows {allowed}"
            )

    async def _stage(self, look: Any, *, end: float, mirror: Mirror, otherwise: Any) -> Any:
        def within(view: Mirror) -> Any:
            self._within_bound(self.joined())
            return look(view)

        left_s = max(0.1, end - clock.monotonic())
        try:
            return await mirror.until(within, timeout_s=left_s, waiting_for=f"a node of {self.pool}")
        except errors.TimedOut as late:
            said = attribution.words(self.statements())
            raise outcomes.Failed(
                f"a pod of {self.pool} waits for {self.supply.name} since {self.up_s:g} s: {otherwise()}; {said}"
            ) from late

    def _now(self) -> Object:
        """The node that came, as it is."""
        assert self.came is not None
        return self.view.nodes.get(nodes.name(self.came)) or self.came

    def _count(self) -> int:
        return nodes.offers(self._now(), supply=self.supply, slices=self.view.all_slices())

    def statements(self) -> list[Statement]:
        """What each autoscaler says of the pod, and of machines that it has begun since."""
        events = [one for one in self.view.events.objects.values() if one["involvedObject"].get("uid") == self.pod_uid]
        new = {
            one.name: [obj for obj in mirror.objects.values() if obj["metadata"]["uid"] not in self.old_claims]
            for one, mirror in self.view.claims
        }
        return [Statement(autoscaler=one, events=events, claims=new.get(one.name, ())) for one in self.view.autoscalers]

    async def attributed(self, case: Case) -> None:
        """An autoscaler owns the node up. Raises Failed where none does."""
        name = nodes.name(self._now())
        said = await self._owned_up(name)
        case.keep("events.json", [event for one in self.statements()[:1] for event in one.events])
        case.keep("claims.json", [claim for one in self.statements() for claim in one.claims])
        if said is None:
            raise outcomes.Failed(
                f"node {name} joined {self.pool}, and no autoscaler says that it has added it: "
                f"{attribution.words(self.statements())}"
            )
        case.observe(said)

    async def _owned_up(self, node: str) -> str | None:
        """The sentence of the autoscaler that has added a node; it may be said a moment after the node is ready."""
        spoken = self.view.claims[0][1] if self.view.claims else self.view.events
        try:
            return await spoken.until(
                lambda _: attribution.owned_up(self.statements(), node=node),
                timeout_s=self.ctx.seconds(waits.REFUSAL_SEEN),
                waiting_for="an autoscaler to own a node up",
            )
        except errors.TimedOut:
            return None

    async def used(self, case: Case) -> None:
        """The pod runs on the node that came and sees one device. Raises Failed where not."""
        assert self.pod is not None
        name, node = self.pod["metadata"]["name"], nodes.name(self._now())

        def look(_: Mirror) -> Object | None:
            pod = self.view.pods.get(name) or {}
            stuck = pods.hopeless_reason(pod) if pod else None
            if stuck:
                raise outcomes.Blocked(stuck)
            return pod if pod and pods.phase(pod) is Phase.RUNNING else None

        wait_s = self.ctx.seconds(waits.POD_RUNNING)
        try:
            pod = await self.view.pods.until(look, timeout_s=wait_s, waiting_for="a pod on the node that came")
        except errors.TimedOut as late:
            last = self.view.pods.get(name)
            if last and (stuck := pods.stuck_reason(last)):
                raise outcomes.Blocked(stuck) from late
            why = pods.unschedulable_reason(last or {})
            raise outcomes.Failed(
                f"node {node} is ready with {self._count()} {self.supply.name}, and after {wait_s:g} s the pod that "
                f"waits for one does not run: {why or late.last}"
            ) from late
        if pods.node_name(pod) != node:
            raise outcomes.Failed(f"node {node} joined for the pod, which runs on {pods.node_name(pod)}")
        vendor = self.supply.vendor
        assert vendor is not None
        seen = await holding.look(
            self.ctx, namespace=self.namespace, pod=name, container=demand.CONTAINER, vendor=vendor
        )
        wrong = holding.trouble(seen)
        if wrong:
            raise outcomes.Failed(f"the pod runs on {node}, {wrong}")
        case.observe(f"pod {name} runs on {node} and sees {seen.devices[0]}")

    async def node_goes(self, case: Case) -> None:
        """Without the pod the Node object goes. Raises Failed with how the node is where it stays."""
        node = self._now()
        await self.withdraw()
        begun = clock.monotonic()
        self.waited = True
        if not await self._gone([nodes.uid(node)]):
            raise outcomes.Failed(
                f"nothing needs node {nodes.name(node)} since {self.down_s:g} s, and its Node object is still there: "
                f"{nodes.describe(self._now())}; {attribution.words(self.statements())}"
            )
        case.observe(f"the Node object {nodes.name(node)} went {clock.monotonic() - begun:.0f} s after its pod")

    async def withdraw(self) -> None:
        """Take the demand away."""
        pod, self.pod = self.pod, None
        if pod is not None:
            await self.ctx.workspace.delete(pod, timeout_s=self.ctx.seconds(waits.POD_GONE))

    async def _gone(self, uids: Sequence[str]) -> bool:
        def look(view: Mirror) -> bool | None:
            left = {nodes.uid(node) for node in view.objects.values()}
            return None if left.intersection(uids) else True

        try:
            await self.view.nodes.until(look, timeout_s=self.down_s, waiting_for=f"a node of {self.pool} to go")
        except errors.TimedOut:
            return False
        return True

    async def leave(self) -> None:
        """After a case that went wrong: no demand any more, and what the autoscaler has added is given time to go."""
        await self.withdraw()
        owned = [one for one in self.joined() if attribution.owned_up(self.statements(), node=nodes.name(one))]
        if owned and not self.waited:
            await self._gone([nodes.uid(node) for node in owned])
        if left := self.joined():
            self.ctx.note(
                f"left behind, for the autoscaler or a person to remove: node {', '.join(map(nodes.name, left))}"
            )
