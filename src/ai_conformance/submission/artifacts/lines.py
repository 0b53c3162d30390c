"""Lines as the program's validator reads them: a line feed alone ends one, and a very long one ends the reading.

Python's `splitlines` also ends a line at a form feed, at U+2028 and at others, where a forged verdict could then begin.
"""

from __future__ import annotations

from collections.abc import Iterator

from ai_conformance.submission.artifacts.outcomes import ArtifactError

_LIMIT_BYTES = 16 * 1024 * 1024
"""The buffer of the validator's reader: a line has to be shorter, its line feed not counted."""


def numbered(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines and their numbers from 1, without the line feed and one carriage return before it.

    Raises ArtifactError at a line that is too long, after the ones before it: what they say counts first.
    """
    begin, number = 0, 0
    while begin < len(data):
        number += 1
        end = data.find(b"\n", begin)
        line = data[begin : len(data) if end < 0 else end]
        if len(line) >= _LIMIT_BYTES:
            raise ArtifactError(f"line {number} is longer than 16 MiB, which the validator does not read", line=number)
        yield number, line.removesuffix(b"\r")
        if end < 0:
            return
        begin = end + 1
