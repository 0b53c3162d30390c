"""A gang scheduler that the catalog describes: where schedulers differ by names alone, no code differs."""

from __future__ import annotations

import dataclasses
import json
import string
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.catalog.entries import Tried
from ai_conformance.checks.gangs.adapters import Membership
from ai_conformance.checks.gangs.states import Refusal
from ai_conformance.kube import pods

if TYPE_CHECKING:
    from ai_conformance.catalog import GangScheduler
    from ai_conformance.catalog.gangs import Grouping
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.gangs.capacity import Capacity
    from ai_conformance.checks.gangs.options import GangOptions
    from ai_conformance.kube.resources import Resource

Object = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Described:
    """Writes groups and reads what is said of them by the names that the catalog has."""

    entry: GangScheduler
    grouping: Grouping
    group_resource: Resource | None
    recognised_by: str
    options: GangOptions
    made_of_members: bool = False
    caveat: str = ""

    @property
    def name(self) -> str:
        """For a person."""
        return self.entry.title

    @property
    def tried(self) -> bool:
        """As the catalog has it."""
        return self.entry.tried is not Tried.NONE

    @property
    def holds_while_waiting(self) -> bool:
        """As the catalog has it."""
        return self.grouping.holds_while_waiting

    def unfit(self, place: Capacity) -> str:
        """Nowhere, as far as is known: they are schedulers and place whatever pods ask for."""
        return ""

    async def settle(self, ctx: Context, place: Capacity, *, namespace: str) -> tuple[Described, Capacity]:
        """Nothing has to be made, and all of the place may be used."""
        return self, place

    async def confirm(self, ctx: Context, *, members: int) -> bool:
        """A scheduler refuses for what is free; what else its queues limit is not known here."""
        return True

    def manifests(self, name: str, namespace: str, *, members: int) -> Sequence[Object]:
        """The group's object, where there is one."""
        if self.group_resource is None:
            return ()
        fill = self._filling(name, members=members)
        spec = {key: members if value == "$members" else fill(value) for key, value in self.grouping.spec.items()}
        return (
            {
                "apiVersion": self.group_resource.api_version,
                "kind": self.grouping.kind,
                "metadata": {"name": name, "namespace": namespace},
                "spec": spec,
            },
        )

    def membership(self, group: str, *, members: int, pod: Object) -> Membership:
        """Labels, annotations, and the scheduler's name."""
        fill = self._filling(group, members=members, pod=pod)
        return Membership(
            labels={**{key: fill(value) for key, value in self.grouping.labels.items()}, **self.options.labels},
            annotations={key: fill(value) for key, value in self.grouping.annotations.items()},
            spec={"schedulerName": self.options.pod_scheduler or self.grouping.scheduler},
        )

    def must_be_member(self, pod: Object, *, group: str) -> None:
        """Labels and annotations are kept by every API server: there is nothing to see before the scheduler acts."""

    def refusal(self, group: Object, *, members: Sequence[Object]) -> Refusal | None:
        """The group's condition; where it has none, its phase or its own silence with the words of its members."""
        told = self.grouping.refusal
        status = group.get("status", {})
        if told is not None:
            for one in status.get(told.conditions, ()):
                if (one.get("type"), one.get("status")) == (told.type, told.status):
                    return Refusal(reason=one.get("reason", told.type), message=one.get("message", ""))
            return None
        phase = str(status.get("phase", ""))
        if self.group_resource is not None and phase not in self.grouping.waiting_phases:
            return None
        said = next((why for pod in members if (why := pods.unschedulable_reason(pod))), None)
        return Refusal(reason=phase or "Unschedulable", message=said) if said else None

    def _filling(self, group: str, *, members: int, pod: Object | None = None) -> Any:
        spec = (pod or {}).get("spec", {})
        values = {
            "group": group,
            "members": members,
            "queue": self.options.queue or self.grouping.queue,
            "requests": json.dumps(requests(pod or {})),
            "affinity": json.dumps(spec.get("affinity", {})),
        }
        return lambda template: string.Template(template).substitute(values)


def requests(pod: Object) -> dict[str, str]:
    """What a pod of one container asks for; an extended resource's limit is its request (API reference, Container)."""
    asked: dict[str, str] = {}
    for container in pod.get("spec", {}).get("containers", ()):
        resources = container.get("resources", {})
        asked |= {**resources.get("limits", {}), **resources.get("requests", {})}
    return asked
