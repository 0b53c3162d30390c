"""How much a bundle may hold. What is made and what is read have the same limits, so that nothing is made in vain.

A bundle is not compressed, so it never holds more than the bytes that were sent; these limits are for the time and the
memory of whoever is asked to look at one.
"""

from __future__ import annotations

from typing import Final

MAX_BYTES: Final = 1024 * 1024 * 1024
"""Of a whole bundle. A file of evidence has at most 8 MiB, and a run has some hundreds of them, most of a few KiB."""

MAX_FILES: Final = 20_000
"""A run of all checks leaves some hundreds."""

MAX_RECORD_BYTES: Final = 64 * 1024 * 1024
"""Of a file that is read as a whole: the record, the artifacts, and what the bundle adds. A full log has about 1 MB."""

MAX_NAME_BYTES: Final = 1024
"""Of a path. The recorder of evidence makes parts of at most 120 bytes, and five of them a path."""

MAX_SIGNATURES: Final = 100
"""Of each kind. More people than that do not vouch for one run, and each costs time."""
