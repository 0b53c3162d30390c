"""Durations as Go writes them (`time.ParseDuration`): ``1h30m``, ``90s``, ``1.5h``, ``500ms``."""

from __future__ import annotations

import re

_UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ms|us|µs|ns|h|m|s)")


def parse(text: str) -> float:
    """Seconds. Raises ValueError that says where the text stops being a duration; negative ones are refused."""
    if text == "0":
        return 0.0
    position, total_s = 0, 0.0
    while position < len(text):
        part = _PART.match(text, position)
        if part is None:
            raise ValueError(
                f"{text!r} is not a duration such as 90s or 1h30m (character {position + 1}: {text[position:]!r})"
            )
        total_s += float(part[1]) * _UNITS_S[part[2]]
        position = part.end()
    if not text:
        raise ValueError("an empty text is not a duration such as 90s or 1h30m")
    return total_s


def render(seconds: float) -> str:
    """Short and readable: ``1h30m``, ``90.5s`` becomes ``1m30.5s``."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{hours:.0f}h" if hours else "", f"{minutes:.0f}m" if minutes else ""]
    if rest or not any(parts):
        parts.append(f"{rest:.3f}".rstrip("0").rstrip(".") + "s")
    return "".join(parts)
