"""The names of the CNCF's members, which `vendorName` has to be one of."""

from __future__ import annotations

from typing import Any

from ai_conformance.submission.landscape import reading
from ai_conformance.submission.landscape.reading import LandscapeError

_CATEGORY = "CNCF Members"
_KINDS = (" (member)", " (supporter)")


def members(text: str) -> frozenset[str]:
    """The names in a landscape, without what kind of member each is. Raises LandscapeError if it lists none."""
    categories = [one for one in _list(reading.read(text).data, "landscape") if _text(one) == _CATEGORY]
    if not categories:
        raise LandscapeError(f"the landscape has no category {_CATEGORY!r}")
    # As in the validator, of two such categories the first is the one.
    found = {
        _without_kind(_text(item)) for group in _list(categories[0], "subcategories") for item in _list(group, "items")
    }
    return frozenset(found - {""})


def _without_kind(name: str) -> str:
    for kind in _KINDS:
        name = name.removesuffix(kind)
    return name.strip()


def _list(data: Any, key: str) -> list[Any]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []


def _text(data: Any) -> str:
    found = data.get("name") if isinstance(data, dict) else None
    return found[1] if isinstance(found, tuple) else ""
