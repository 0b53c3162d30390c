"""The exit code of a run: what was seen to be wrong first, then what is not known, and only then success."""

from __future__ import annotations

import dataclasses

import pytest

from ai_conformance.engine import conclusion
from ai_conformance.model.records import CheckRecord
from ai_conformance.model.verdicts import ExitCode, Verdict
from sample_runs import a_check, a_run


def check(verdict: Verdict, *, level: str = "MUST") -> CheckRecord:
    return dataclasses.replace(a_check(verdict=verdict), level=level)


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ([check(Verdict.PASS)], ExitCode.OK),
        ([check(Verdict.PASS), check(Verdict.SKIPPED)], ExitCode.OK),
        ([check(Verdict.PASS), check(Verdict.NOT_APPLICABLE)], ExitCode.OK),
        ([check(Verdict.PASS), check(Verdict.NOT_TESTED, level="SHOULD")], ExitCode.OK),
        ([check(Verdict.PASS), check(Verdict.NOT_TESTED, level="-")], ExitCode.OK),
        ([check(Verdict.PASS), check(Verdict.NOT_TESTED)], ExitCode.NOT_EVALUATED),
        ([check(Verdict.PASS), check(Verdict.BLOCKED, level="SHOULD")], ExitCode.NOT_EVALUATED),
        ([check(Verdict.PASS), check(Verdict.ERROR)], ExitCode.NOT_EVALUATED),
        ([check(Verdict.ERROR), check(Verdict.FAIL, level="SHOULD")], ExitCode.NOT_CONFORMANT),
    ],
)
def test_the_gravest_verdict_decides(checks: list[CheckRecord], code: ExitCode) -> None:
    assert conclusion.exit_code(a_run(*checks)) is code


def test_an_interrupted_run_is_no_verdict() -> None:
    run = dataclasses.replace(a_run(check(Verdict.FAIL)), interrupted=True)
    assert conclusion.exit_code(run) is ExitCode.INTERRUPTED
