"""A catalog file that is wrong is refused with the place and the nearest key, whatever is wrong with it."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.catalog import CatalogError, UnknownName, Vendor, load, strict

GOOD = "vendors:\n  - {name: x, title: X, device_globs: [/dev/x], source: here, tried: none}\n"


def refused(text: str) -> str:
    with pytest.raises(CatalogError) as caught:
        strict.parse(text, Vendor, key="vendors", source="own.yaml")
    return str(caught.value)


def test_a_good_file_becomes_frozen_entries() -> None:
    (vendor,) = strict.parse(GOOD, Vendor, key="vendors", source="own.yaml")
    assert (vendor.name, vendor.device_globs) == ("x", ("/dev/x",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("title", "tytle"), r"own\.yaml:2:15: there is no key 'tytle'; did you mean title"),
        (GOOD.replace("title: X, ", ""), r"own\.yaml:2:5: the key 'title' is missing"),
        (GOOD.replace("tried: none", "tried: maybe"), r"own\.yaml:2:\d+: vendors\.0\.tried: .*not 'maybe'"),
        (GOOD.replace("[/dev/x]", "5"), r"own\.yaml:2:\d+: vendors\.0\.device_globs: "),
        (GOOD.replace("name: x", "name: x, name: y"), r"own\.yaml:2:\d+: no valid YAML: "),
        ("vendors: [", r"own\.yaml:1:\d+: no valid YAML: "),
        ("vendor: []\n", r"own\.yaml:1:1: a mapping with the one key 'vendors' is expected"),
        ("", r"own\.yaml:1:1: "),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, message: str) -> None:
    assert re.search(message, refused(text))


@given(st.text(alphabet="abcdefghij_", min_size=1).filter(lambda key: key not in {"name", "title", "source", "tried"}))
def test_any_unknown_key_is_refused_with_line_and_column(key: str) -> None:
    assert re.search(r"own\.yaml:2:5: .*", refused(f"vendors:\n  - {{{key}: 1}}\n"))


@given(st.text())
def test_no_text_at_all_brings_a_traceback(text: str) -> None:
    with contextlib.suppress(CatalogError):
        assert isinstance(strict.parse(text, Vendor, key="vendors", source="own.yaml"), tuple)


def test_an_unknown_requirement_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean gang_scheduling"):
        load().requirement("gang_schedulin")


def test_an_unknown_release_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match=r"1\.37"):
        load().release("2.0")
