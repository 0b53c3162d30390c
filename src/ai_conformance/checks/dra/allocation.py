"""A claim from a template, as the API records it and as a container sees it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import grants, outcomes, waits
from ai_conformance.checks.dra import records
from ai_conformance.checks.inventory import dra, taints
from ai_conformance.checks.together import together
from ai_conformance.kube import errors, pods, resources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_conformance.checks.context import Context
    from ai_conformance.checks.inventory import Device, Supply
    from ai_conformance.kube.mirror import Mirror
    from ai_conformance.kube.resources import Resource

Object = Mapping[str, Any]
_PREPARE_FAILED = "FailedPrepareDynamicResources"
"""The reason of the event by which a kubelet says that a driver did not prepare a claim (kubelet source)."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Site:
    """Where claims are tried: a namespace and what is seen of its pods and claims."""

    ctx: Context
    namespace: str
    claim: Resource
    pods: Mirror
    claims: Mirror

    async def pod(self, name: str, *, supply: Supply, selectors: Sequence[str] = ()) -> str:
        """Make a template and a pod on the supply's node that claims through it; both have the given name."""
        template = grants.claim_template(
            supply, name, self.namespace, selectors=selectors, api_version=self.claim.api_version
        )
        await self.ctx.workspace.create(template)
        image = self.ctx.image("probe")
        probe = grants.probe(name, self.namespace, image=image, supply=supply, template=name, node=supply.node)
        await self.ctx.workspace.create(probe)
        return name

    async def must_run(self, name: str, *, supply: Supply, candidates: Sequence[Device]) -> Object:
        """Wait until the pod runs on its node with one of the candidates.

        The platform's fault is Failed, anything else Blocked.
        """

        def running(_: object) -> Object | None:
            pod = self.pods.get(name)
            stuck = pod and pods.hopeless_reason(pod)
            if stuck:
                raise outcomes.Blocked(stuck)
            return pod if pod and pods.phase(pod) is pods.Phase.RUNNING else None

        timeout_s = self.ctx.seconds(waits.POD_RUNNING)
        try:
            return await self.pods.until(running, timeout_s=timeout_s, waiting_for=f"pod {name} to run")
        except errors.TimedOut as late:
            await self._why_not(name, supply=supply, candidates=candidates, late=late)
            raise

    async def _why_not(self, name: str, *, supply: Supply, candidates: Sequence[Device], late: errors.TimedOut) -> None:
        """A device that was free is not given, or the pod that has it is not started: both are seen in the API."""
        pod = self.pods.get(name)
        if pod is None:
            return
        reason = pods.unschedulable_reason(pod)
        if reason:
            claims = (await self.ctx.session.list(self.claim)).items
            taken = dra.allocated(claims)
            free = [one.name for one in candidates if (one.driver, one.pool, one.name) not in taken]
            if not free:
                wanted = ", ".join(one.name for one in candidates)
                raise outcomes.Blocked(f"pod {name} waits because {wanted} are not free any more: {reason}") from late
            found = await self.ctx.session.list(resources.NODE, field_selector=f"metadata.name={supply.node}")
            closed = turned_away(found.items, supply=supply)
            if closed:
                raise outcomes.Blocked(f"pod {name} waits because {closed}: {reason}") from late
            raise outcomes.Failed(
                f"of the devices that claim {self.claim_name(pod)} may have {', '.join(free)} are free, but it is not "
                f"allocated: {reason}"
            ) from late
        stuck = pods.stuck_reason(pod)
        if stuck:
            raise outcomes.Blocked(stuck) from late
        if pods.node_name(pod):
            selector = f"involvedObject.name={name},reason={_PREPARE_FAILED}"
            events = await self.ctx.session.list(resources.EVENT, self.namespace, field_selector=selector)
            said = [str(event.get("message", "")) for event in events.items]
            if said:
                raise outcomes.Failed(
                    f"the claim of pod {name} is allocated, but the driver on node {pods.node_name(pod)} did not "
                    f"prepare it within {late.after_s:g} s: {said[-1]}"
                ) from late

    def claim_name(self, pod: Object) -> str:
        """The name of the claim that was made for a pod, empty while there is none."""
        made = pod.get("status", {}).get("resourceClaimStatuses", ())
        return next((one.get("resourceClaimName", "") for one in made if one["name"] == grants.CLAIM), "")

    def claim_of(self, name: str) -> Object | None:
        """The claim that was made for the pod of that name, as far as both have been seen."""
        pod = self.pods.get(name)
        return self.claims.get(self.claim_name(pod)) if pod else None

    async def allocated(self, pod: Object) -> Object:
        """The pod's claim, allocated and reserved for it."""
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]

        def settled(_: object) -> Object | None:
            claim = self.claim_of(name)
            return claim if claim and records.devices(claim) and uid in records.reserved_for(claim) else None

        try:
            return await self.claims.until(
                settled,
                timeout_s=self.ctx.seconds(waits.CLAIM_ALLOCATED),
                waiting_for=f"the claim of {name} to be allocated",
            )
        except errors.TimedOut as late:
            raise outcomes.Failed(
                f"pod {name} runs, but its claim {self.claim_name(pod)} is not allocated and reserved for it "
                f"({late.last})"
            ) from late

    async def must_be_unschedulable(self, name: str) -> str:
        """Wait until the scheduler says why it cannot place the pod; its words. A pod that is placed is a failure."""

        def said(_: object) -> str | None:
            pod = self.pods.get(name)
            self._must_wait(name)
            return pods.unschedulable_reason(pod) if pod else None

        return await self.pods.until(
            said, timeout_s=self.ctx.seconds(waits.REFUSAL_SEEN), waiting_for=f"the scheduler to refuse pod {name}"
        )

    async def must_stay_unallocated(self, name: str) -> None:
        """Watch the pod and its claim for the whole window: neither a node nor a device is given."""
        seconds = self.ctx.seconds(waits.REFUSAL)
        watching_for = f"the claim of {name} to stay unallocated"

        def allocated(_: object) -> bool | None:
            self._must_wait(name)
            return None

        await together(
            mirror.throughout(allocated, seconds=seconds, watching_for=watching_for)
            for mirror in (self.pods, self.claims)
        )

    def _must_wait(self, name: str) -> None:
        pod, claim = self.pods.get(name), self.claim_of(name)
        if pod and pods.node_name(pod):
            raise outcomes.Failed(f"pod {name} was placed on node {pods.node_name(pod)} although it has to wait")
        if claim and records.devices(claim):
            found = ", ".join("/".join(one) for one in records.devices(claim))
            raise outcomes.Failed(f"the claim of pod {name} was allocated {found} although it has to wait")

    async def remove(self, name: str) -> None:
        """Delete a pod and wait until it is gone."""
        pod = self.pods.get(name)
        if pod is None:
            return
        await self.ctx.session.delete(resources.POD, name, self.namespace, uid=pod["metadata"]["uid"])
        timeout_s = self.ctx.seconds(waits.POD_GONE)
        gone = lambda _: True if self.pods.get(name) is None else None  # noqa: E731 - one line says it
        await self.pods.until(gone, timeout_s=timeout_s, waiting_for=f"pod {name} to be gone")


def turned_away(nodes: Sequence[Object], *, supply: Supply) -> str:
    """Why no pod of ours can be placed on a supply's node, whatever is free there; empty where that is not so."""
    found = next((one for one in nodes if one["metadata"]["name"] == supply.node), None)
    if found is None:
        return f"node {supply.node} has gone"
    if found.get("spec", {}).get("unschedulable"):
        return f"node {supply.node} was made unschedulable meanwhile"
    repelling = ", ".join(taints.untolerated(found, supply=supply))
    return f"node {supply.node} has the taint {repelling}, which keeps workloads away" if repelling else ""
