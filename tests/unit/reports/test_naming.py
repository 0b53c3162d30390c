"""Names of tests, against what Go's own rules give for the same names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.reports.naming import Names, rewrite


@pytest.mark.parametrize(
    ("given_name", "go_name"),
    [
        ("Plain", "Plain"),
        ("two words", "two_words"),
        ("tab\tnel\x85", "tab_nel_"),
        ("nvidia.com/gpu", "nvidia.com_gpu"),
        ("\x16\x7f", "\\x16\\x7f"),
        ("\u202e", "\\u202e"),
        ("\U000e0001", "\\U000e0001"),
        ("caf\xe9", "caf\xe9"),
        ("\a\b", "\\a\\b"),
    ],
)
def test_characters_are_rewritten_as_go_does(given_name, go_name):
    assert rewrite(given_name) == go_name


def test_repeated_names_are_numbered_as_go_does():
    names = Names()
    asked = ["a", "a", "", "", "a#01", "a#05", "a", "b"]
    assert [names.child("T", name) for name in asked] == [
        "T/a", "T/a#01", "T/#00", "T/#01", "T/a#01#01", "T/a#05", "T/a#02", "T/b",
    ]  # fmt: skip


@given(st.lists(st.text(max_size=6) | st.sampled_from(["a", "a#01", "a#02", "", "#00"]), max_size=30))
def test_names_are_unique_and_have_no_space(parts):
    names = Names()
    made = [names.child("T", part) for part in parts]
    assert len(set(made)) == len(made)
    assert not any(character.isspace() for name in made for character in name)
