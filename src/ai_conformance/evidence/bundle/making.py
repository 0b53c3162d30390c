"""Packs a run's folder. What would not be believed later is refused now: links, devices, artifacts of another run."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ai_conformance.evidence.bundle import agreement, folder, limits, manifest, names, statement, writing
from ai_conformance.evidence.bundle.errors import BundleError, Refused, Unreadable
from ai_conformance.evidence.bundle.writing import Part
from ai_conformance.model.records import RunRecord
from ai_conformance.reports import writer


@dataclasses.dataclass(frozen=True, kw_only=True)
class Package:
    """A run on its way into a bundle."""

    record: RunRecord
    files: int
    """Of the run."""
    parts: tuple[Part, ...]
    missing: tuple[str, ...]
    """Evidence that the record names and the folder does not hold."""


def pack(run: Path) -> Package:
    """The package of a run's folder. The same files give the same package.

    Raises BundleError where it is no run's folder, Refused where it holds what no bundle can or contradicts itself,
    Unreadable where a file of it cannot be read.
    """
    folder.must_be_folder(run)
    found = folder.walk(run)
    if writer.RUN_JSON not in (one.path for one in found):
        raise BundleError(
            f"{run} is no run's folder: there is no {writer.RUN_JSON}. A run that was killed leaves none; run it again"
        )
    for one in found:
        if one.fault:
            raise Refused(f"{run / one.path} cannot be packed: {one.fault}; move it away or put a plain file there")
    files = [_part(run, one.path) for one in found]
    digests = {one.path: one.sha256 for one in files}
    data = folder.read(run, writer.RUN_JSON)
    try:
        record = agreement.record(data)
    except agreement.NoRecord as error:
        raise Unreadable(f"{run / writer.RUN_JSON}: {error}") from None
    # Not from the digests alone: what is written there is what a reader of the bundle will be told.
    for difference in agreement.differences(record, files=set(digests), read=lambda path: folder.read(run, path)):
        raise Refused(f"{run / difference.name} {difference.sentence}")
    listed = {f"{names.RUN}{path}": digest for path, digest in digests.items()}
    said = statement.text(statement.of(record, digests=listed)).encode()
    if len(said) > limits.MAX_RECORD_BYTES:
        raise Refused(f"what {writer.RUN_JSON} says is too long for a bundle")
    return Package(
        record=record,
        files=len(files),
        parts=(
            writing.of_bytes(names.MANIFEST, manifest.text(listed).encode()),
            writing.of_bytes(names.STATEMENT, said),
            *(dataclasses.replace(one, path=f"{names.RUN}{one.path}") for one in files),
        ),
        missing=agreement.missing_evidence(record, files=set(digests)),
    )


def create(run: Path, target: Path, *, replace: bool) -> Package:
    """Pack a run's folder into a file. Raises as `pack` does, and Refused where the file is there already."""
    if target.resolve().is_relative_to(run.resolve()):
        raise Refused(f"{target} is in the run's folder, which it would change; name a file elsewhere with -o")
    package = pack(run)
    writing.write(target, package.parts, replace=replace)
    return package


def _part(run: Path, path: str) -> Part:
    size, digest = folder.digest(run, path)

    def content() -> folder.Chunks:
        with folder.opened(run, path) as file:
            yield from folder.chunks(file)

    return Part(path=path, size_bytes=size, sha256=digest, content=content)
