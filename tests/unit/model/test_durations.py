"""Durations are read as Go reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.model import durations


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("1h30m", 5400), ("1.5h", 5400), ("500ms", 0.5), ("0", 0), ("2m0.5s", 120.5)]
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert durations.parse(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "-5s", "1h 30m", "1d", "s", "\uff11s"])
def test_what_go_would_refuse_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        durations.parse(text)


@given(st.integers(min_value=0, max_value=10**9))
def test_what_is_rendered_is_read_back(milliseconds: int) -> None:
    assert durations.parse(durations.render(milliseconds / 1000)) == pytest.approx(milliseconds / 1000)
