"""What a comparison of two runs finds, as data."""

from __future__ import annotations

import dataclasses
import enum

from ai_conformance.model.records import RunRecord
from ai_conformance.model.verdicts import ExitCode, Verdict


class Tendency(enum.StrEnum):
    """What a change of a verdict comes to."""

    WORSE = "worse"
    """Something is seen to be wrong that was not, or something that was there is not there any more."""
    UNKNOWN = "unknown"
    """It was judged before and is not any more: whether it got worse cannot be said."""
    BETTER = "better"
    CHANGED = "changed"
    """Not judged before, not judged now, for another reason."""
    NEW = "new"
    """Only the second run has it, and nothing wrong with it was seen."""
    GONE = "gone"
    """Only the first run has it, and the second was not to have it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Subject:
    """A requirement, or one of its cases."""

    requirement: str
    """Its id in the second run; in the first where the second has none."""
    level: str
    """In the second run; in the first where the second has none."""
    case: str = ""
    """Empty for the requirement itself."""
    variant: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Change:
    """A verdict that is not what it was."""

    subject: Subject
    before: Verdict | None
    """None where the first run does not have it."""
    after: Verdict | None
    """None where the second run does not have it."""
    reason: str
    """As recorded, of the second run where it has one; not escaped."""
    tendency: Tendency


@dataclasses.dataclass(frozen=True, kw_only=True)
class LevelChange:
    """A requirement that binds more or less than it did."""

    requirement: str
    before: str
    after: str
    verdict: Verdict
    """In the second run."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Renaming:
    """A requirement that has another id in the second run."""

    before: str
    after: str
    known_by: str
    """What the two have in common."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Timing:
    """Something that passed in both runs and took a different time, beyond noise."""

    subject: Subject
    before_s: float
    after_s: float

    @property
    def ratio(self) -> float:
        """How many times as long the second took."""
        return self.after_s / self.before_s if self.before_s else float("inf")

    @property
    def slower(self) -> bool:
        """Whether the second run took longer."""
        return self.after_s > self.before_s


@dataclasses.dataclass(frozen=True, kw_only=True)
class Circumstance:
    """Something that was not the same in both runs, and what that means for the rest."""

    name: str
    before: str
    after: str
    caution: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Comparison:
    """All that differs between two runs, the heaviest first in every list."""

    before: RunRecord
    after: RunRecord
    circumstances: tuple[Circumstance, ...]
    changes: tuple[Change, ...]
    levels: tuple[LevelChange, ...]
    renamings: tuple[Renaming, ...]
    timings: tuple[Timing, ...]
    untimed: str
    """Why durations are not compared; empty where they are."""
    obstacles: tuple[str, ...]
    """Why nothing or not all can be judged, as sentences."""
    same: int
    """How many requirements have the verdict that they had."""

    def of(self, tendency: Tendency) -> tuple[Change, ...]:
        """The changes of one tendency."""
        return tuple(one for one in self.changes if one.tendency is tendency)

    @property
    def exit_code(self) -> ExitCode:
        """What got worse outranks what cannot be judged, as everywhere; to be slower is not to be worse."""
        if self.of(Tendency.WORSE):
            return ExitCode.NOT_CONFORMANT
        if self.of(Tendency.UNKNOWN) or self.obstacles:
            return ExitCode.NOT_EVALUATED
        return ExitCode.OK
