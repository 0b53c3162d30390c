"""A bundle that was unpacked: the files of a folder. Times, owners and modes are the unpacker's and say nothing."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ai_conformance.evidence.bundle import folder, limits
from ai_conformance.evidence.bundle.contents import Contents
from ai_conformance.evidence.bundle.errors import Unreadable
from ai_conformance.evidence.bundle.findings import Finding, Kind


def contents(root: Path) -> Contents:
    """The contents of an unpacked bundle. Raises Unreadable."""
    found = folder.walk(root)
    digests: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for one in found:
        if not one.fault:
            sizes[one.path], digests[one.path] = folder.digest(root, one.path)
            if sum(sizes.values()) > limits.MAX_BYTES:
                raise Unreadable(f"{root} holds more than {limits.MAX_BYTES} bytes, and no bundle does")
    faults = {one.path: one.fault for one in found if one.fault}

    def form(expected: Collection[str]) -> tuple[Finding, ...]:
        return tuple(
            Finding(kind=Kind.ALTERED if path in expected else Kind.ADDED, path=path, sentence=fault)
            for path, fault in faults.items()
        )

    return Contents(
        digests=digests,
        sizes=sizes,
        read=lambda path: folder.read(root, path),
        chunks=lambda path: folder.pieces(root, path),
        form=form,
    )
