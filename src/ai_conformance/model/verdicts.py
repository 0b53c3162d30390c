"""The closed set of verdicts, how several become one, and what they mean for the exit code of the command."""

from __future__ import annotations

import enum
from collections.abc import Iterable


class Verdict(enum.StrEnum):
    """What a check says about a requirement. A MUST is satisfied by PASS alone; nothing unknown ever turns green."""

    PASS = "PASS"
    """Every case that applies passed, controls included, and everything that was created is gone again."""
    FAIL = "FAIL"
    """The platform was observed to do the wrong thing."""
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """The requirement's own condition does not hold, with the observation that shows it."""
    NOT_TESTED = "NOT_TESTED"
    """The platform offers something that this version cannot judge; a person has to attest."""
    SKIPPED = "SKIPPED"
    """The user left it out."""
    BLOCKED = "BLOCKED"
    """A prerequisite is missing: no free accelerator, an image that cannot be pulled, no permission."""
    ERROR = "ERROR"
    """Could not observe: API trouble, a time-out of the tool's own, a bug."""


_WEIGHT = (
    # What was observed outranks what could not be observed; a gap outranks a success, so that no unknown turns green.
    Verdict.FAIL,
    Verdict.ERROR,
    Verdict.BLOCKED,
    Verdict.NOT_TESTED,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
    Verdict.SKIPPED,
)


def combine(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a whole from the verdicts of its parts; no parts at all is NOT_TESTED, never PASS."""
    found = set(verdicts)
    return next((verdict for verdict in _WEIGHT if verdict in found), Verdict.NOT_TESTED)


class ExitCode(enum.IntEnum):
    """Exit codes of every command of the tool."""

    OK = 0
    """Conformant, or nothing to complain of."""
    NOT_CONFORMANT = 1
    """Something was found to be wrong."""
    USAGE = 2
    """The command line or a configuration file is wrong."""
    NOT_EVALUATED = 3
    """Could not be judged: ERROR, BLOCKED, or a MUST that nothing has tested."""
    INTERRUPTED = 4
    """Stopped by the user; what was created has been removed."""
    BUG = 70
    """A mistake of the tool itself (EX_SOFTWARE of sysexits.h)."""
