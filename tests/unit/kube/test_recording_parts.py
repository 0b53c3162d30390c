"""JSON in parts: every value comes back as it was, nothing long is written twice, and a changed part shows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.kube.recording import parts

_KEYS = st.sampled_from(["$", "$quoted", "a", "kind", ""]) | st.text(max_size=5)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=30,
)


class Book:
    """What was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.packer = parts.Packer(lambda name, text: self.told.append((name, text)))

    def unpacker(self) -> parts.Unpacker:
        made = parts.Unpacker()
        for name, text in self.told:
            made.add(name, json.loads(text))
        return made


@given(_VALUES)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    book = Book()
    packed = json.loads(json.dumps(book.packer.pack(value)))
    unpacker = book.unpacker()
    unpacker.check(packed)
    assert unpacker.unpack(packed) == value


@given(st.lists(_VALUES, max_size=4))
def test_what_was_told_once_is_not_told_again(values: list[Any]) -> None:
    book = Book()
    packed = [book.packer.pack(value) for value in values]
    told = len(book.told)
    assert [book.packer.pack(value) for value in values] == packed
    assert len(book.told) == told
    assert len({name for name, _ in book.told}) == told


def test_keys_stay_in_their_order() -> None:
    book = Book()
    value = {"z": "x" * 300, "a": {"y": 1, "b": 2}}
    assert list(book.unpacker().unpack(book.packer.pack(value)) if book.told else value) == ["z", "a"]
    packed = book.packer.pack(value)
    assert json.dumps(book.unpacker().unpack(packed)) == json.dumps(value)


def test_a_spec_that_has_not_changed_is_told_once() -> None:
    book = Book()
    spec = {"containers": ["c" * 100] * 5}
    for number in range(10):
        book.packer.pack({"metadata": {"resourceVersion": str(number)}, "spec": spec, "status": {"n": number}})
    assert sum("c" * 100 in text for _, text in book.told) == 1


def test_a_part_that_was_changed_or_is_missing_shows() -> None:
    book = Book()
    packed = book.packer.pack({"a": "x" * 300})
    ((name, text),) = book.told
    with pytest.raises(parts.MissingPart, match="not what was recorded"):
        parts.Unpacker().add(name, json.loads(text.replace("x", "y", 1)))
    with pytest.raises(parts.MissingPart, match="missing"):
        parts.Unpacker().check([packed])
    for broken in ({"$": 1}, {"$": ["a"]}, {"$": None}):
        with pytest.raises(parts.MissingPart):
            parts.Unpacker().unpack(broken)
