"""What was sent and read, short enough to be read by people: an object whole, of a list the names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ai_conformance.kube.recording import parts

LONGEST = 32 * 1024
"""Characters of an object or a text; a pod with its status has some 5,000."""
_NAMES = 100


def brief(value: Any) -> Any:
    """The value, or what can be said of it in short."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST else f"{value[:LONGEST]}[... {len(value) - LONGEST} characters cut]"
    if isinstance(value, Mapping) and isinstance(value.get("items"), list):
        return {**{key: item for key, item in value.items() if key != "items"}, "items": _items(value["items"])}
    written = parts.text(value)
    if len(written) <= LONGEST:
        return value
    return f"{written[:LONGEST]}[... {len(written) - LONGEST} characters cut]"


def named(obj: Any) -> str:
    """An object by namespace and name."""
    metadata = obj.get("metadata") if isinstance(obj, Mapping) else None
    if not isinstance(metadata, Mapping):
        return ""
    return "/".join(str(metadata[key]) for key in ("namespace", "name") if metadata.get(key))


def _items(items: list[Any]) -> dict[str, Any]:
    names = [named(one) for one in items[:_NAMES]]
    more = {"more": len(items) - _NAMES} if len(items) > _NAMES else {}
    return {"count": len(items), "names": names, **more}
