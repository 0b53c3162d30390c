"""The official rules, one by one, on a folder that passes but for what a test changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ai_conformance.submission import folders, upstream
from ai_conformance.submission.findings import Report, Verdict
from ai_conformance.submission.upstream import RuleSet

CHECKLIST = """
spec:
  scheduling:
    - {id: gang_scheduling, level: MUST}
    - {id: cluster_autoscaling, level: MUST}
    - {id: pod_autoscaling, level: MUST}
  security:
    - {id: workload_sandboxing, level: SHOULD}
"""
METADATA = {
    "kubernetesVersion": "v1.37",
    "platformName": "Acme",
    "platformVersion": "'1.0'",
    "vendorName": "Acme Inc.",
    "websiteUrl": "https://acme.example",
    "documentationUrl": "https://acme.example/docs",
    "productLogoUrl": "https://acme.example/logo.svg",
    "description": "A platform",
    "contactEmailAddress": "ai@acme.example",
    "k8sConformanceUrl": "https://github.com/cncf/k8s-conformance/tree/master/v1.37/acme",
}
ANSWERS = {
    "gang_scheduling": "status: Implemented, evidence: [e2e.log]",
    "cluster_autoscaling": "status: Implemented, evidence: [e2e.log]",
    "pod_autoscaling": "status: Implemented, evidence: [https://acme.example/hpa]",
    "workload_sandboxing": "status: '', evidence: []",
}
LOG = "--- PASS: TestGangScheduling (1.00s)\n--- PASS: TestAcceleratorClusterAutoscaling/Up (1.00s)\n"
Judge = Callable[..., Report]


def product_yaml(metadata: dict[str, str | None], answers: dict[str, str | None]) -> str:
    fields = {name: value for name, value in (METADATA | metadata).items() if value is not None}
    given = {name: value for name, value in (ANSWERS | answers).items() if value is not None}
    of_security = {"workload_sandboxing"} & given.keys()
    lines = ["metadata:", *(f"  {name}: {value}" for name, value in fields.items()), "spec:", "  scheduling:"]
    lines += [f"    - {{id: {name}, {value}}}" for name, value in given.items() if name not in of_security]
    lines += ["  security:", *(f"    - {{id: {name}, {given[name]}}}" for name in of_security)]
    return "\n".join(lines) + "\n"


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Judges ``v1.37/acme`` with what is changed in it."""
    (tmp_path / "checklist.yaml").write_text(CHECKLIST)
    checklist = upstream.read_checklist(tmp_path / "checklist.yaml")
    place = tmp_path / "v1.37" / "acme"
    place.mkdir(parents=True)
    (place / "e2e.log").write_text(LOG)

    def judged(
        metadata: dict[str, str | None] | None = None,
        answers: dict[str, str | None] | None = None,
        rules: RuleSet = RuleSet.PRESENT,
        text: str | None = None,
    ) -> Report:
        content = product_yaml(metadata or {}, answers or {}) if text is None else text
        (place / "PRODUCT.yaml").write_text(content)
        return upstream.check(folders.of(place), checklist=checklist, rules=rules)

    return judged


def rules_of(report: Report) -> list[str]:
    return [one.rule.removeprefix("upstream/") for one in report.findings]


def test_a_sound_folder_passes_all_versions(judge: Judge) -> None:
    assert {rules: rules_of(judge(rules=rules)) for rules in RuleSet} == {rules: [] for rules in RuleSet}


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("platformName", None, "metadata-missing"),
        ("platformName", "~", "metadata-missing"),
        ("platformVersion", "1.0", "metadata-type"),
        ("platformVersion", "2026-02-19", "metadata-type"),
        ("description", "''", "metadata-empty"),
        ("description", "'[Description]'", "metadata-placeholder"),
        ("repoUrl", "'[Repository URL]'", "metadata-placeholder"),
        ("repoUrl", "1", "metadata-type"),
        ("k8sConformanceUrl", "https://github.com/cncf/k8s-conformance/tree/master/v1.37", "k8s-conformance-url"),
        ("k8sConformanceUrl", "https://github.com/cncf/k8s-conformance/tree/main/v1.37/acme/x", "k8s-conformance-url"),
        (
            "k8sConformanceUrl",
            '"https://github.com/cncf/k8s-conformance/tree/main/v1.37/acme/\\n"',
            "k8s-conformance-url",
        ),
    ],
)
def test_a_field_of_the_metadata_is_judged(judge: Judge, field: str, value: str | None, rule: str) -> None:
    found = judge({field: value})
    assert rules_of(found) == [rule]
    assert field in found.findings[0].message


def test_a_field_may_have_its_second_name_but_not_beside_an_empty_first(judge: Judge) -> None:
    assert rules_of(judge({"platformName": None, "platform_name": "Acme"})) == []
    assert rules_of(judge({"platformName": "~", "platform_name": "Acme"})) == ["metadata-missing"]
    assert rules_of(judge({"k8sConformanceUrl": None, "k8s_conformance_url": "x"})) == ["k8s-conformance-url"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["section", "section"]),
        ("metadata: {}\nspec: {}\n", ["metadata-missing"] * 10 + ["category"] * 2),
        ("metadata: {a: b, a: c}\n", ["load"]),
        ("metadata: [a]\n", ["load"]),
        ("\tmetadata: x\n", ["load"]),
    ],
)
def test_a_file_that_is_no_submission_ends_in_findings(judge: Judge, text: str, expected: list[str]) -> None:
    assert sorted(rules_of(judge(text=text))) == sorted(expected)


MUST_OF = {
    RuleSet.AUGUST_2026: (["must"], ["must"]),
    RuleSet.PRESENT: (["must-not-applicable"], ["must"]),
    RuleSet.NEXT: (["must-not-applicable"], ["must-not-applicable"]),
}


@pytest.mark.parametrize("rules", RuleSet)
def test_which_must_may_be_not_applicable_depends_on_the_version(judge: Judge, rules: RuleSet) -> None:
    answer = "status: N/A, notes: there is no autoscaler"
    found = [rules_of(judge(answers={one: answer}, rules=rules)) for one in ("cluster_autoscaling", "pod_autoscaling")]
    assert tuple(found) == MUST_OF[rules]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("status: implemented", ["status", "must"]),
        ("status: ''", ["status", "must"]),
        ("status: Not Implemented", ["must"]),
        ("status: Partially Implemented", ["must"]),
        ("status: N/A", ["must", "notes"]),
        ("status: N/A, notes: ~", ["must", "notes"]),
    ],
)
def test_a_must_is_implemented(judge: Judge, answer: str, expected: list[str]) -> None:
    assert sorted(rules_of(judge(answers={"pod_autoscaling": answer}))) == sorted(expected)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("status: ~", []),
        ("status: '', evidence: [https://x]", ["status"]),
        ("status: Not Implemented", []),
        ("status: N/A, notes: none", []),
        ("status: N/A, notes: ' '", ["notes"]),
        ("status: TODO", ["status"]),
    ],
)
def test_a_should_may_have_no_answer_but_no_wrong_one(judge: Judge, answer: str, expected: list[str]) -> None:
    assert rules_of(judge(answers={"workload_sandboxing": answer})) == expected


def test_blank_notes_were_notes_in_august(judge: Judge) -> None:
    answer = "status: N/A, notes: ' '"
    assert rules_of(judge(answers={"workload_sandboxing": answer}, rules=RuleSet.AUGUST_2026)) == []


def test_a_requirement_that_is_missing_is_told_and_another_does_not_matter(judge: Judge) -> None:
    assert rules_of(judge(answers={"gang_scheduling": None})) == ["requirement"]
    assert rules_of(judge(answers={"somebody_elses": "status: TODO"})) == []


def test_the_last_of_two_answers_counts(judge: Judge) -> None:
    text = product_yaml({}, {})
    second = "    - {id: pod_autoscaling, status: TODO}\n"
    assert rules_of(judge(text=text.replace("  security:\n", f"{second}  security:\n"))) == ["must", "status"]
    assert rules_of(judge(text=text.replace("  scheduling:\n", f"  scheduling:\n{second}"))) == []


def test_a_folder_without_a_release_or_a_checklist_does_not_pass(tmp_path: Path) -> None:
    place = tmp_path / "v1.99" / "acme"
    place.mkdir(parents=True)
    assert rules_of(upstream.check(folders.of(tmp_path / "acme"), checklist=None)) == ["release"]
    assert rules_of(upstream.check(folders.of(place), checklist=None)) == ["checklist"]
    (tmp_path / "empty.yaml").write_text("spec: {}")
    checklist = upstream.read_checklist(tmp_path / "empty.yaml")
    assert rules_of(upstream.check(folders.of(place), checklist=checklist)) == ["load"]


def test_a_checklist_that_cannot_be_loaded_judges_nobody(tmp_path: Path) -> None:
    for name, content in (("missing.yaml", None), ("broken.yaml", "spec: ["), ("deep.yaml", "[" * 300)):
        if content is not None:
            (tmp_path / name).write_text(content)
        checklist = upstream.read_checklist(tmp_path / name)
        report = upstream.check(folders.of(tmp_path / "v1.37" / "acme"), checklist=checklist)
        assert report.verdict is Verdict.NOT_EVALUATED
        assert name in report.obstacle


def test_a_file_that_is_too_large_is_not_judged(judge: Judge) -> None:
    assert judge(text="#" * 2_000_000).verdict is Verdict.NOT_EVALUATED
