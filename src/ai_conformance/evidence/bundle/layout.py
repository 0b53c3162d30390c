"""The one form that the bytes of a bundle have: a POSIX tar archive in which nothing is left to chance.

Owner, group, mode and time are the same for every file, the order is that of `names.order`, and the end is two blocks
of zeros and nothing more. So the same files always give the same bytes, and other bytes are no bundle as it was packed.
"""

from __future__ import annotations

import tarfile
from typing import Final

BLOCK: Final = 512
MODE: Final = 0o644
TIME: Final = 315_532_800
"""1980-01-01 UTC. Of 1970 tar says that it is implausibly old, and a true time would make each packing another."""

END: Final = bytes(2 * BLOCK)


def header(path: str, *, size_bytes: int) -> bytes:
    """What stands before a file: one block, or three and more where the path is too long for one or not ASCII."""
    info = tarfile.TarInfo(path)
    info.size = size_bytes
    info.mode = MODE
    info.mtime = TIME
    return info.tobuf(tarfile.PAX_FORMAT, encoding="utf-8", errors="strict")


def padding(size_bytes: int) -> int:
    """How many bytes of zeros follow a file."""
    return -size_bytes % BLOCK
