"""An entry of the official checklist as facts: its id, its levels, its test name. The official text is not kept."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from ai_conformance.model.releases import Release


class Level(enum.StrEnum):
    """How binding a requirement is in a release."""

    MUST = "MUST"
    SHOULD = "SHOULD"


class Category(enum.StrEnum):
    """The sections of the checklist, as it spells them."""

    ACCELERATORS = "accelerators"
    NETWORKING = "networking"
    SCHEDULING = "schedulingOrchestration"
    OBSERVABILITY = "observability"
    SECURITY = "security"
    OPERATOR = "operator"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Requirement:
    """One requirement over all releases."""

    id: str
    title: str
    """In our words."""
    summary: str
    """In our words: what a platform has to do."""
    category: Category
    kar: int | None = None
    """Number of its proposal (KAR); None where it is older than these."""
    levels: Mapping[Release, Level]
    announced: Mapping[Release, Level] = dataclasses.field(default_factory=dict)
    """Levels of releases whose checklist is not out yet."""
    description_sha256: Mapping[Release, str]
    """Of the official text of each release, white space normalised."""
    condition: str = ""
    """Under which condition it applies, in our words; empty where it always does."""
    artifact: str | None = None
    """Top-level Go test name of the program."""
    artifact_proposed: bool = False
    """Whether that test is proposed and not merged yet."""
    subtests: tuple[str, ...] = ()

    def level_in(self, release: Release) -> Level | None:
        """The level in a release, announced ones included; None where the checklist does not have it."""
        return self.levels.get(release) or self.announced.get(release)
