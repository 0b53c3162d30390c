from __future__ import annotations

from pathlib import Path

import pytest

from ai_conformance.model.verdicts import ExitCode
from ai_conformance.submission import findings
from ai_conformance.submission.findings import Correction, Finding, Report, Severity, Verdict

FILE = Path("v1.37/acme/PRODUCT.yaml")


def finding(severity: Severity = Severity.WARNING, *, line: int = 1, rule: str = "a/b", path: Path = FILE) -> Finding:
    return Finding(rule=rule, severity=severity, message="m", path=path, line=line)


def report(*found: Finding, obstacle: str = "") -> Report:
    return Report(folder=FILE.parent, rules="strict", findings=found, obstacle=obstacle)


def test_findings_come_in_the_order_of_the_file_the_heaviest_first() -> None:
    note, error = finding(Severity.NOTE, line=10), finding(Severity.ERROR, line=10)
    assert findings.ordered([note, finding(line=9), error]) == (finding(line=9), error, note)


def test_a_finding_that_two_ways_led_to_is_said_once() -> None:
    assert findings.ordered([finding(), finding()]) == (finding(),)


def test_a_warning_does_not_fail_a_submission() -> None:
    assert report(finding(), finding(Severity.NOTE)).verdict is Verdict.CONFORMS


def test_an_error_does() -> None:
    assert report(finding(Severity.ERROR)).verdict is Verdict.DOES_NOT_CONFORM


def test_what_could_not_be_judged_is_not_taken_for_good() -> None:
    assert report(obstacle="no checklist").verdict is Verdict.NOT_EVALUATED


def test_an_error_outweighs_what_could_not_be_judged() -> None:
    assert report(finding(Severity.ERROR), obstacle="no checklist").verdict is Verdict.DOES_NOT_CONFORM


@pytest.mark.parametrize(
    ("reports", "code"),
    [
        ([], ExitCode.OK),
        ([report()], ExitCode.OK),
        ([report(), report(obstacle="x")], ExitCode.NOT_EVALUATED),
        ([report(obstacle="x"), report(finding(Severity.ERROR)), report()], ExitCode.NOT_CONFORMANT),
    ],
)
def test_the_worst_folder_decides_the_exit_code(reports: list[Report], code: ExitCode) -> None:
    assert findings.exit_code(reports) is code


def test_a_finding_is_fixable_if_it_carries_its_correction() -> None:
    correction = Correction(place=("metadata", "vendorName"), value="Acme")
    fixable = Finding(rule="a/b", severity=Severity.NOTE, message="m", path=FILE, correction=correction)
    assert fixable.fixable
    assert not finding().fixable


def test_a_place_is_file_line_and_column() -> None:
    assert finding(line=7).place == "v1.37/acme/PRODUCT.yaml:7:1"
