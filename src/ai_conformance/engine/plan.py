"""What a run would do on this cluster, decided before anything is created; `run` executes exactly this."""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ai_conformance.checks import registry
from ai_conformance.model.records import PlannedRecord

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.checks.metadata import ApiUse, CheckMetadata
    from ai_conformance.model.releases import Release
    from ai_conformance.model.requirements import Level, Requirement


PREREQUISITE = "dra_support"


class Action(enum.StrEnum):
    """What happens to a requirement in a run."""

    RUN = "run"
    SKIP = "skip"
    NOT_AUTOMATED = "not automated"


class NothingSelected(Exception):  # noqa: N818 - reads as what happened
    """The user's selection matches no requirement or test."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Item:
    """One requirement of the plan."""

    requirement: Requirement
    level: Level | None
    """None where the checklist of the release does not have it, as a prerequisite that is run all the same."""
    action: Action
    reason: str
    check: CheckMetadata | None

    @property
    def level_name(self) -> str:
        """The level as reports write it."""
        return self.level.value if self.level else "-"

    @property
    def artifact(self) -> str | None:
        """The top-level test name: the check's own, else the one the program names."""
        return self.check.artifact if self.check else self.requirement.artifact


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """The whole of it, in the order of the checklist."""

    release: Release
    items: tuple[Item, ...]
    disruptive: bool = False
    """Whether the user consents to restarts of what was there before."""
    pull_secret: bool = False
    """Whether the user gives credentials for images."""

    @property
    def running(self) -> tuple[Item, ...]:
        """What is executed."""
        return tuple(item for item in self.items if item.action is Action.RUN)

    @property
    def records(self) -> tuple[PlannedRecord, ...]:
        """The plan as the run's record keeps it."""
        return tuple(
            PlannedRecord(requirement=item.requirement.id, action=item.action.value, reason=item.reason)
            for item in self.items
        )

    @property
    def images(self) -> tuple[str, ...]:
        """Names of the images needed."""
        return tuple(sorted({name for item in self.running if item.check for name in item.check.images}))

    @property
    def uses(self) -> tuple[ApiUse, ...]:
        """The API verbs needed, those of the run itself included."""
        return tuple(dict.fromkeys(use for _, use in self.uses_by_requirement))

    @property
    def uses_by_requirement(self) -> tuple[tuple[str, ApiUse], ...]:
        """(requirement, use) of each check that runs; what the run itself needs has no requirement."""
        common = registry.COMMON_USES + (registry.PULL_SECRET_USES if self.pull_secret else ())
        found = [("", use) for use in common]
        for item in self.running:
            if item.check:
                of_check = item.check.all_uses + (item.check.disruptive_uses if self.disruptive else ())
                found += [(item.requirement.id, use) for use in of_check]
        return tuple((requirement, _cleaned_up(use)) for requirement, use in found)


def _cleaned_up(use: ApiUse) -> ApiUse:
    """What is deleted is watched until it is gone; what we made is looked up by name where nobody answered."""
    if "delete" not in use.verbs:
        return use
    own = ("get",) if "create" in use.verbs else ()
    return dataclasses.replace(use, verbs=tuple(dict.fromkeys((*use.verbs, *own, "list", "watch"))))


def make(
    catalog: Catalog,
    *,
    release: Release,
    requirements: Sequence[str] = (),
    skip: Sequence[str] = (),
    pattern: re.Pattern[str] | None = None,
    disruptive: bool = False,
    pull_secret: bool = False,
) -> Plan:
    """Decide for each requirement of the release.

    `requirements` names the ids to run, of other releases too. Empty is all of the release, and dra_support where its
    checklist has that no more: what other checks see through DRA rests on it.
    `pattern` is upstream's ``--run``: it is searched in the test names. Raises NothingSelected.
    """
    wanted = [catalog.requirement(name) for name in requirements]
    unwanted = {catalog.requirement(name).id for name in skip}
    entries = list(catalog.requirements(release))
    beside = wanted or [one for one in (catalog.requirement(PREREQUISITE),) if registry.get(one.id)]
    extra = [one for one in beside if one not in entries]
    items = [
        _decide(entry, release=release, wanted=wanted, unwanted=unwanted, pattern=pattern)
        for entry in (*entries, *extra)
    ]
    if not any(item.action is Action.RUN for item in items) and (wanted or pattern):
        names = ", ".join(item.artifact for item in items if item.check and item.artifact)
        what = (
            f"--run {pattern.pattern!r} matches no test"
            if pattern
            else "none of the named requirements is automated yet"
        )
        raise NothingSelected(f"{what}; automated tests are: {names}")
    return Plan(release=release, items=tuple(items), disruptive=disruptive, pull_secret=pull_secret)


def _decide(
    entry: Requirement,
    *,
    release: Release,
    wanted: Sequence[Requirement],
    unwanted: set[str],
    pattern: re.Pattern[str] | None,
) -> Item:
    found = registry.get(entry.id)
    level = entry.level_in(release)
    artifact = found.artifact if found else entry.artifact
    left_out = entry.id in unwanted or (bool(wanted) and entry not in wanted)
    unmatched = pattern is not None and not (artifact and pattern.search(artifact))
    if left_out or unmatched:
        reason = "left out by the user" if left_out else "its test name does not match --run"
        action = Action.SKIP
    elif found is None:
        action, reason = Action.NOT_AUTOMATED, "not automated yet: a person has to attest"
    else:
        action, reason = Action.RUN, found.summary
    return Item(requirement=entry, level=level, action=action, reason=reason, check=found)
