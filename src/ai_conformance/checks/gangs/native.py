"""The scheduler's own gangs: Workload and PodGroup of scheduling.k8s.io, which differ between minor versions.

Source: the API types of each release. v1alpha2 is Kubernetes 1.36, v1beta1 is 1.37; in both a pod names its group in
``spec.schedulingGroup.podGroupName``, and the group says in one condition whether it could be placed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes
from ai_conformance.checks.gangs.adapters import Membership
from ai_conformance.checks.gangs.states import Refusal

if TYPE_CHECKING:
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.gangs.capacity import Capacity
    from ai_conformance.kube.discovery import Discovery
    from ai_conformance.kube.resources import Resource

Object = dict[str, Any]

GROUP = "scheduling.k8s.io"
_TEMPLATE = "members"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Dialect:
    """What one version of the API calls things."""

    version: str
    condition: str
    """Type of the group's condition: True once all members were placed, False with a reason while they cannot be."""
    nested_reference: bool
    """Whether the reference to the Workload is wrapped once more, by the kind of what is referred to."""


_DIALECTS = {
    one.version: one
    for one in (
        Dialect(version="v1beta1", condition="PodGroupInitiallyScheduled", nested_reference=False),
        Dialect(version="v1alpha2", condition="PodGroupScheduled", nested_reference=True),
    )
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Native:
    """Makes groups through the scheduler's own API and reads what it says about them."""

    name: str = "the scheduler's own PodGroup"
    tried: bool = True
    made_of_members: bool = False
    holds_while_waiting: bool = False
    caveat: str = ""
    dialect: Dialect
    group_resource: Resource

    @property
    def recognised_by(self) -> str:
        """How it was detected, for the evidence."""
        return f"{GROUP}/{self.dialect.version} serves Workload and PodGroup"

    def unfit(self, place: Capacity) -> str:
        """Nowhere: the scheduler places whatever pods ask for."""
        return ""

    async def settle(self, ctx: Context, place: Capacity, *, namespace: str) -> tuple[Native, Capacity]:
        """Nothing has to be made, and all of the place may be used."""
        return self, place

    async def confirm(self, ctx: Context, *, members: int) -> bool:
        """A scheduler refuses for what is free; it knows no quota."""
        return True

    def manifests(self, name: str, namespace: str, *, members: int) -> Sequence[Object]:
        """The Workload and the PodGroup of `name`, all of whose members are placed or none."""
        policy = {"gang": {"minCount": members}}
        api_version = f"{GROUP}/{self.dialect.version}"
        metadata = {"name": name, "namespace": namespace}
        if self.dialect.nested_reference:
            reference = {"workload": {"workloadName": name, "podGroupTemplateName": _TEMPLATE}}
            refers: Object = {"podGroupTemplateRef": reference}
        else:
            refers = {"workloadRef": {"workloadName": name, "templateName": _TEMPLATE}}
        return (
            {
                "apiVersion": api_version,
                "kind": "Workload",
                "metadata": metadata,
                "spec": {"podGroupTemplates": [{"name": _TEMPLATE, "schedulingPolicy": policy}]},
            },
            {
                "apiVersion": api_version,
                "kind": "PodGroup",
                "metadata": dict(metadata),
                "spec": {**refers, "schedulingPolicy": policy},
            },
        )

    def membership(self, group: str, *, members: int, pod: Mapping[str, Any]) -> Membership:
        """A pod names its group."""
        return Membership(spec={"schedulingGroup": {"podGroupName": group}})

    def must_be_member(self, pod: Mapping[str, Any], *, group: str) -> None:
        """The API server has kept the pod's group; where the feature is off it drops the field. Raises Failed."""
        if pod["spec"].get("schedulingGroup", {}).get("podGroupName") != group:
            raise outcomes.Failed(
                f"the API server drops the group of pod {pod['metadata']['name']} (spec.schedulingGroup): "
                f"{self.recognised_by}, but pods cannot be members of a group"
            )

    def refusal(self, group: Mapping[str, Any], *, members: Sequence[Mapping[str, Any]] = ()) -> Refusal | None:
        """What the group says about not being placed, or None where it does not say so."""
        for condition in group.get("status", {}).get("conditions", ()):
            if condition["type"] == self.dialect.condition and condition["status"] == "False":
                return Refusal(reason=condition.get("reason", ""), message=condition.get("message", ""))
        return None


def detect(discovery: Discovery) -> Native | None:
    """The adapter where a version is served that it knows."""
    for version, dialect in _DIALECTS.items():
        groups = discovery.find(GROUP, "PodGroup", version=version)
        if groups is not None and discovery.find(GROUP, "Workload", version=version) is not None:
            return Native(dialect=dialect, group_resource=groups)
    return None
