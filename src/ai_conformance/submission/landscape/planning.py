"""What has to change in the landscape: a pure function of its text, the certified products and the day.

A product whose newest certificate still holds has to be listed, by an entry of its own or by a second path of the entry
that it has elsewhere; one whose certificates have all ended must not be. An entry that no product matches is left as it
is and named.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Iterator, Sequence
from datetime import date

from ai_conformance.submission.landscape import comparing, matching, patching, reading
from ai_conformance.submission.landscape.patching import Edit, NewItem
from ai_conformance.submission.landscape.reading import AI_PLATFORM, Item, Landscape

_NO_FILE_NAME = re.compile(r"[^a-z0-9]+")


class ChangeKind(enum.StrEnum):
    """What is to be done about a product or an entry."""

    LISTED = "listed"
    """Nothing: it is there already."""
    SECOND_PATH = "second path"
    """Its entry elsewhere gets a second path."""
    NEW_ITEM = "new item"
    REMOVED_PATH = "removed path"
    """Its certificates have ended: the second path of its entry goes."""
    REMOVED_ITEM = "removed item"
    """Its certificates have ended: its entry among the certified products goes."""
    ABSENT = "absent"
    """Nothing: its certificates have ended and it is not listed."""
    IMPOSSIBLE = "impossible"
    """It would have to be listed and lacks what an entry needs."""
    UNMATCHED = "unmatched"
    """An entry among the certified products that is none of the products here: a person has to look."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Product:
    """A certified product, as its newest submission describes it."""

    name: str
    vendor: str
    website: str
    description: str
    ends: date | None
    """The first day without any certificate; None if it is not known, which counts as still certified."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Change:
    """One line of the plan."""

    kind: ChangeKind
    product: str
    """The product's name; of an entry that none matches, the entry's."""
    item: str = ""
    """The name of the entry that it is."""
    line: int | None = None
    """Where that entry begins."""
    by_name: bool = False
    """It was found by a name that is only similar: a person has to look."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that is to be done, and the text with it done."""

    changes: tuple[Change, ...]
    text: str = dataclasses.field(repr=False)


def plan(text: str, products: Sequence[Product], *, today: date) -> Plan:
    """What has to change. Raises LandscapeError if the text is no landscape or cannot be patched safely.

    The patched text has been read again and says what the old one said and what is planned, nothing else.
    """
    landscape = reading.read(text)
    work = _Work(landscape, [_match(landscape, one) for one in products], today=today)
    patched = patching.apply(text, work.edits())
    comparing.demand_only(landscape, patched, work.planned)
    return Plan(changes=work.changes, text=patched)


def logo_of(name: str) -> str:
    """The file name of a product's logo, as the program's own script makes it."""
    return f"{_NO_FILE_NAME.sub('-', name.lower()).strip('-')}.svg"


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Match:
    product: Product
    item: Item | None
    by_name: bool = False


def _match(landscape: Landscape, product: Product) -> _Match:
    items, name = landscape.items, product.name
    item = matching.already_listed(items, name=name, address=product.website)
    item = item or matching.by_address(items, product.website)
    if item is not None:
        return _Match(product=product, item=item)
    item = matching.by_name(items, name=name, vendor=product.vendor)
    similar = item is not None and matching.tokens(item.name) != matching.tokens(name)
    return _Match(product=product, item=item, by_name=similar)


class _Work:
    """The changes of a plan, sorted by what they do to the text."""

    def __init__(self, landscape: Landscape, matches: Sequence[_Match], *, today: date) -> None:
        self._landscape = landscape
        self._today = today
        # Of two products that are one entry, one that still holds keeps it.
        self._held = {id(one.item) for one in matches if one.item and self._holds(one.product)}
        self._kinds: dict[int, ChangeKind] = {}
        self._added: list[Item] = []
        self._removed: list[Item] = []
        self._new: dict[str, NewItem] = {}
        changes = [self._change(one) for one in matches]
        matched = {id(one.item) for one in matches if one.item}
        unmatched = [one for one in landscape.items if one.is_listed and id(one) not in matched]
        changes += [
            Change(kind=ChangeKind.UNMATCHED, product=one.name, item=one.name, line=one.line) for one in unmatched
        ]
        self.changes = tuple(changes)

    @property
    def planned(self) -> comparing.Planned:
        """What the patched text has to say."""
        own = [one for one in self._removed if one.subcategory == AI_PLATFORM]
        return comparing.Planned(
            added_paths=tuple(self._added),
            removed_paths=tuple(one for one in self._removed if one not in own),
            removed_items=tuple(own),
            new_items=tuple(self._new.values()),
        )

    def edits(self) -> Iterator[Edit]:
        """The lines to change."""
        planned = self.planned
        yield from map(patching.add_second_path, planned.added_paths)
        yield from map(patching.remove_second_path, planned.removed_paths)
        yield from patching.change_items(self._landscape, removed=planned.removed_items, new=planned.new_items)

    def _holds(self, product: Product) -> bool:
        return product.ends is None or product.ends > self._today

    def _change(self, match: _Match) -> Change:
        product, item = match.product, match.item
        if item is None:
            return Change(kind=self._without_item(product), product=product.name)
        kind = self._kinds.get(id(item)) or self._with_item(item)
        self._kinds[id(item)] = kind
        return Change(kind=kind, product=product.name, item=item.name, line=item.line, by_name=match.by_name)

    def _with_item(self, item: Item) -> ChangeKind:
        held = id(item) in self._held
        if held == item.is_listed:
            return ChangeKind.LISTED if held else ChangeKind.ABSENT
        if held:
            self._added.append(item)
            return ChangeKind.SECOND_PATH
        self._removed.append(item)
        return ChangeKind.REMOVED_ITEM if item.subcategory == AI_PLATFORM else ChangeKind.REMOVED_PATH

    def _without_item(self, product: Product) -> ChangeKind:
        if not self._holds(product):
            return ChangeKind.ABSENT
        if not all((product.name, product.website, product.description)):
            return ChangeKind.IMPOSSIBLE
        made = NewItem(
            name=product.name,
            description=product.description,
            homepage_url=product.website,
            logo=logo_of(product.name),
        )
        # Two submissions of one product that is not there yet make one entry.
        self._new.setdefault(matching.normal_address(product.website), made)
        return ChangeKind.NEW_ITEM
