"""What a bundle holds, whether it is an archive or was unpacked into a folder, and what is wrong with its form."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping

from ai_conformance.evidence.bundle.findings import Finding


@dataclasses.dataclass(frozen=True, kw_only=True)
class Contents:
    """The files of a bundle."""

    digests: Mapping[str, str]
    """SHA-256 by path."""
    sizes: Mapping[str, int]
    """In bytes, by path."""
    read: Callable[[str], bytes]
    """The content of a file that is read as a whole. Raises Unreadable where it is too large."""
    chunks: Callable[[str], Iterator[bytes]]
    """The content of a file of any size, piece by piece. Raises Unreadable."""
    form: Callable[[Collection[str]], tuple[Finding, ...]]
    """What is wrong beside the contents of the files, told the paths that should be there."""
