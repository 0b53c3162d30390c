"""What the strict rules find in every merged submission of 1.33 to 1.35, against the table beside this file.

Each row was looked at in the submission itself. A new row is either a defect that was not seen before or noise: look,
and then either take it into the table or correct the rule. `python tests/corpus/test_strict_findings.py PROGRAM`
prints the table anew.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

import pytest

from ai_conformance.submission import judging, program_copy
from ai_conformance.submission.findings import Report, Severity, Verdict

TABLE = Path(__file__).with_name("strict_findings.csv")
COLUMNS = ("product", "rule", "severity", "about", "count")
# What a vendor did on purpose, and what a reviewer would let pass without a word.
CLEAN = ("v1.35/k0rdent", "v1.35/k0s", "v1.35/nkp", "v1.35/openshift", "v1.35/vks", "v1.35/gke")


def judged(program: Path) -> list[Report]:
    copy = program_copy.open_copy(str(program), tell=lambda _: None)
    judge = judging.Judge(program=copy)
    return [judge.judge(folder, rules="strict") for folder in copy.products()]


def product(report: Report) -> str:
    return f"{report.folder.parent.name}/{report.folder.name}"


def rows(reports: list[Report]) -> list[tuple[str, ...]]:
    counted = Counter(
        (product(report), one.rule, one.severity.value, one.requirement or "metadata")
        for report in reports
        for one in report.findings
    )
    return [(*key, str(number)) for key, number in sorted(counted.items())]


@pytest.fixture(scope="module")
def reports(program_dir: Path) -> list[Report]:
    return judged(program_dir)


def test_every_finding_is_one_that_was_looked_at(reports: list[Report]) -> None:
    with TABLE.open(newline="", encoding="utf-8") as stream:
        expected = [tuple(row[name] for name in COLUMNS) for row in csv.DictReader(stream)]
    assert rows(reports) == expected


def test_no_submission_that_the_validator_refuses_passes(program_dir: Path, reports: list[Report]) -> None:
    copy = program_copy.open_copy(str(program_dir), tell=lambda _: None)
    judge = judging.Judge(program=copy)
    refused = {
        product(report)
        for folder in copy.products()
        if (report := judge.judge(folder, rules="upstream")).verdict is Verdict.DOES_NOT_CONFORM
    }
    assert len(refused) == 26
    assert refused <= {product(report) for report in reports if report.verdict is Verdict.DOES_NOT_CONFORM}


def test_a_clean_submission_gets_neither_errors_nor_warnings(reports: list[Report]) -> None:
    found = {product(report): report for report in reports}
    heavy = {name: [one.message for one in found[name].findings if one.severity is not Severity.NOTE] for name in CLEAN}
    assert heavy == {name: [] for name in CLEAN}


def test_every_finding_has_a_place_in_its_file_and_a_remedy(reports: list[Report]) -> None:
    for report in reports:
        for one in report.findings:
            lines = one.path.read_text(encoding="utf-8").split("\n")
            assert 1 <= one.line <= len(lines)
            assert one.column <= len(lines[one.line - 1]) + 1
            assert one.remedy


if __name__ == "__main__":
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows(judged(Path(sys.argv[1]))))
