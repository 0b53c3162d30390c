"""The official verdict on every merged submission of 1.33 to 1.35, against the table beside this file.

The table was checked with the official validator in Go, its questions to the network answered with yes: the version of
August 2026 as it was published, the later ones rebuilt. Its sums are the known ones: 24 and 26 of 55 fail.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from ai_conformance.submission import program_copy, upstream
from ai_conformance.submission.findings import Finding, Severity, Verdict
from ai_conformance.submission.upstream import RuleSet

TABLE = Path(__file__).with_name("upstream_verdicts.csv")


def reason(finding: Finding) -> str:
    """The rule, and the requirement or the field of the metadata that it is about."""
    field = re.search(r"the metadata field (\w+)", finding.message)
    subject = finding.requirement or (field[1] if field else "")
    return f"{finding.rule.removeprefix('upstream/')}({subject})"


def verdicts(program: Path, rules: RuleSet) -> list[tuple[str, str, str]]:
    copy = program_copy.open_copy(str(program), tell=lambda _: None)
    checklists = {one: upstream.read_checklist(copy.checklist_file(one)) for one in copy.releases}
    rows = []
    for folder in copy.products():
        assert folder.release is not None
        report = upstream.check(folder, checklist=checklists[folder.release], rules=rules)
        errors = sorted(reason(one) for one in report.findings if one.severity is Severity.ERROR)
        verdict = {Verdict.CONFORMS: "pass", Verdict.DOES_NOT_CONFORM: "fail"}[report.verdict]
        rows.append((f"v{folder.release}/{folder.name}", verdict, " ".join(errors)))
    return rows


@pytest.mark.parametrize("rules", RuleSet)
def test_every_submission_gets_the_official_verdict_for_the_official_reasons(program_dir: Path, rules: RuleSet) -> None:
    with TABLE.open(newline="", encoding="utf-8") as stream:
        expected = [
            (row["product"], row["verdict"], row["reasons"])
            for row in csv.DictReader(stream)
            if row["rules"] == rules.value
        ]
    assert verdicts(program_dir, rules) == expected


@pytest.mark.parametrize(("rules", "failing"), [(RuleSet.AUGUST_2026, 24), (RuleSet.PRESENT, 26)])
def test_the_sums_are_the_known_ones(program_dir: Path, rules: RuleSet, failing: int) -> None:
    counts = Counter(verdict for _, verdict, _ in verdicts(program_dir, rules))
    assert counts == {"fail": failing, "pass": 55 - failing}


def test_the_two_that_only_the_present_rules_fail_name_another_log_e2e_log(program_dir: Path) -> None:
    before = {product: verdict for product, verdict, _ in verdicts(program_dir, RuleSet.AUGUST_2026)}
    added = {row[0]: row[2] for row in verdicts(program_dir, RuleSet.PRESENT) if row[1] != before[row[0]]}
    assert set(added) == {"v1.34/daocloud", "v1.35/daocloud"}
    assert all(reasons.startswith("artifact(") for reasons in added.values())


def test_what_was_not_asked_is_told(program_dir: Path) -> None:
    copy = program_copy.open_copy(str(program_dir), tell=lambda _: None)
    folder = next(one for one in copy.products() if one.name == "gke" and str(one.release) == "1.35")
    assert folder.release is not None
    checklist = upstream.read_checklist(copy.checklist_file(folder.release))
    offline = upstream.check(folder, checklist=checklist)
    assert any("links are reachable" in sentence for sentence in offline.left_out)
    assert any("member of the CNCF" in sentence for sentence in offline.left_out)
    asked: list[str] = []
    online = upstream.check(
        folder, checklist=checklist, reachable=lambda url: asked.append(url) or "gone", members={"Somebody else"}
    )
    assert online.left_out == ()
    assert asked
    assert {one.rule for one in online.findings} == {"upstream/link", "upstream/member"}
