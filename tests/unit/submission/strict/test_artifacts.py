"""Artifacts and evidence files: a real run's pass, and each way of handing in something else is found."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from ai_conformance.model.releases import Release
from ai_conformance.submission.findings import Severity
from ai_conformance.submission.making import files, readme, runs
from ai_conformance.submission.making.pack import pack
from ai_conformance.submission.strict import markdown
from ai_conformance.submission.strict.runs import release_in
from strict_trial import RELEASE, Trial

RUN = Path(__file__).parents[3] / "samples" / "run"
NAMES = ("e2e.log", "junit.xml", "results.json")
LINKED = '["file://junit.xml#TestGangScheduling", "file://e2e.log#TestGangScheduling"]'


@pytest.fixture
def with_run(trial: Trial) -> Trial:
    """A sound product whose gang scheduling is shown by a real run."""
    for name in NAMES:
        shutil.copy(RUN / name, trial.path / name)
    trial.answer("gang_scheduling", evidence=LINKED)
    return trial


def edit(trial: Trial, name: str, pattern: str, new: str) -> None:
    file = trial.path / name
    text = file.read_text(encoding="utf-8")
    changed = re.sub(pattern, new, text, count=1)
    assert changed != text
    file.write_text(changed, encoding="utf-8")


def test_the_artifacts_of_a_real_run_are_in_order(with_run: Trial) -> None:
    assert with_run.report().findings == ()


def test_one_of_three_alone_is_worth_a_warning(with_run: Trial) -> None:
    (with_run.path / "results.json").unlink()
    (finding,) = with_run.report().findings
    assert (finding.rule, finding.severity) == ("artifact/incomplete", Severity.WARNING)
    assert finding.message == "results.json of the run is missing"


def test_a_file_of_another_run_is_found_by_the_runs_outcomes(with_run: Trial) -> None:
    edit(with_run, "e2e.log", r"    --- PASS: (TestGangScheduling/PositiveGangScheduling)", r"    --- SKIP: \1")
    (finding,) = with_run.found("artifact/one-run")
    assert "TestGangScheduling/PositiveGangScheduling" in finding.message


def test_a_failed_test_is_found_even_if_nothing_links_it(with_run: Trial) -> None:
    edit(with_run, "e2e.log", r"--- PASS: (TestGangScheduling) ", r"--- FAIL: \1 ")
    (finding,) = with_run.found("artifact/failed")
    assert "TestGangScheduling" in finding.message


def test_a_link_to_another_requirements_test_is_found(with_run: Trial) -> None:
    with_run.answer("robust_controller", evidence=LINKED)
    findings = with_run.found("artifact/test")
    assert {one.message for one in findings} == {"TestGangScheduling is the test of gang_scheduling"}


def test_a_test_that_is_not_in_the_artifact_is_found(with_run: Trial) -> None:
    with_run.answer("gang_scheduling", evidence='["junit.xml#TestGangSchedulin"]')
    (finding,) = with_run.found("artifact/test")
    assert finding.message == "there is no TestGangSchedulin in junit.xml"


def test_a_run_on_another_release_is_found(with_run: Trial) -> None:
    edit(with_run, "junit.xml", r'name="server" value="[^"]*"', 'name="server" value="v1.36.4"')
    (finding,) = with_run.found("artifact/release")
    assert finding.message == "junit.xml was made on v1.36.4; the folder is v1.37"


def test_a_run_on_a_pre_release_is_worth_a_warning(with_run: Trial) -> None:
    edit(with_run, "junit.xml", r'name="server" value="[^"]*"', 'name="server" value="v1.37.0-rc.1"')
    (finding,) = with_run.found("artifact/release")
    assert finding.severity is Severity.WARNING


def test_a_run_from_before_the_release_is_found(with_run: Trial) -> None:
    edit(with_run, "junit.xml", r'timestamp="[^"]*"', 'timestamp="2026-08-01T10:00:00Z"')
    (finding,) = with_run.found("artifact/old")
    assert "2026-08-01" in finding.message


def test_an_artifact_that_was_changed_after_it_was_packed_is_found(with_run: Trial) -> None:
    run = runs.read(RUN)
    package = pack(run, release=RELEASE, product=None)
    files.write(with_run.path, {**package.artifacts, readme.NAME: package.readme}, replace=True)
    assert with_run.found("artifact/hash") == []
    edit(with_run, "e2e.log", r"\n", "\n\n")
    (finding,) = with_run.found("artifact/hash")
    assert finding.message == "e2e.log was changed after README.md was written"
    (with_run.path / readme.NAME).write_text(package.readme.decode().removeprefix(readme.FIRST_LINE))
    assert with_run.found("artifact/hash") == []


def test_a_file_without_content_is_found_once_however_often_it_is_named(trial: Trial) -> None:
    (trial.path / "report.md").write_bytes(b"")
    for requirement in ("cluster_autoscaling", "robust_controller"):
        trial.answer(requirement, evidence='["report.md"]')
    (finding,) = trial.report().findings
    assert (finding.rule, finding.message) == (
        "evidence/empty-file",
        "report.md is empty (evidence of 2 requirements)",
    )


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"<a" * 100_000, b"{" * 100_000, b'{"Time":' + b"[" * 100_000])
@pytest.mark.parametrize("name", NAMES)
def test_a_file_with_a_reserved_name_that_is_no_artifact_is_found(with_run: Trial, name: str, content: bytes) -> None:
    (with_run.path / name).write_bytes(content)
    with_run.answer("gang_scheduling", evidence=f'["{name}"]')
    assert with_run.found("artifact/unreadable") or with_run.found("evidence/empty-file")


def test_the_same_bytes_in_an_earlier_release_are_found_in_the_later_one(trial: Trial) -> None:
    earlier = trial.path.parent.parent / "v1.36" / "Acme"
    earlier.mkdir(parents=True)
    shutil.copy(trial.file, earlier / "PRODUCT.yaml")
    for folder in (earlier, trial.path):
        (folder / "report.md").write_text("# Seen\n", encoding="utf-8")
    trial.answer("cluster_autoscaling", evidence='["report.md"]')
    (finding,) = trial.report().findings
    assert (finding.rule, finding.message) == ("reuse/identical-file", "report.md is byte for byte that of v1.36")


@pytest.mark.parametrize(("fragment", "rules"), [("what-we-saw-1", set()), ("what-we-did", {"evidence/anchor"})])
def test_an_anchor_is_a_heading_of_the_file(trial: Trial, fragment: str, rules: set[str]) -> None:
    text = "# What we saw\n\n```\n# What we did\n```\nWhat we saw!\n===\n"
    (trial.path / "report.md").write_text(text, encoding="utf-8")
    trial.answer("cluster_autoscaling", evidence=f'["report.md#{fragment}"]')
    assert trial.rules() == rules


def test_headings_become_anchors_as_github_makes_them() -> None:
    text = '## [Gang](x) Scheduling: 2.0 & `more` ##\n<a name="Old"></a>\n'
    assert markdown.anchors(text) == {"gang-scheduling-20--more", "old"}


@pytest.mark.parametrize(("text", "release"), [("v1.37.2+k3s1", Release(1, 37)), ("1.37", Release(1, 37)), ("x", None)])
def test_the_release_in_a_version(text: str, release: Release | None) -> None:
    assert release_in(text) == release
