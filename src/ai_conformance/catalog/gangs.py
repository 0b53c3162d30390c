"""How groups of pods are written for a scheduler, and how it says that a group cannot be placed: as data.

Values are templates: ``$group`` is the group's name, ``$queue`` its queue, ``$members`` their number (a number where it
is the whole value), ``$requests`` what one member asks for and ``$affinity`` its affinity, both as JSON.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, kw_only=True)
class Refusal:
    """A condition by which a group says that it cannot be placed."""

    type: str
    status: str = "True"
    conditions: str = "conditions"
    """The field of the group's status that it is in."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Grouping:
    """What makes pods a group for one scheduler."""

    scheduler: str
    """The members' ``spec.schedulerName`` where an installation has not changed it."""
    kind: str = ""
    """Of the group's object; empty where there is none, because members describe their group themselves."""
    spec: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Of the group's object."""
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Of the members."""
    annotations: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Of the members."""
    queue: str = "default"
    """The queue that a usual installation has."""
    refusal: Refusal | None = None
    """None where the group's object has no such condition; its members then say why they wait."""
    waiting_phases: tuple[str, ...] = ()
    """Phases of a group that waits, where there is no such condition."""
    holds_while_waiting: bool = False
    """Whether a waiting group keeps what is free for itself, so that beside it no ordinary pod shows what is free."""
