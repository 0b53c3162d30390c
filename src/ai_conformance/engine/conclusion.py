"""What a run as a whole comes to, as the exit code of the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_conformance.model.requirements import Level
from ai_conformance.model.verdicts import ExitCode, Verdict

if TYPE_CHECKING:
    from ai_conformance.model.records import RunRecord


def exit_code(run: RunRecord) -> ExitCode:
    """What was observed to be wrong outranks what could not be observed; a MUST that nothing tested is a gap."""
    verdicts = {check.verdict for check in run.checks}
    untested = any(check.level == Level.MUST and check.verdict is Verdict.NOT_TESTED for check in run.checks)
    if run.interrupted:
        return ExitCode.INTERRUPTED
    if Verdict.FAIL in verdicts:
        return ExitCode.NOT_CONFORMANT
    if untested or verdicts & {Verdict.ERROR, Verdict.BLOCKED}:
        return ExitCode.NOT_EVALUATED
    return ExitCode.OK
