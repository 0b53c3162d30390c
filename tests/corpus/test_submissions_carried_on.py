"""Every product that was ever certified can be carried to every later release."""

from __future__ import annotations

import itertools
from pathlib import Path

from ai_conformance.model.releases import Release
from ai_conformance.submission import documents, program_copy
from ai_conformance.submission.making import init
from ai_conformance.submission.making.diff import compare
from ai_conformance.submission.making.upgrade import upgrade
from ai_conformance.submission.product import view


def test_every_submission_can_be_carried_to_every_later_release(program_dir: Path) -> None:
    program = program_copy.open_copy(str(program_dir), tell=str)
    checklists = {release: init.template(program, release=release) for release in program.releases}
    carried = 0
    for product in program.products():
        assert product.release is not None
        old = documents.read(product.product_file.read_bytes(), source=str(product.product_file))
        for release in (Release(1, 36), Release(1, 37)):
            made = view(upgrade(old, checklists[release], release=release, product=product.name).document)
            asked = [(one.id, one.level, one.description) for one in view(checklists[release]).entries]
            assert [(one.id, one.level, one.description) for one in made.entries] == asked
            assert made.text("platformName") == view(old).text("platformName").strip()
            links = [one.text for entry in made.entries for one in entry.evidence]
            assert all(one.strip().lower().startswith("http") for one in links)
            # Nothing is claimed that the old file did not claim.
            for entry in made.entries:
                before = view(old).entry(entry.id)
                assert not entry.status or (before is not None and before.status == entry.status)
            carried += 1
    assert carried == 110


def test_every_submission_differs_from_the_next_one_in_something(program_dir: Path) -> None:
    products = program_copy.open_copy(str(program_dir), tell=str).products()
    read = [view(documents.parse(one.product_file.read_bytes(), source=one.name)) for one in products]
    assert all(compare(one, one) == () for one in read)
    assert all(compare(one, other) for one, other in itertools.pairwise(read))
