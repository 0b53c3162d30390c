"""What the check asks of a gang scheduler, whichever it is: make a group, recognise its members, read what it says."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ai_conformance.checks import outcomes

if TYPE_CHECKING:
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.gangs.capacity import Capacity
    from ai_conformance.checks.gangs.states import Refusal
    from ai_conformance.kube.resources import Resource

Object = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Membership:
    """What makes a pod a member of a group, on top of an ordinary pod of the same shape."""

    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    annotations: Mapping[str, str] = dataclasses.field(default_factory=dict)
    spec: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Adapter(Protocol):
    """One kind of gang scheduler in one cluster."""

    @property
    def name(self) -> str:
        """For a person."""

    @property
    def recognised_by(self) -> str:
        """How it was detected, for the evidence."""

    @property
    def tried(self) -> bool:
        """Whether this adapter has been tried on the real thing: one that has not blames nobody for silence."""

    @property
    def group_resource(self) -> Resource | None:
        """Where groups are objects of their own."""

    @property
    def made_of_members(self) -> bool:
        """Whether the scheduler makes the group's object itself, once all members are there."""

    @property
    def holds_while_waiting(self) -> bool:
        """Whether a waiting group keeps what is free for itself."""

    @property
    def caveat(self) -> str:
        """What its way of admission cannot promise; empty where it places groups as a whole."""

    def unfit(self, place: Capacity) -> str:
        """Why groups cannot be tried there with this scheduler; empty where they can."""

    async def settle(self, ctx: Context, place: Capacity, *, namespace: str) -> tuple[Adapter, Capacity]:
        """Make what groups on that place need: the adapter to use there, and how much of the place it may use.

        Raises an outcome where that cannot be had.
        """

    def manifests(self, name: str, namespace: str, *, members: int) -> Sequence[Object]:
        """The objects of a group that are made before its members."""

    def membership(self, group: str, *, members: int, pod: Object) -> Membership:
        """What makes pods of that shape members of the group."""

    def must_be_member(self, pod: Object, *, group: str) -> None:
        """See by a pod as the API server has kept it that it is a member. Raises an outcome where it is not."""

    def refusal(self, group: Object, *, members: Sequence[Object]) -> Refusal | None:
        """What the group says about not being placed, or None where it does not say so."""

    async def confirm(self, ctx: Context, *, members: int) -> bool:
        """See that a refusal of so many members was for what is free, and not by a quota. Raises Blocked.

        False where that holds now, and did not for a moment: the group has to be watched anew.
        """


def blame(adapter: Adapter, what: str) -> outcomes.Outcome:
    """Failed for what was seen; NotTested where an adapter that was never tried may be at fault itself."""
    if adapter.tried:
        return outcomes.Failed(what)
    return outcomes.NotTested(
        f"{what}; {adapter.name} was recognised ({adapter.recognised_by}), but this version's adapter for it was "
        "written from documentation and never tried on the real thing, so it may be the adapter's fault"
    )
