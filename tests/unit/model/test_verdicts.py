"""Several verdicts become one such that nothing unknown turns green."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.model.verdicts import Verdict, combine

GREEN = {Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.SKIPPED}


def test_nothing_at_all_is_not_tested() -> None:
    assert combine([]) is Verdict.NOT_TESTED


@pytest.mark.parametrize("worse", sorted(set(Verdict) - GREEN))
def test_one_doubt_outranks_any_number_of_passes(worse: Verdict) -> None:
    assert combine([Verdict.PASS, worse, Verdict.PASS]) is worse


@given(st.lists(st.sampled_from(Verdict), min_size=1))
def test_pass_needs_a_pass_and_no_doubt(verdicts: list[Verdict]) -> None:
    if combine(verdicts) is Verdict.PASS:
        assert Verdict.PASS in verdicts
        assert set(verdicts) <= GREEN
    else:
        assert Verdict.PASS not in verdicts or not set(verdicts) <= GREEN
