"""Which folders are judged where a path is named, and by which release."""

from __future__ import annotations

from pathlib import Path

import pytest

import sample_program
from ai_conformance.submission import judging
from ai_conformance.submission.errors import SubmissionError
from ai_conformance.submission.findings import Report, Verdict
from ai_conformance.submission.folders import ProductFolder
from strict_trial import product_text

DEEP = "some/prefix/v1.37/group/product"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of the program on a disk whose own folders have names of releases."""
    return sample_program.make(tmp_path / "v1.33" / "checkout")


def put(root: Path, *places: str) -> None:
    for one in places:
        (root / one).mkdir(parents=True)
        (root / one / "PRODUCT.yaml").write_text(product_text(), encoding="utf-8")


def judged(path: Path, rules: str = "upstream") -> Report:
    (found,) = judging.targets([path])
    return judge_for(found).judge(found, rules=rules)


def judge_for(folder: ProductFolder) -> judging.Judge:
    copy = judging.copy_beside([folder])
    assert copy is not None
    return judging.Judge(program=copy)


def places(*paths: Path) -> list[str]:
    return [one.place for one in judging.targets(paths)]


def test_every_product_of_a_checkout_is_meant_however_deep_it_is(checkout: Path) -> None:
    put(checkout, "v1.37/acme", "v1.36/acme", "v1.37/group/acme", DEEP, "lost", ".git/v1.37/acme")
    assert places(checkout) == ["lost", "v1.36/acme", DEEP, "v1.37/acme", "v1.37/group/acme"]
    assert places(checkout / "v1.37") == ["v1.37/acme", "v1.37/group/acme"]
    assert places(checkout / "some") == places(checkout / DEEP) == places(checkout / DEEP / "PRODUCT.yaml") == [DEEP]


def test_a_product_in_the_folder_of_a_release_itself_does_not_hide_the_others(checkout: Path) -> None:
    put(checkout, "v1.37", "v1.37/acme")
    assert places(checkout / "v1.37") == ["v1.37", "v1.37/acme"]
    assert judged(checkout / "v1.37" / "PRODUCT.yaml").verdict is Verdict.CONFORMS


def test_a_link_is_a_product_and_leads_nowhere_else(checkout: Path, tmp_path: Path) -> None:
    put(checkout, "v1.36/acme")
    (checkout / "v1.37").mkdir()
    (checkout / "v1.37" / "acme").symlink_to("../v1.36/acme")
    (checkout / "v1.37" / "round").symlink_to("..")
    (checkout / "v1.37" / "away").symlink_to(tmp_path)
    assert places(checkout) == ["v1.36/acme", "v1.37/acme"]


def test_a_disk_is_not_searched(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(checkout, "v1.37/acme", "v1.37/other")
    monkeypatch.setattr(judging, "_MOST_FOLDERS", 2)
    with pytest.raises(SubmissionError, match="has more than 2 folders"):
        judging.targets([checkout])


def test_the_official_rules_take_the_first_release_of_the_path_in_the_repository(checkout: Path) -> None:
    put(checkout, DEEP, "v1.36/old/v1.37/acme", "lost")
    (checkout / DEEP / "run.txt").write_text("")
    file = checkout / DEEP / "PRODUCT.yaml"
    evidence = f'["run.txt", "{DEEP}/run.txt", "../../../../prefix/v1.37/group/product/run.txt", "v1.37/other/run.txt"]'
    file.write_text(product_text().replace('["https://docs.acme-cloud.io/ai_inference"]', evidence), encoding="utf-8")
    assert [one.rule for one in judged(file).findings if one.requirement == "ai_inference"] == [
        "upstream/evidence-path"
    ]
    by_1_36 = judged(checkout / "v1.36" / "old" / "v1.37" / "acme")
    assert by_1_36.verdict is Verdict.CONFORMS
    assert [one.rule for one in judged(checkout / "lost").findings] == ["upstream/release"]


@pytest.mark.parametrize("place", ["v1.37/group/acme", DEEP, "v1.37"])
def test_the_strict_rules_want_it_where_certified_products_are_looked_for(checkout: Path, place: str) -> None:
    put(checkout, place)
    report = judged(checkout / place / "PRODUCT.yaml", rules="strict")
    assert [one.message for one in report.findings if one.rule == "structure/folder"] == [
        f"the product is in {place}/, not in v1.37/<product>/"
    ]
