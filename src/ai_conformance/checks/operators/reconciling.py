"""What a controller has to make of an object: children of its own, a status, and both again after a change."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

from ai_conformance.catalog.operators import Observed
from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.operators import manifests
from ai_conformance.kube import errors, pods, resources
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.session import PatchType, Propagation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from ai_conformance.catalog.operators import Child, Condition
    from ai_conformance.checks.context import Case
    from ai_conformance.checks.operators.story import Story

Object = dict[str, Any]


@dataclasses.dataclass(kw_only=True)
class Subject:
    """One object of an operator's kind while it exists, and a view of what is made of it."""

    story: Story
    made: Object
    itself: Mirror
    children: Mapping[str, Mirror]
    """By kind."""
    pods: Mirror

    @property
    def uid(self) -> str:
        """Of the object."""
        return str(self.made["metadata"]["uid"])

    @property
    def label(self) -> str:
        """For messages."""
        return f"{self.made['kind']} {self.made['metadata']['name']}"

    def now(self) -> Mapping[str, Any]:
        """The object as it is now."""
        metadata = self.made["metadata"]
        return self.itself.get(metadata["name"], metadata.get("namespace")) or self.made

    def owned(self, kind: str) -> list[Mapping[str, Any]]:
        """Its children of a kind."""
        return manifests.owned(self.children[kind].objects, self.uid)

    def _wait_s(self) -> float:
        return self.story.ctx.seconds(waits.RECONCILED)

    async def _until(
        self, view: Mirror, look: Callable[[], object], *, what: str, otherwise: Callable[[], str]
    ) -> None:
        """Wait in a view. Raises Failed with ``otherwise``; Blocked where pods cannot run, which is not its fault."""
        try:
            await view.until(lambda _: True if look() else None, timeout_s=self._wait_s(), waiting_for=what)
        except errors.TimedOut as late:
            raise outcomes.Failed(f"{otherwise()}, after {self._wait_s():g} s") from late

    def _stuck(self) -> list[str]:
        """Pods in our namespace that cannot run for a reason of images or room."""
        seen = self.pods.objects.values()
        return [said for pod in seen if (said := pods.stuck_reason(pod) or pods.unschedulable_reason(pod))]

    async def reconciled(self, case: Case) -> None:
        """The object is made; then come children of each kind that it owns, and a condition of the controller's own."""
        self.made = await self.story.ctx.workspace.create(self.made)
        for child in self.story.trial.children:
            await self._has(child)
            names = ", ".join(str(one["metadata"]["name"]) for one in self.owned(child.kind))
            case.observe(f"{self.label} (UID {self.uid}) owns {child.kind} {names}")
        if self.story.trial.condition is not None:
            await self._says(self.story.trial.condition)
        await self._observed()
        case.keep("object.json", dict(self.now()))
        case.observe(f"{self.label}: {manifests.status_said(self.now())}")

    async def _has(self, child: Child) -> None:
        view = self.children[child.kind]

        def otherwise() -> str:
            return (
                f"{self.story.title} has made {len(self.owned(child.kind))} of {child.count} {child.kind}(s) that "
                f"{self.label} owns{self._strays(child)}; {manifests.status_said(self.now())}"
            )

        await self._until(
            view,
            lambda: len(self.owned(child.kind)) == child.count,
            what=f"{self.story.title} to make {child.kind}s",
            otherwise=otherwise,
        )

    def _strays(self, child: Child) -> str:
        """Objects that look like children and have no owner."""
        name = str(self.made["metadata"]["name"])
        strays = [
            key[1]
            for key, one in self.children[child.kind].objects.items()
            if key[1].startswith(name) and not one["metadata"].get("ownerReferences")
        ]
        return f" (without any owner: {', '.join(sorted(strays))})" if strays else ""

    async def _says(self, wanted: Condition) -> None:
        what = f"{wanted.type}={wanted.status}"
        try:
            await self._until(
                self.itself,
                lambda: manifests.holds(self.now(), wanted),
                what=f"{self.story.title} to say {what}",
                otherwise=lambda: (
                    f"{self.story.title} does not write the condition {what} on {self.label}: "
                    f"{manifests.status_said(self.now())}"
                ),
            )
        except outcomes.Failed as failed:
            if stuck := self._stuck():
                raise outcomes.Blocked(f"{failed.reason}; its pods cannot run: {'; '.join(stuck)}") from failed
            raise

    async def _observed(self) -> None:
        """The generation that the controller says it has seen is the object's, where it says any."""
        where = self.story.trial.observed_generation
        if where is Observed.NOWHERE:
            return

        def seen() -> object:
            status = self.now().get("status") or {}
            if where is Observed.STATUS:
                return status.get("observedGeneration")
            wanted = self.story.trial.condition
            found = pods.condition(self.now(), wanted.type) if wanted else None
            return (found or {}).get("observedGeneration")

        await self._until(
            self.itself,
            lambda: seen() == self.now()["metadata"].get("generation"),
            what=f"{self.story.title} to have seen the newest generation",
            otherwise=lambda: (
                f"{self.label} is at generation {self.now()['metadata'].get('generation')}, and "
                f"{self.story.title} says that it has seen {seen()}"
            ),
        )

    async def comes_back(self, case: Case) -> None:
        """A child that is deleted is made anew, under another UID."""
        child = next((one for one in self.story.trial.children if one.comes_back), None)
        if child is None:
            raise outcomes.NotApplicable(f"{self.story.title} makes no objects of {self.made['kind']} that it repairs")
        victim = self.owned(child.kind)[0]["metadata"]
        resource = await self.story.ctx.session.resource_of({"apiVersion": child.api_version, "kind": child.kind})
        await self.story.ctx.session.delete(
            resource, victim["name"], victim["namespace"], uid=victim["uid"], propagation=Propagation.BACKGROUND
        )

        def back() -> bool:
            uids = [one["metadata"]["uid"] for one in self.owned(child.kind)]
            return len(uids) == child.count and victim["uid"] not in uids

        await self._until(
            self.children[child.kind],
            back,
            what=f"{self.story.title} to make {child.kind} {victim['name']} anew",
            otherwise=lambda: (
                f"{child.kind} {victim['name']} was deleted and {self.story.title} has not made it anew: "
                f"{self.label} owns {len(self.owned(child.kind))} of {child.count}"
            ),
        )
        again = ", ".join(f"{one['metadata']['name']}" for one in self.owned(child.kind))
        case.observe(f"{child.kind} {victim['name']} (UID {victim['uid']}) was deleted; there are {again} again")

    async def follows(self, case: Case) -> None:
        """After a change of the object, what is made of it is changed too."""
        update = self.story.trial.update
        if update is None:
            raise outcomes.NotApplicable(f"nothing is known that may be changed in a {self.made['kind']}")
        metadata = self.made["metadata"]
        await self.story.ctx.session.patch(
            await self.story.ctx.session.resource_of(self.made),
            metadata["name"],
            manifests.as_patch(update.change),
            metadata.get("namespace"),
            kind=PatchType.JSON,
        )
        done = f"{update.change.path} of {self.label} was set to {update.change.value}"
        if update.kind:
            path = update.field.path if update.field else ""
            wanted = f"{path} {update.field.value}" if update.field else f"{update.count} of them"

            def followed() -> bool:
                mine = self.owned(update.kind)
                counted = update.count is None or len(mine) == update.count
                return bool(mine) and counted and all(manifests.has(one, update.field) for one in mine if update.field)

            await self._until(
                self.children[update.kind],
                followed,
                what=f"{self.story.title} to follow an update",
                otherwise=lambda: (
                    f"{done}, and {self.story.title} did not follow: its {update.kind}s should have {wanted}; "
                    f"there are {', '.join(self._shown(update.kind, path)) or 'none'}"
                ),
            )
            done += f", and its {update.kind}s have {wanted}"
        if update.condition is not None:
            await self._says(update.condition)
            done += f", and it says {update.condition.type}={update.condition.status}"
        if update.condition is None or self.story.trial.observed_generation is not Observed.NOWHERE:
            await self._observed()
        case.observe(done)

    def _shown(self, kind: str, path: str) -> list[str]:
        return [
            f"{one['metadata']['name']}{f' with {manifests.at(one, path)}' if path else ''}" for one in self.owned(kind)
        ]

    async def goes(self, case: Case) -> None:
        """The object is deleted; it goes, and all its children go with it."""
        kinds = [child.kind for child in self.story.trial.children]
        uids = {kind: {one["metadata"]["uid"]: one for one in self.owned(kind)} for kind in kinds}
        wait_s = self._wait_s()
        try:
            await self.story.ctx.workspace.delete(self.made, timeout_s=wait_s)
        except errors.TimedOut as late:
            holding = ", ".join(self.now()["metadata"].get("finalizers") or ()) or "none"
            raise outcomes.Failed(
                f"{self.label} was deleted and is still there after {wait_s:g} s (finalizers: {holding})"
            ) from late
        for kind in kinds:
            await self._until(
                self.children[kind],
                lambda kind=kind: not self._left(kind, uids[kind]),  # type: ignore[misc]
                what=f"the {kind}s of a deleted object to go",
                otherwise=lambda kind=kind: (  # type: ignore[misc]
                    f"{self.label} was deleted, and of its children are left: {', '.join(self._left(kind, uids[kind]))}"
                ),
            )
        gone = (
            ", ".join(f"{len(some)} {kind}(s)" for kind, some in uids.items()) or "nothing else, as it had no children"
        )
        case.observe(f"{self.label} was deleted, and with it went {gone}")

    def _left(self, kind: str, uids: Mapping[str, Mapping[str, Any]]) -> list[str]:
        there = {one["metadata"]["uid"] for one in self.children[kind].objects.values()}
        return [f"{kind} {one['metadata']['name']}" for uid, one in uids.items() if uid in there]


@contextlib.asynccontextmanager
async def subject(story: Story, name: str) -> AsyncIterator[Subject]:
    """An object of the operator's kind that is not made yet, with a view of it and of what will be made of it."""
    session = story.ctx.session
    obj = story.sample(name)
    own = await session.resource_of(obj)
    async with contextlib.AsyncExitStack() as stack:
        children = {}
        for child in story.trial.children:
            resource = await session.resource_of({"apiVersion": child.api_version, "kind": child.kind})
            children[child.kind] = await stack.enter_async_context(
                Mirror.open(session, resource, namespace=story.namespace)
            )
        pods_there = await stack.enter_async_context(Mirror.open(session, resources.POD, namespace=story.namespace))
        namespace = story.namespace if own.namespaced else None
        itself = await stack.enter_async_context(
            Mirror.open(session, own, namespace=namespace, field_selector=f"metadata.name={name}")
        )
        yield Subject(story=story, made=obj, itself=itself, children=children, pods=pods_there)
