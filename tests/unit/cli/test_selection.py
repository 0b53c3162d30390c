"""``--run`` selects the top-level tests that ``go test -run`` would select."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.cli import selection

NAMES = ("TestGangScheduling", "TestSecureAcceleratorAccess", "TestDRASupport")


@pytest.mark.parametrize(
    ("pattern", "matches", "has_subtests"),
    [
        ("Gang", {"TestGangScheduling"}, False),
        ("^TestGang$", set(), False),
        ("TestGangScheduling/Positive", {"TestGangScheduling"}, True),
        ("TestGang.*/Negative|TestDRA", {"TestGangScheduling", "TestDRASupport"}, True),
        ("Test(Gang|DRA)", {"TestGangScheduling", "TestDRASupport"}, False),
        ("Test[/G]ang", {"TestGangScheduling"}, False),
        (r"Test\/Gang", set(), False),
        ("", set(NAMES), False),
        ("Gang Scheduling", set(), False),
        (".", set(NAMES), False),
    ],
)
def test_the_first_part_selects_and_the_rest_is_known(pattern: str, matches: set[str], has_subtests: bool) -> None:
    found = selection.parse(pattern)
    assert {name for name in NAMES if found.pattern.search(name)} == matches
    assert found.has_subtests is has_subtests
    assert found.text == pattern


@pytest.mark.parametrize("pattern", ["Test(", "*", "(a|b", "a)", "[z-a]", "["])
def test_what_is_no_pattern_is_refused_with_the_place(pattern: str) -> None:
    with pytest.raises(selection.BadPattern, match="is not a regular expression"):
        selection.parse(pattern)


@given(st.text(alphabet="ab/|()[]\\.*+?^$ ", max_size=12))
def test_any_text_is_a_pattern_or_is_refused(text: str) -> None:
    try:
        found = selection.parse(text)
    except selection.BadPattern as error:
        refusal = str(error)
        assert "is not a regular expression" in refusal
    else:
        assert found.text == text
