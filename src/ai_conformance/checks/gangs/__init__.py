"""What the check of gang scheduling is made of: the kinds of gang schedulers, where a gang fits, what its pods say."""

from __future__ import annotations


def prefix(label: str) -> str:
    """The beginning of the names of pods that belong to a variant: a DNS label, and short."""
    return label.lower().replace(".", "-")[:40].rstrip("-")
