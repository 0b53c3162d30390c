"""Many names in few words."""

from __future__ import annotations

import pytest

from ai_conformance.model import names


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], ""),
        (["n1"], "n1"),
        (["n2", "n10", "n1"], "n1, n2, n10"),
        (["n2", "n2", "n1"], "n1, n2"),
        ([f"n{number}" for number in range(5000, 0, -1)], "n1 … n5000 (5,000 nodes)"),
        (["b", "1", "a-2", "a-10", "a"], "1 … b (5 nodes)"),
    ],
)
def test_few_names_are_listed_and_many_are_told_by_first_last_and_number(given: list[str], said: str) -> None:
    assert names.several(given) == said
    assert said.startswith(names.span(given))


def test_of_many_sentences_ten_are_told() -> None:
    assert names.first(["a", "b"], noun="pools") == ("a", "b")
    assert names.first(map(str, range(10)), noun="pools") == tuple("0123456789")
    assert names.first(map(str, range(5010)), noun="pools") == (*"0123456789", "5,000 more pools like these")
