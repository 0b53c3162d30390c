"""Kubernetes releases as the program counts them: a minor version, ordered."""

from __future__ import annotations

import dataclasses
import re


@dataclasses.dataclass(frozen=True, order=True)
class Release:
    """``1.37``; ordered by number, so that 1.9 comes before 1.10."""

    major: int
    minor: int

    @classmethod
    def parse(cls, text: str) -> Release:
        """Read ``1.37`` or ``v1.37``. Raises ValueError."""
        found = re.fullmatch(r"v?(\d{1,3})\.(\d{1,3})", text.strip(), re.ASCII)
        if found is None:
            raise ValueError(f"{text!r} is not a Kubernetes release such as 1.37")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def is_written(cls, text: str) -> bool:
        """Whether a text is the name of a release."""
        try:
            cls.parse(text)
        except ValueError:
            return False
        return True

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"
