"""Whether a patched landscape says what it should: everything that it said before, and the planned changes alone."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

from ai_conformance.submission.landscape import reading
from ai_conformance.submission.landscape.patching import NewItem
from ai_conformance.submission.landscape.reading import AI_PLATFORM, SECOND_PATH, Item, Landscape, LandscapeError

_TEXT = "tag:yaml.org,2002:str"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Planned:
    """The changes, by what they are."""

    added_paths: tuple[Item, ...] = ()
    removed_paths: tuple[Item, ...] = ()
    removed_items: tuple[Item, ...] = ()
    new_items: tuple[NewItem, ...] = ()


def demand_only(landscape: Landscape, patched: str, planned: Planned) -> None:
    """Raise LandscapeError unless the patched text, read again, differs from the old one by the plan alone."""
    try:
        found = reading.read(patched).data
    except LandscapeError as error:
        raise LandscapeError(f"no patch is shown: it would break the file; {error}") from None
    expected = _expected(landscape, planned)
    if found != expected:
        place = " > ".join(_difference(expected, found))
        raise LandscapeError(f"no patch is shown: it would change something else, at {place}; change the file by hand")


def _expected(landscape: Landscape, planned: Planned) -> Any:
    data = copy.deepcopy(landscape.data)
    for item in planned.added_paths:
        entry = _at(data, item.path)
        entry["second_path"] = [(_TEXT, one) for one in (*item.second_paths, SECOND_PATH)]
    for item in planned.removed_paths:
        entry = _at(data, item.path)
        kept = [(_TEXT, one) for one in item.second_paths if AI_PLATFORM not in one]
        entry["second_path"] = kept
        if not kept:
            del entry["second_path"]
    first, second = landscape.items_path
    holder = data["landscape"][first]["subcategories"][second]
    gone = {item.path[2] for item in planned.removed_items}
    old = holder["items"] if isinstance(holder["items"], list) else []
    new = [{"item": ("tag:yaml.org,2002:null", ""), **_fields(one)} for one in planned.new_items]
    if gone or new:
        holder["items"] = [one for index, one in enumerate(old) if index not in gone] + new
    return data


def _at(data: Any, path: tuple[int, int, int]) -> dict[str, Any]:
    first, second, third = path
    entry: dict[str, Any] = data["landscape"][first]["subcategories"][second]["items"][third]
    return entry


def _fields(item: NewItem) -> dict[str, tuple[str, str]]:
    return {field.name: (_TEXT, getattr(item, field.name)) for field in dataclasses.fields(item)}


def _difference(expected: Any, found: Any) -> list[str]:
    """The way to the first place at which two values differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in [*expected, *(one for one in found if one not in expected)]:
            if key not in expected or key not in found:
                return [str(key)]
            if expected[key] != found[key]:
                return [str(key), *_difference(expected[key], found[key])]
    if isinstance(expected, list) and isinstance(found, list):
        for index, (one, other) in enumerate(zip(expected, found, strict=False)):
            if one != other:
                return [str(index + 1), *_difference(one, other)]
        return [f"{len(expected)} entries expected, {len(found)} found"]
    return []
