"""The node on which gangs are tried, and what can be done there: sentences for the check, with all waiting inside."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import grants, outcomes, waits
from ai_conformance.checks.gangs import members as shapes
from ai_conformance.checks.gangs import states
from ai_conformance.checks.inventory import Mechanism
from ai_conformance.checks.together import together
from ai_conformance.kube import errors, pods, resources

if TYPE_CHECKING:
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.gangs.adapters import Adapter
    from ai_conformance.checks.gangs.capacity import Capacity
    from ai_conformance.checks.waits import Wait
    from ai_conformance.kube.mirror import Mirror

Object = Mapping[str, Any]

_ONE_EACH_UP_TO = 8
"""More surplus units than this are held by one pod: a node takes about a hundred pods, and each costs a second."""
# Told again until the process has gone: a signal that comes before the shell has set its trap is lost.
_END = "(while kill -TERM 1 && sleep 1; do :; done) </dev/null >/dev/null 2>&1 &"


@dataclasses.dataclass(kw_only=True)
class Stage:
    """Pods and groups of one capacity. Names of its pods begin with `prefix`."""

    ctx: Context
    capacity: Capacity
    adapter: Adapter
    namespace: str
    pods: Mirror
    groups: Mirror
    prefix: str
    template: str | None = None
    live: dict[str, str] = dataclasses.field(default_factory=dict)
    """UIDs by the names of pods that were made and not removed, the surplus' holders left out."""
    holders: dict[str, str] = dataclasses.field(default_factory=dict)
    """The same of the pods that hold the surplus."""
    rosters: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    """The names of the pods of each gang, by the gang's name."""

    async def prepare(self, *, resource_api: str) -> None:
        """Make the template that members claim through, and hold the surplus."""
        supply = self.capacity.supply
        surplus = self.capacity.surplus
        many = surplus > _ONE_EACH_UP_TO
        if supply is not None and supply.mechanism is Mechanism.DRA:
            self.template = f"{self.prefix}-one"
            await self._template(self.template, count=1, api=resource_api)
            if many:
                await self._template(f"{self.prefix}-surplus", count=surplus, api=resource_api)
        if many:
            template = f"{self.prefix}-surplus" if self.template else None
            names = [await self._make("surplus", count=surplus, template=template)]
        else:
            names = await together(self._make(f"surplus-{index}") for index in range(surplus))
        await self.must_run(names, wait=waits.POD_RUNNING, what="pods that hold the surplus")
        self.holders, self.live = self.live, {}

    async def gang(self, name: str, *, members: int) -> list[str]:
        """Make a group and its pods; the names of the pods. An API server that drops the group is a failure."""
        group = self.group(name)
        for manifest in self.adapter.manifests(group, self.namespace, members=members):
            await self.ctx.workspace.create(manifest)
        membership = self.adapter.membership(group, members=members, pod=self._manifest(name))
        made = await together(
            self._make(f"{name}-{index}", membership=membership, group=group) for index in range(members)
        )
        self.rosters[name] = made
        return await self._seen_all(made)

    async def singles(self, name: str, *, count: int) -> list[str]:
        """Make ordinary pods, each of which asks for one unit; their names."""
        return await self._seen_all(await together(self._make(f"{name}-{index}") for index in range(count)))

    async def _seen_all(self, names: list[str]) -> list[str]:
        """Wait until new pods have reached the view: one that has not would be taken for one that is gone."""
        await self.pods.until(
            lambda _: True if len(self.seen(names)) == len(names) else None,
            timeout_s=self.ctx.seconds(waits.POD_GONE),
            waiting_for="new pods to be seen",
        )
        return names

    def group(self, name: str) -> str:
        """The name of a group's object."""
        return f"{self.prefix}-{name}"

    def seen(self, names: Iterable[str]) -> list[Object]:
        """What is known of the pods now; those that are not there are left out."""
        found = (self.pods.objects.get((self.namespace, name)) for name in names)
        return [pod for pod in found if pod is not None]

    def says(self, name: str) -> str:
        """What a group's object says about itself, for a person."""
        group = self._group_object(name)
        if group is None:
            return "the group is not there" if self.adapter.group_resource else "nothing (it is no object)"
        return states.conditions(group) or "nothing (it has no condition)"

    def refusal(self, name: str) -> states.Refusal | None:
        """Why a group cannot be placed, in its own words; None where it does not say so."""
        return self.adapter.refusal(self._group_object(name) or {}, members=self.seen(self.rosters[name]))

    def _group_object(self, name: str) -> Object | None:
        return self.groups.objects.get((self.namespace, self.group(name)))

    def pods_of_stage(self) -> list[Object]:
        """Its pods, for the evidence."""
        return [pod for (_, name), pod in sorted(self.pods.objects.items()) if name.startswith(f"{self.prefix}-")]

    def groups_of_stage(self) -> list[Object]:
        """Its groups, for the evidence."""
        return [one for (_, name), one in sorted(self.groups.objects.items()) if name.startswith(f"{self.prefix}-")]

    async def must_run(self, names: Sequence[str], *, wait: Wait, what: str) -> None:
        """Wait until all pods run. Raises Blocked for what cannot recover or does not come."""
        try:
            await self.all_running(names, wait=wait, what=what)
        except errors.TimedOut as late:
            raise outcomes.Blocked(
                f"{what} did not all run; {self.capacity} were expected; {self.say(names)}"
            ) from late

    async def all_running(self, names: Sequence[str], *, wait: Wait, what: str) -> None:
        """Wait until all pods run. Raises TimedOut, or Blocked for a pod that can never start."""

        def done(_: object) -> bool | None:
            seen = self.seen(names)
            self.none_may_be_stuck(names)
            return True if len(states.running(seen)) == len(names) else None

        try:
            await self.pods.until(done, timeout_s=self.ctx.seconds(wait), waiting_for=what)
        except errors.TimedOut:
            self.none_may_be_stuck(names, late=True)
            raise

    def none_may_be_stuck(self, names: Iterable[str], *, late: bool = False) -> None:
        """Raises Blocked for a pod that can never start, such as one that its node has turned away.

        When the wait is over, it is ``late`` for what the kubelet tries again as well: that is no scheduler's fault.
        """
        for pod in self.seen(names):
            reason = pods.stuck_reason(pod) if late else pods.hopeless_reason(pod)
            if reason:
                raise outcomes.Blocked(reason)

    async def has_room_for(self, count: int) -> bool:
        """Whether ordinary pods find the units that a gang did not get."""
        names = await self.singles("room", count=count)
        try:
            await self.all_running(names, wait=waits.POD_RUNNING, what="ordinary pods that show the free units")
        except (errors.TimedOut, outcomes.Blocked):
            return False
        return True

    async def end(self, names: Sequence[str]) -> None:
        """Tell the members to end and wait until all have succeeded."""
        session = self.ctx.session
        await together(
            session.exec(self.namespace, name, shapes.CONTAINER, ["sh", "-c", _END], timeout_s=30) for name in names
        )

        def done(_: object) -> bool | None:
            phases = [pod.get("status", {}).get("phase") for pod in self.seen(names)]
            if "Failed" in phases:
                raise outcomes.Failed(f"a member that was told to end has failed; {self.say(names)}")
            return True if phases == ["Succeeded"] * len(names) else None

        await self.pods.until(done, timeout_s=self.ctx.seconds(waits.COMPLETED), waiting_for="members to complete")

    async def remove(self, names: Sequence[str]) -> None:
        """Delete pods and wait until they are gone."""

        await together(
            self.ctx.session.delete(resources.POD, name, self.namespace, uid=self.live[name])
            for name in names
            if name in self.live
        )
        await self._disband(names)
        await self.pods.until(
            lambda _: True if not self.seen(names) else None,
            timeout_s=self.ctx.seconds(waits.POD_GONE),
            waiting_for="removed pods to be gone",
        )
        for name in names:
            self.live.pop(name, None)

    async def _disband(self, names: Sequence[str]) -> None:
        """Delete the groups of these pods where the scheduler made them, which keeps their pods until then."""
        resource = self.adapter.group_resource
        if resource is None or not self.adapter.made_of_members:
            return
        for gang, roster in self.rosters.items():
            group = self._group_object(gang)
            if group is not None and set(roster) <= set(names):
                metadata = group["metadata"]
                await self.ctx.session.delete(resource, metadata["name"], self.namespace, uid=metadata["uid"])

    async def clear(self) -> None:
        """Remove every pod but the holders of the surplus."""
        await self.remove(tuple(self.live))

    async def leave(self) -> None:
        """Remove every pod: whoever reserves the node next finds it as it was."""
        self.live |= self.holders
        self.holders = {}
        await self.clear()

    def say(self, names: Sequence[str]) -> str:
        """What is known of the pods, for a person."""
        return "; ".join(_sentence(pod) for pod in self.seen(names)) or "none of the pods is there"

    async def _template(self, name: str, *, count: int, api: str) -> None:
        assert self.capacity.supply is not None
        manifest = grants.claim_template(self.capacity.supply, name, self.namespace, count=count, api_version=api)
        await self.ctx.workspace.create(manifest)

    def _manifest(self, name: str, **how: Any) -> dict[str, Any]:
        template = how.pop("template", None) or self.template
        image = self.ctx.image("probe")
        return shapes.pod(self.capacity, f"{self.prefix}-{name}", self.namespace, image=image, template=template, **how)

    async def _make(self, name: str, *, group: str = "", **how: Any) -> str:
        made = await self.ctx.workspace.create(self._manifest(name, **how))
        full_name: str = made["metadata"]["name"]
        self.live[full_name] = made["metadata"]["uid"]
        if group:
            self.adapter.must_be_member(made, group=group)
        return full_name


def _sentence(pod: Object) -> str:
    name, node = pod["metadata"]["name"], pod["spec"].get("nodeName")
    phase = pod.get("status", {}).get("phase", "Unknown")
    why = pods.unschedulable_reason(pod)
    return f"{name} is {phase}" + (f" on {node}" if node else "") + (f" ({why})" if why else "")
