"""The commands that a page of the documentation tells a user to type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path


def blocks(page: Path) -> Iterator[list[str]]:
    """The commands of each console or shell block."""
    for block in re.findall(r"^```(?:console|sh)\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S):
        commands = [re.sub(r"\s+#.*", "", line).strip() for line in block.splitlines()]
        yield [command for command in commands if command]
