"""The plan for a landscape, and that its patch says what it should in every form that the file takes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.submission.landscape import ChangeKind, LandscapeError, Product, comparing, plan, reading
from ai_conformance.submission.landscape.patching import NewItem

TODAY = date(2026, 12, 1)
PATH = reading.SECOND_PATH


def product(name: str = "Acme", *, ends: date | None = date(2027, 1, 1), website: str | None = None) -> Product:
    address = f"https://{name.lower()}.example" if website is None else website
    return Product(name=name, vendor="Acme Inc.", website=address, description=f"{name}: a platform", ends=ends)


def landscape(*, elsewhere: str = "", own: str = "        items: []", tail: str = "") -> str:
    """A landscape with one entry among others, `elsewhere` being the rest of its lines, and the own entries."""
    return f"""# A comment
landscape:
  - category:
    name: Platform
    subcategories:
      - subcategory:
        name: Certified Kubernetes - Distribution
        items:
          - item:
            name: First
            homepage_url: https://first.example
            logo: first.svg
            # a comment at the end

          - item:
            name: Acme
            homepage_url: https://acme.example
            logo: acme.svg
{elsewhere}          # a comment between
          - item:
            name: Last
            homepage_url: https://last.example
            description: >-
              folded
              text
      - subcategory:
        name: Certified Kubernetes - AI Platform
{own}
{tail}"""


def entry(text: str, name: str) -> reading.Item:
    return next(one for one in reading.read(text).items if one.name == name)


ELSEWHERE = {
    "nothing more": "",
    "a mapping behind": "            extra:\n              slack_url: x\n",
    "a folded text at the end": "            description: >-\n              a text\n              # not a comment\n",
    "a literal text at the end": "            description: |+\n              a text\n\n\n",
    "a list with another key behind": (
        "            second_path:\n              - 'A / B' # why\n            extra:\n              a: b\n"
    ),
    "a list at the end": "            second_path:\n              - A / B\n              - C / D\n",
    "a list without indentation": "            second_path:\n            - A / B\n            twitter: x\n",
    "one text": "            second_path: A / B\n            twitter: x\n",
    "a list between brackets": '            second_path: [A / B, "C: D"]\n            twitter: x\n',
    "an empty list": "            second_path: []\n",
    "an empty key": "            second_path:\n            twitter: x\n",
}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("elsewhere", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_second_path_comes_and_goes_in_whatever_form_the_entry_is(elsewhere: str, line_end: str) -> None:
    before = landscape(elsewhere=elsewhere).replace("\n", line_end)
    old = entry(before, "Acme").second_paths
    added = plan(before, [product()], today=TODAY)
    assert [(one.kind, one.item) for one in added.changes] == [(ChangeKind.SECOND_PATH, "Acme")]
    assert entry(added.text, "Acme").second_paths == (*old, PATH)
    assert set(before.split("\n")) - set(added.text.split("\n")) <= {
        line for line in before.split("\n") if "second_path" in line
    }
    again = plan(added.text, [product()], today=TODAY)
    assert (again.text, again.changes[0].kind) == (added.text, ChangeKind.LISTED)
    removed = plan(added.text, [product(ends=TODAY)], today=TODAY)
    assert removed.changes[0].kind is ChangeKind.REMOVED_PATH
    assert entry(removed.text, "Acme").second_paths == old


OWN = {
    "an empty list": "        items: []",
    "an empty key": "        items:",
    "an entry": "        items:\n          - item:\n            name: Own\n            homepage_url: https://own.example",
    "an entry with a text at the end": (
        "        items:\n          - item:\n            name: Own\n            homepage_url: https://own.example\n"
        "            description: >-\n              folded\n\n              text\n          # a comment"
    ),
}
TAILS = {
    "nothing": "",
    "a comment": "# the end\n",
    "a category": "  - category:\n    name: Next\n    subcategories: []\n",
}


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS.keys())
@pytest.mark.parametrize("own", OWN.values(), ids=OWN.keys())
def test_a_new_entry_comes_and_goes_behind_whatever_is_there(own: str, tail: str) -> None:
    before = landscape(own=own, tail=tail)
    made = plan(before, [product("New")], today=TODAY)
    assert made.changes[0].kind is ChangeKind.NEW_ITEM
    new = entry(made.text, "New")
    assert (new.subcategory, new.homepage_url) == (reading.AI_PLATFORM, "https://new.example")
    assert "            logo: new.svg" in made.text.split("\n")
    kept = [product("Own")] if "Own" in own else []
    removed = plan(made.text, [product("New", ends=TODAY), *kept], today=TODAY)
    assert removed.changes[0].kind is ChangeKind.REMOVED_ITEM
    # A key with nothing behind it has become an empty list.
    empty = landscape(own=OWN["an empty list"] if own == OWN["an empty key"] else own, tail=tail)
    assert reading.read(removed.text).data == reading.read(empty).data


def test_the_last_entry_that_goes_leaves_an_empty_list() -> None:
    before = landscape(own=OWN["an entry"])
    after = plan(before, [product("Own", ends=TODAY)], today=TODAY).text
    assert "        items: []" in after.split("\n")


@pytest.mark.parametrize(
    "name",
    [
        "Newt: the platform",
        "- Newt",
        "1.0",
        "yes: no",
        "Newt #1",
        "[Newt]",
        "'Newt'",
        "null",
        "Néwt ☃ 😀",
        'a "b" \\c',
        "@x",
    ],
)
def test_a_name_of_any_kind_is_written_so_that_it_is_read_again(name: str) -> None:
    made = plan(landscape(), [product(name, website="https://new.example")], today=TODAY)
    assert entry(made.text, name).homepage_url == "https://new.example"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], include_characters=" "), min_size=1))
def test_any_printable_name_and_description_survive(text: str) -> None:
    # Two words, of which the first is nobody's: the name must not be that of an entry that is there.
    line = f"Zz {text.strip()}".strip()
    wanted = Product(name=line, vendor="", website="https://new.example", description=line, ends=None)
    made = plan(landscape(), [wanted], today=TODAY)
    assert line in {one.name for one in reading.read(made.text).items}


def test_a_product_without_an_address_cannot_be_listed_and_one_that_ended_need_not() -> None:
    made = plan(landscape(), [product("New", website=""), product("Old", ends=TODAY)], today=TODAY)
    assert [one.kind for one in made.changes] == [ChangeKind.IMPOSSIBLE, ChangeKind.ABSENT]
    assert made.text == landscape()


def test_a_product_whose_end_is_not_known_stays() -> None:
    listed = plan(landscape(), [product()], today=TODAY).text
    assert plan(listed, [product(ends=None)], today=TODAY).text == listed


def test_of_two_products_that_are_one_entry_the_one_that_holds_keeps_it() -> None:
    listed = plan(landscape(), [product()], today=TODAY).text
    made = plan(listed, [product(ends=TODAY), product()], today=TODAY)
    assert [one.kind for one in made.changes] == [ChangeKind.LISTED] * 2
    assert made.text == listed


def test_an_entry_that_is_no_product_here_is_left_and_named() -> None:
    text = landscape(own=OWN["an entry"])
    made = plan(text, [], today=TODAY)
    assert [(one.kind, one.item) for one in made.changes] == [(ChangeKind.UNMATCHED, "Own")]
    assert made.text == text


def test_the_entry_that_is_listed_already_is_preferred() -> None:
    twice = "          - item:\n            name: Acme\n            homepage_url: https://other.example\n"
    listed = f'            second_path:\n              - "{PATH}"\n'
    text = landscape(elsewhere=f"{twice}{listed}")
    made = plan(text, [product()], today=TODAY)
    assert [one.kind for one in made.changes] == [ChangeKind.LISTED]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no subcategory"),
        ("a text", "no subcategory"),
        ("landscape: [", "no valid YAML"),
        ("landscape:\n\t- x", "2:1: the landscape is no valid YAML"),
        ("landscape: []", "no subcategory"),
        (landscape(elsewhere="            logo: again.svg\n"), "twice"),
        ("[" * 100_000, "nested too deep"),
        ("a: &a [*a]", "line 1 of the landscape has an alias"),
    ],
)
def test_a_file_that_is_no_landscape_is_refused(text: str, message: str) -> None:
    with pytest.raises(LandscapeError, match=message):
        plan(text, [product()], today=TODAY)


@pytest.mark.parametrize(
    "text",
    [
        landscape()
        .replace("            logo: acme.svg\n", "")
        .replace("            name: Acme\n", "")
        .replace("homepage_url: https://acme.example", "homepage_url:\n              https://acme.example"),
        landscape(elsewhere="            second_path:\n              - |\n                A\n"),
        landscape(elsewhere="            second_path: [A,\n              B]\n"),
        landscape(own="        items: [{item: , name: Own, homepage_url: x}]")
        .replace("name: Acme", "name: Somebody")
        .replace("https://acme.example", "https://somebody.example"),
    ],
)
def test_what_cannot_be_patched_safely_is_refused(text: str) -> None:
    with pytest.raises(LandscapeError):
        plan(text, [product()], today=TODAY)


def test_a_patch_that_changes_anything_else_is_refused_with_the_place() -> None:
    before = reading.read(landscape())
    patched = landscape().replace("https://last.example", "https://lost.example")
    with pytest.raises(LandscapeError, match="landscape > 1 > subcategories > 1 > items > 3 > homepage_url"):
        comparing.demand_only(before, patched, comparing.Planned())
    with pytest.raises(LandscapeError, match="break the file"):
        comparing.demand_only(before, landscape(tail="\t"), comparing.Planned())
    missing = NewItem(name="New", description="x", homepage_url="x", logo="x")
    with pytest.raises(LandscapeError, match="items"):
        comparing.demand_only(before, landscape(), comparing.Planned(new_items=(missing,)))
