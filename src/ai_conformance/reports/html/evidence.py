"""Evidence in the page: a path is a link only if it cannot lead out of the run's folder, and small files are shown.

A page that was sent without its folder still has the small files' content, which is most of the proof.
"""

from __future__ import annotations

import dataclasses
import os
import re
import stat
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = "evidence"

FILE_LIMIT_BYTES: Final = 32 * 1024
"""A pod with its status has some kilobytes, a few of them fit."""
PAGE_LIMIT_BYTES: Final = 2 * 1024 * 1024
"""All files of a page together: more than any browser minds, less than what mail servers refuse."""

LINKED_ONLY: Final = "requests.jsonl"
"""What was asked for a case is long, and would take the room of the objects that it is judged by."""

_SEGMENT: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")

Reader = Callable[[str], str | None]


@dataclasses.dataclass(frozen=True, kw_only=True)
class File:
    """One file of evidence as the page has it."""

    path: str
    href: str | None
    """None where the path is none that the recorder would have written."""
    text: str | None


class Shelf:
    """The files of one page; keeps count of what is shown."""

    def __init__(self, reader: Reader | None) -> None:
        self._reader = reader
        self._left_bytes = PAGE_LIMIT_BYTES

    def file(self, path: str) -> File:
        """The file, with its text where that is at hand and small enough."""
        href = link(path)
        text = self._reader(path) if self._reader and href else None
        size = len(text.encode("utf-8", "backslashreplace")) if text is not None else 0
        if text is None or size > min(FILE_LIMIT_BYTES, self._left_bytes):
            return File(path=path, href=href, text=None)
        self._left_bytes -= size
        return File(path=path, href=href, text=text)


class Folder:
    """Reads evidence from a run's folder: plain files below it, through no link, of a size that can be shown."""

    def __init__(self, folder: Path) -> None:
        """``folder`` is the run's."""
        self._folder = folder

    def __call__(self, path: str) -> str | None:
        """The text; None for what is not there, is no plain text file, or is too large."""
        if link(path) is None or path.endswith(f"/{LINKED_ONLY}"):
            return None
        try:
            place = self._folder
            for segment in path.split("/"):
                place = place / segment
                if stat.S_ISLNK(place.lstat().st_mode):
                    return None
            descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor has no path
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    return None
                raw = file.read(FILE_LIMIT_BYTES + 1)
        except OSError:
            # The link in the page says as much: what is not there cannot be opened.
            return None
        if len(raw) > FILE_LIMIT_BYTES or b"\0" in raw:
            return None
        return raw.decode("utf-8", "backslashreplace")


def link(path: str) -> str | None:
    """The path as a relative address, if it leads to a file below the folder of evidence and nowhere else."""
    segments = path.split("/")
    if len(segments) < 2 or segments[0] != ROOT or not all(_SEGMENT.fullmatch(one) for one in segments):
        return None
    return urllib.parse.quote(path)
