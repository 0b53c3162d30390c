"""A catalog file that is wrong is refused with the place and the nearest key, whatever is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.catalog import CatalogError, Vendor, strict
from ai_conformance.model.requirements import Requirement

GOOD = "vendors:\n  - {name: x, title: X, device_globs: [/dev/x], source: here, tried: none}\n"
LONG = """\
vendors:
  - name: acme
    title: Acme
    extended_resources: [acme.example/npu]
    dra_drivers: [npu.acme.example]
    device_globs: ["/dev/acme[0-9]*"]
    identity:
      - {method: path-index, attribute: index}
    bypass:
      environment: {ACME_VISIBLE_DEVICES: all}
    source: the vendor's documentation
    tried: none
"""
REQUIREMENT = """\
requirements:
  - id: x
    title: X
    summary: what it is
    category: security
    levels: {"1.37": MUST}
    description_sha256: {"1.37": abc}
"""
KEYS = re.compile(r"[a-z_]+(?=: )")


def parsed(text: str) -> tuple[Vendor, ...]:
    return tuple(one.entry for one in strict.parse(text, Vendor, key="vendors", source="own.yaml"))


def refused(text: str) -> str:
    with pytest.raises(CatalogError) as caught:
        parsed(text)
    return str(caught.value)


def test_a_good_file_becomes_frozen_entries() -> None:
    (vendor,) = parsed(GOOD)
    assert (vendor.name, vendor.device_globs) == ("x", ("/dev/x",))


def test_an_entry_knows_where_it_begins() -> None:
    (found,) = strict.parse(LONG, Vendor, key="vendors", source="own.yaml")
    assert found.place == "own.yaml:2:5"
    assert found.entry.bypass.environment == {"ACME_VISIBLE_DEVICES": "all"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("title", "tytle"), "own.yaml:2:15: there is no key 'tytle'; did you mean title?"),
        (GOOD.replace("title: X, ", ""), "own.yaml:2:5: the key 'title' is missing"),
        (GOOD.replace("tried: none", "tried: maybe"), "own.yaml:2:70: 'maybe' is not known here; there are: "),
        (GOOD.replace("[/dev/x]", "5"), "own.yaml:2:39: a list is expected, not a whole number ('5')"),
        (GOOD.replace("[/dev/x]", "[[]]"), "own.yaml:2:40: a text is expected, not a list"),
        (GOOD.replace("title: X", "title: 1.30"), "own.yaml:2:22: a text is expected, not a number ('1.30'); put it"),
        (GOOD.replace("title: X", "title: ~"), "own.yaml:2:22: a text is expected, not nothing"),
        (GOOD.replace("title: X", "title: ''"), "own.yaml:2:22: the text is empty"),
        (GOOD.replace("title: X", "1: X"), "own.yaml:2:15: a key has to be a text, not a whole number ('1')"),
        (GOOD.replace("name: x", "name: x, name: y"), "own.yaml:2:15: the key 'name' is there twice"),
        (GOOD + GOOD, "own.yaml:3:1: the key 'vendors' is there twice"),
        ("vendors:\n  - here\n", "own.yaml:2:5: a mapping with the keys "),
        ("vendors: 5\n", "own.yaml:1:10: vendors: a list is expected, not a whole number ('5')"),
        ("vendors: [", "own.yaml:1:11: no valid YAML: "),
        ("vendors: []\n---\nvendors: []\n", "own.yaml:2:1: no valid YAML: "),
        ("vendors: \x07", "own.yaml:1:10: no valid YAML: "),
        ("vendor: []\n", "own.yaml:1:1: there is no key 'vendor'; did you mean vendors?"),
        ("[]", "own.yaml:1:1: a mapping with the key vendors is expected, not a list"),
        ("", "own.yaml:1:1: the file is empty"),
        ("[" * 5000, "own.yaml:1:1: no valid YAML: "),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, message: str) -> None:
    assert message in refused(text)


def test_all_mistakes_are_said_at_once_in_the_order_of_the_file() -> None:
    lines = refused(LONG.replace("title: Acme", "title: 5").replace("tried: none", "tried: often")).splitlines()
    assert [line.split(":")[1] for line in lines] == ["3", "12"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"1.37": MUST', '"next": MUST', "own.yaml:6:14: 'next' is not a Kubernetes release such as 1.37"),
        ('"1.37": MUST', "1.37: MUST", "own.yaml:6:14: a key has to be a text, not a number ('1.37')"),
        ('"1.37": MUST', '"1.37": MAY', "own.yaml:6:22: 'MAY' is not known here; there are: MUST, SHOULD"),
        ("category: security", "category: security\n    kar: many", "own.yaml:6:10: a whole number is expected"),
        (
            "category: security",
            "category: security\n    artifact_proposed: 1",
            "own.yaml:6:24: true or false is expected",
        ),
    ],
)
def test_every_kind_of_value_is_held_to_its_type(old: str, new: str, message: str) -> None:
    with pytest.raises(CatalogError) as caught:
        strict.parse(REQUIREMENT.replace(old, new), Requirement, key="requirements", source="own.yaml")
    assert message in str(caught.value)


@pytest.mark.parametrize("content", [None, b"vendors:\n  - \xff"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "own.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CatalogError, match=rf"^{re.escape(str(path))}:[12]:[15]: the file "):
        strict.read(path, Vendor, key="vendors")


@given(st.sampled_from(list(KEYS.finditer(LONG))), st.text(alphabet="abcdefghij_", min_size=1, max_size=12))
def test_any_key_that_is_misspelt_is_refused_at_its_own_place(key: re.Match[str], typo: str) -> None:
    misspelt = f"{key[0]}{typo}q"
    line = LONG.count("\n", 0, key.start()) + 1
    column = key.start() - LONG.rfind("\n", 0, key.start())
    expected = f"own.yaml:{line}:{column}: there is no key '{misspelt}'"
    assert expected in refused(LONG[: key.start()] + misspelt + LONG[key.end() :])


def answer(text: str) -> str:
    try:
        return f"own.yaml:1:1: {len(parsed(text))} vendors"
    except CatalogError as error:
        return str(error)


@given(st.text())
def test_no_text_at_all_is_answered_with_a_traceback(text: str) -> None:
    assert re.match(r"own\.yaml:\d+:\d+: ", answer(text))
