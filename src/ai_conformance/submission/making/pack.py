"""The artifacts of one run for a product's folder: redacted, of one record, with how to reproduce them.

The files are written anew from the record that was redacted, so that no rule has to know three formats; before that
they were compared with the record as it was, so that what was changed by hand does not pass for the run's.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping

from ai_conformance.model.records import RunRecord
from ai_conformance.model.releases import Release
from ai_conformance.reports import artifacts
from ai_conformance.submission.errors import Refused
from ai_conformance.submission.making import readme, runs
from ai_conformance.submission.making.privacy import Redactions, published
from ai_conformance.submission.making.runs import Run
from ai_conformance.submission.product import Product


@dataclasses.dataclass(frozen=True, kw_only=True)
class Package:
    """What goes into the folder, and what to say in the pull request."""

    artifacts: Mapping[str, bytes]
    readme: bytes
    """How to reproduce it."""
    summary: str
    """For the text of the pull request, as Markdown."""
    record: RunRecord
    """As published."""
    redactions: tuple[tuple[str, str, int], ...]
    """(where, rule, how often)."""


def pack(run: Run, *, release: Release | None, product: Product | None) -> Package:
    """The package of a run. The same run and product give the same bytes.

    Raises Refused: another release's run, one with failing tests, one whose artifacts were changed.
    """
    record = run.record
    if release is not None and str(release) != record.release:
        raise Refused(f"the run is of release {record.release}, the folder of {release}; run --release {release}")
    if run.failing:
        names = ", ".join(f"{one.requirement} ({one.verdict})" for one in run.failing)
        raise Refused(f"the run in {run.folder} has failing tests, and the program refuses artifacts with one: {names}")
    runs.must_be_unchanged(run)
    redactions = Redactions()
    shown = published(record, redactions=redactions)
    contents = artifacts.of(shown)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    return Package(
        artifacts=contents,
        readme=readme.text(shown, hashes=hashes).encode(),
        summary=readme.summary(shown, product=product),
        record=shown,
        redactions=redactions.as_rows(),
    )
