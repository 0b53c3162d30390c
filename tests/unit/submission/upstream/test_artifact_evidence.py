"""Evidence that is a file: which one is meant, whether it is there, and what the tests in it say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.submission import folders, upstream
from ai_conformance.submission.findings import Report, Severity, Verdict
from ai_conformance.submission.upstream import RuleSet, evidence

PRODUCT = "v1.37/acme"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "v1.37" / "acme"
    (folder / "sub").mkdir(parents=True)
    (folder / "doc.md").write_text("x")
    (tmp_path / "v1.37" / "other").mkdir()
    (tmp_path / "v1.37" / "other" / "doc.md").write_text("x")
    (tmp_path / "secret").write_text("--- PASS: TestGangScheduling (1.00s)\n")
    return folder


def judged(place: Path, link: str, *, rules: RuleSet = RuleSet.PRESENT, status: str = "Implemented") -> Report:
    checklist = place.parent.parent / "checklist.yaml"
    checklist.write_text("spec: {c: [{id: gang_scheduling, level: SHOULD}]}")
    quoted = '"' + "".join(f"\\x{ord(one):02x}" for one in link) + '"'
    answer = f"id: gang_scheduling, status: {status}, notes: a reason, evidence: [{quoted}]"
    (place / "PRODUCT.yaml").write_text(f"metadata: {{}}\nspec: {{c: [{{{answer}}}]}}\n")
    return upstream.check(folders.of(place), checklist=upstream.read_checklist(checklist), rules=rules)


def errors(report: Report) -> list[str]:
    names = [one.rule.removeprefix("upstream/") for one in report.findings if one.severity is Severity.ERROR]
    return [name for name in names if not name.startswith("metadata-")]


@pytest.mark.parametrize(
    ("link", "release", "status", "rules", "recommended"),
    [
        ("doc.md", "v1.37", "Implemented", RuleSet.PRESENT, True),
        ("doc.md", "v1.38", "Implemented", RuleSet.NEXT, True),
        ("e2e.log", "v1.37", "Implemented", RuleSet.PRESENT, False),
        ("doc.md", "v1.36", "Implemented", RuleSet.PRESENT, False),
        ("doc.md", "v1.37", "Partially Implemented", RuleSet.PRESENT, False),
        ("doc.md", "v1.37", "Implemented", RuleSet.AUGUST_2026, False),
    ],
)
def test_an_artifact_is_recommended_from_1_37_on(
    place: Path, link: str, *, release: str, status: str, rules: RuleSet, recommended: bool
) -> None:
    (place / "e2e.log").write_text("--- PASS: TestGangScheduling (1.00s)\n")
    above = place.parent.parent / release
    above.mkdir(exist_ok=True)
    moved = place.rename(above / "acme")
    found = [one for one in judged(moved, link, rules=rules, status=status).findings if "recommended" in one.rule]
    assert [one.severity for one in found] == [Severity.WARNING] * recommended


@pytest.mark.parametrize(
    ("link", "path", "fragment"),
    [
        ("doc.md", "doc.md", ""),
        (" file:///doc.md#Test ", "doc.md", "Test"),
        ("file://v1.37/acme/doc.md", "doc.md", ""),
        ("/v1.37/acme/v1.37/acme/doc.md", "v1.37/acme/doc.md", ""),
        ("a#b#c", "a", "b#c"),
        ("doc.md #Test", "doc.md", "Test"),
        ("doc.md# Test", "doc.md", " Test"),
        ("//doc.md", "doc.md", ""),
        ("../acme/doc.md", "doc.md", ""),
        ("../../v1.37/acme/doc.md", "doc.md", ""),
        ("sub/", "sub", ""),
        ("FILE://doc.md", "FILE:/doc.md", ""),
        ("HTTPS://x", "HTTPS:/x", ""),
        ("v1.37/acme", "v1.37/acme", ""),
        ("v1.37x/other/doc.md", "v1.37x/other/doc.md", ""),
    ],
)
def test_a_link_means_a_file_of_the_folder(link: str, path: str, fragment: str) -> None:
    found = evidence.resolve(link, product=PRODUCT)
    assert (found.path, found.fragment) == (f"{PRODUCT}/{path}", fragment)


@pytest.mark.parametrize(
    "link",
    [
        " ",
        "#Test",
        "file://",
        "/",
        ".",
        "sub/..",
        "..",
        "../other/doc.md",
        "../../../x",
        "v1.37/other/doc.md",
        "v9.9/a/b",
    ],
)
def test_a_link_out_of_the_folder_is_refused(place: Path, link: str) -> None:
    with pytest.raises(evidence.EvidenceError):
        evidence.resolve(link, product=PRODUCT)
    assert errors(judged(place, link)) == ["evidence-path"]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("doc.md", []),
        ("sub", []),
        ("doc.md/x", []),
        ("a" * 300, []),
        ("a\0b", []),
        ("missing.md", ["evidence-missing"]),
        ("DOC.MD", ["evidence-missing"]),
        ("v1.37/acme/missing.md", ["evidence-missing"]),
    ],
)
def test_only_what_is_not_there_is_missing(place: Path, link: str, expected: list[str]) -> None:
    assert errors(judged(place, link)) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("doc.md", []),
        ("../other/doc.md", []),
        ("file://doc.md", ["evidence-missing"]),
        ("doc.md#x", ["evidence-missing"]),
        ("../../../../../../etc/hosts", ["evidence-missing"]),
    ],
)
def test_before_hybrid_verification_a_link_was_a_path(place: Path, link: str, expected: list[str]) -> None:
    assert errors(judged(place, link, rules=RuleSet.AUGUST_2026)) == expected


@pytest.mark.parametrize(
    ("log", "fragment", "expected"),
    [
        ("--- PASS: TestGangScheduling", "", []),
        ("--- PASS: TestGangScheduling/A\n--- SKIP: TestGangScheduling/B", "", []),
        ("--- SKIP: TestGangScheduling/A", "", ["test-skipped"]),
        ("--- SKIP: TestGangScheduling", "", ["test-skipped"]),
        ("--- PASS: Other", "", ["test-missing"]),
        ("--- PASS: Other", "#Other", []),
        ("--- PASS: Other", "#other", ["test-missing"]),
        ("--- PASS: TestGangScheduling\n--- FAIL: Other", "", ["artifact-failures"]),
        ("--- FAIL: TestGangScheduling", "", ["artifact-failures", "test-failed"]),
        ("Ran 5 of 5 Specs\nPASS", "", ["artifact"]),
    ],
)
def test_the_tests_of_an_artifact_count(place: Path, log: str, fragment: str, expected: list[str]) -> None:
    (place / "sub" / "E2E.log").write_text(log)
    assert sorted(errors(judged(place, f"file://sub/E2E.log{fragment}"))) == expected
    assert errors(judged(place, "sub/E2E.log", rules=RuleSet.AUGUST_2026)) == []


def test_a_skipped_test_is_fine_where_the_requirement_is_not_applicable(place: Path) -> None:
    (place / "e2e.log").write_text("--- SKIP: TestGangScheduling")
    assert errors(judged(place, "e2e.log", status="N/A")) == []


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_cannot_be_an_artifact(place: Path, make: object) -> None:
    assert callable(make)
    make(place / "e2e.log")
    assert errors(judged(place, "e2e.log")) == ["artifact"]


def test_a_path_through_a_file_passes_until_it_has_to_be_opened(place: Path) -> None:
    assert errors(judged(place, "doc.md/e2e.log")) == ["artifact"]


def test_an_artifact_that_is_a_link_out_of_the_folder_is_not_opened_and_not_judged(place: Path) -> None:
    (place / "e2e.log").symlink_to(place.parent.parent / "secret")
    report = judged(place, "e2e.log")
    assert errors(report) == []
    assert "e2e.log is not opened" in report.obstacle


@pytest.mark.parametrize(("name", "mebibytes"), [("junit.xml", 17), ("results.json", 17), ("e2e.log", 65)])
def test_an_artifact_that_is_beyond_every_measure_is_not_judged(place: Path, name: str, mebibytes: int) -> None:
    with (place / name).open("wb") as stream:
        stream.truncate(mebibytes * 1024 * 1024)
    report = judged(place, name)
    assert errors(report) == []
    assert f"{name} is not opened" in report.obstacle


def test_a_product_file_that_leads_out_of_the_folder_is_not_judged(place: Path) -> None:
    judged(place, "doc.md")
    (place / "PRODUCT.yaml").unlink()
    (place / "PRODUCT.yaml").symlink_to(place.parent.parent / "secret")
    checklist = upstream.read_checklist(place.parent.parent / "checklist.yaml")
    report = upstream.check(folders.of(place), checklist=checklist)
    assert report.verdict is Verdict.NOT_EVALUATED


@given(st.text(alphabet="./#vV1.37acmeother ~fil:\\\0é", max_size=24), st.sampled_from(["", "file://", "/", "../"]))
def test_whatever_the_link_it_stays_in_the_folder_or_is_refused(text: str, prefix: str) -> None:
    try:
        found = evidence.resolve(prefix + text, product=PRODUCT)
    except evidence.EvidenceError as refused:
        found = None
        assert str(refused)  # noqa: PT017 - every refusal has a reason
    assert found is None or (found.path.startswith(f"{PRODUCT}/") and ".." not in found.path.split("/"))
