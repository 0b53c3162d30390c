"""What a check's case may say instead of passing.

    Outcome
    ├── Failed          the platform was observed to do the wrong thing
    ├── Blocked         a prerequisite is missing
    ├── NotApplicable   the requirement's own condition does not hold
    ├── NotTested       the platform offers something that this version cannot judge
    └── Skipped         the user left it out

Trouble with the API is the other axis, `ai_conformance.kube.errors`; what is neither is a bug of the tool.
"""

from __future__ import annotations

from typing import ClassVar

from ai_conformance.model.verdicts import Verdict


class Outcome(Exception):  # noqa: N818 - an outcome is no error; it is named for what it says
    """The end of a case, with one sentence that names the object and what was seen."""

    verdict: ClassVar[Verdict]

    def __init__(self, reason: str, *, next_step: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.next_step = next_step


class Failed(Outcome):
    """The platform was observed to do the wrong thing."""

    verdict = Verdict.FAIL


class Blocked(Outcome):
    """A prerequisite is missing; nothing was learnt about the platform."""

    verdict = Verdict.BLOCKED


class NotApplicable(Outcome):
    """The requirement's own condition does not hold; the reason carries the observation that shows it."""

    verdict = Verdict.NOT_APPLICABLE


class NotTested(Outcome):
    """The platform offers something that this version cannot judge; the reason says what was seen."""

    verdict = Verdict.NOT_TESTED


class Skipped(Outcome):
    """The user left it out; the reason says how to have it done."""

    verdict = Verdict.SKIPPED
