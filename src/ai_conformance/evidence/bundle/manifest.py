"""``manifest.sha256``: a digest and a path a line, as ``sha256sum`` writes and checks them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_LINE: Final = re.compile(r"([0-9a-f]{64})  (.+)", re.ASCII)


class MalformedManifest(Exception):  # noqa: N818 - it says what the file is
    """The file is no manifest; the message names the line."""


def text(digests: Mapping[str, str]) -> str:
    """The manifest of files by their paths."""
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests, key=str.encode))


def read(data: bytes) -> dict[str, str]:
    """The digests by path. Raises MalformedManifest, also where it is not written as `text` writes it."""
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError as error:
        raise MalformedManifest(f"byte {error.start} is not UTF-8") from None
    found: dict[str, str] = {}
    for number, line in enumerate(lines[:-1], start=1):
        matched = _LINE.fullmatch(line)
        if matched is None:
            raise MalformedManifest(f"line {number} is no digest with a path")
        if matched[2] in found:
            raise MalformedManifest(f"line {number} names a path for the second time")
        found[matched[2]] = matched[1]
    if lines[-1]:
        raise MalformedManifest(f"line {len(lines)} does not end")
    if text(found).encode() != data:
        raise MalformedManifest("its lines are not in the order of their paths")
    return found
