"""Checks in memory, whose evidence nobody reads."""

from __future__ import annotations

from typing import Any


class Nowhere:
    """An evidence store that keeps nothing."""

    def write_json(self, name: str, content: Any) -> str:
        return name

    def write_text(self, name: str, content: str) -> str:
        return name

    def requests(self) -> None:
        """Nothing was asked."""
