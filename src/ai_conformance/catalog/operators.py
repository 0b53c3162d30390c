"""What the catalog says of operators: controllers with custom resources, and how each can be tried.

An object of the API is written as data. In it a text that is a placeholder stands for what only the run knows:

    {name}       the name of the object that is tried, or the beginning of another's
    {namespace}  the check's own namespace
    {service}    the spec of a pod that serves until it is deleted, as a value of its own
    {task}       the same, of a pod that is not started anew when it has ended
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from ai_conformance.catalog.entries import Tried

Manifest = Mapping[str, object]
PLACEHOLDERS = ("{service}", "{task}")


class Webhooks(enum.StrEnum):
    """Whether an operator comes with admission webhooks."""

    ALWAYS = "always"
    OPTIONAL = "optional"
    """Its release leaves them out unless they are asked for."""


class Observed(enum.StrEnum):
    """Where an operator writes the generation that it has seen."""

    NOWHERE = "nowhere"
    STATUS = "status"
    CONDITION = "condition"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Change:
    """A field of an object and what becomes of it."""

    path: str
    """JSON pointer (RFC 6901)."""
    value: object = None
    """Left out: the field is taken away."""

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise ValueError(f"{self.path!r} is no JSON pointer; it begins with '/', such as /spec/replicas")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Refusal:
    """A mistake that the schema accepts and only the operator's own webhook refuses."""

    field: str
    """The offending field, as a person would name it."""
    changes: tuple[Change, ...]
    """What makes the sound object offend."""
    says: str
    """A part of the denial that no other webhook over the same kind can give."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Child:
    """A kind of objects that the controller makes, with the tried object as their owner."""

    api_version: str
    kind: str
    count: int = 1
    """How many there are of it for the sound object."""
    comes_back: bool = False
    """Whether one that is deleted is made anew; it is tried with the first such kind."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Condition:
    """A condition that the controller writes on the sound object by itself."""

    type: str
    status: str = "True"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Update:
    """A change of the sound object, and how it is seen that the controller has followed."""

    change: Change
    kind: str = ""
    """Of the children that follow."""
    count: int | None = None
    """How many there are afterwards."""
    field: Change | None = None
    """A field that each of them has afterwards."""
    condition: Condition | None = None
    """A condition of the object itself."""

    def __post_init__(self) -> None:
        if not (self.condition or (self.kind and (self.count or self.field))):
            raise ValueError("an update is seen by a condition, or by count or field of a kind; neither is there")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trial:
    """How an operator is tried."""

    object: Manifest
    """A sound object of the operator's kind."""
    companions: tuple[Manifest, ...] = ()
    """Objects that have to be there first, in this order."""
    refusals: tuple[Refusal, ...] = ()
    children: tuple[Child, ...] = ()
    condition: Condition | None = None
    observed_generation: Observed = Observed.NOWHERE
    update: Update | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Operator:
    """A controller with custom resources. One without a trial is known by name and cannot be judged."""

    name: str
    title: str
    group: str
    kind: str
    """The kind that is tried, and by whose CRD the operator is found."""
    plural: str
    versions: tuple[str, ...] = ()
    """Those that the trial's object is written for, the newest first."""
    crds: tuple[str, ...] = ()
    """Names of further CRDs that belong to it."""
    pod_labels: tuple[str, ...] = ()
    """``key=value``, any of which tells a pod of its controller."""
    images: tuple[str, ...] = ()
    """Last parts of image names without tag, any of which tells such a pod."""
    webhooks: Webhooks = Webhooks.ALWAYS
    trial: Trial | None = None
    source: str
    tried: Tried

    def __post_init__(self) -> None:
        if self.trial is not None and not (self.versions and (self.pod_labels or self.images)):
            raise ValueError(f"{self.name} has a trial, which needs versions, and pod_labels or images")

    @property
    def crd(self) -> str:
        """Name of the CRD of the kind that is tried."""
        return f"{self.plural}.{self.group}"

    @property
    def all_crds(self) -> tuple[str, ...]:
        """Names of all its CRDs; the tried kind's is the first."""
        return (self.crd, *self.crds)


@dataclasses.dataclass(frozen=True, kw_only=True)
class OperatorWord:
    """A word in the name of a CRD or its group which tells that an operator for AI may be behind it."""

    name: str
    source: str
