"""How the official wording of a requirement is recognised without keeping it."""

from __future__ import annotations

import hashlib


def description_sha256(text: str) -> str:
    """SHA-256 of a description; every run of white space counts as one space, and none at the ends."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
