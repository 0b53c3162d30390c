"""Releases are read and ordered as numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.model.releases import Release

NUMBERS = st.integers(min_value=0, max_value=999)


@pytest.mark.parametrize("text", ["1.37", "v1.37", " v1.37\n"])
def test_a_release_is_read(text: str) -> None:
    assert Release.parse(text) == Release(1, 37)
    assert Release.is_written(text)


@pytest.mark.parametrize("text", ["", "1", "1.37.2", "1.x", "V1.37", "1,37", "-1.3", "1.3 7", "1.1000", "\uff11.37"])
def test_anything_else_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a Kubernetes release such as 1\.37"):
        Release.parse(text)
    assert not Release.is_written(text)


def test_releases_are_ordered_by_number_and_not_by_text() -> None:
    assert sorted([Release(1, 10), Release(1, 9), Release(2, 0)]) == [Release(1, 9), Release(1, 10), Release(2, 0)]


@given(NUMBERS, NUMBERS)
def test_what_is_written_is_read_back(major: int, minor: int) -> None:
    assert Release.parse(f"v{Release(major, minor)}") == Release(major, minor)
