"""A product's folder of 1.37 without a fault, for the strict rules to be tried on."""

from __future__ import annotations

from pathlib import Path

import pytest

import sample_program
from ai_conformance.submission import judging, program_copy
from strict_trial import Trial, product_text


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    copy = program_copy.open_copy(str(sample_program.make(tmp_path / "copy")), tell=str)
    path = tmp_path / "copy" / "v1.37" / "acme"
    path.mkdir(parents=True)
    (path / "PRODUCT.yaml").write_text(product_text(), encoding="utf-8")
    return Trial(path=path, judge=judging.Judge(program=copy))
