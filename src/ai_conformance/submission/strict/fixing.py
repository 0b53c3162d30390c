"""`--fix`: the corrections that findings carry, made in the file; whatever they do not touch keeps every byte.

A correction is only carried where there is one right answer (the checklist's own text, a blank too many). What two
findings say about one value is not guessed at: the first is made, and checking again finds the rest.
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ai_conformance.submission import documents
from ai_conformance.submission.documents import DocumentError, Draft
from ai_conformance.submission.errors import Unavailable
from ai_conformance.submission.findings import Finding
from ai_conformance.submission.folders import ProductFolder
from ai_conformance.submission.product import FILE_NAME


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fixed:
    """What was done to a file."""

    path: Path
    made: tuple[Finding, ...]
    refused: tuple[tuple[Finding, str], ...]
    """Findings that could not be corrected after all, and why."""


def fix(folder: ProductFolder, findings: Sequence[Finding]) -> Fixed:
    """Make the corrections in PRODUCT.yaml. Raises Unavailable where the file cannot be written."""
    wanted = [one for one in findings if one.correction]
    if not wanted:
        return Fixed(path=folder.product_file, made=(), refused=())
    try:
        data = folder.read(FILE_NAME, limit_bytes=documents.MAX_BYTES)
        document = documents.parse(data, source=str(folder.product_file))
    except DocumentError as error:
        return Fixed(path=folder.product_file, made=(), refused=tuple((one, str(error)) for one in wanted))
    made: list[Finding] = []
    refused: list[tuple[Finding, str]] = []
    for finding in wanted:
        correction = finding.correction
        assert correction is not None
        try:
            changed = Draft(document)
            changed.set(correction.place, correction.value)
            document = changed.finish()
            made.append(finding)
        except DocumentError as error:
            refused.append((finding, str(error)))
    if made:
        _write(folder.locate(FILE_NAME), document.encode())
    return Fixed(path=folder.product_file, made=tuple(made), refused=tuple(refused))


def _write(path: Path, data: bytes) -> None:
    """In one step: a reader finds the old file or the new one, never a half."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror or error}") from None
