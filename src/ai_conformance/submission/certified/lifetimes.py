"""Certificates and how long they last; pure but for reading the products' files."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable, Mapping
from datetime import date

from ai_conformance.model.releases import Release
from ai_conformance.submission import folders
from ai_conformance.submission.folders import ProductFolder
from ai_conformance.submission.product import FILE_NAME
from ai_conformance.submission.upstream import go_document
from ai_conformance.submission.upstream.go_nodes import LimitError, YamlError
from ai_conformance.submission.upstream.rule_sets import METADATA

WARNING_DAYS = 45
"""Before the end: a merge takes 12 days in the median and 39 at the 90th percentile."""
_MAX_BYTES = 1024 * 1024


class State(enum.StrEnum):
    """How a certificate stands on a day."""

    VALID = "valid"
    ENDING = "ending"
    """It ends within the days of the warning."""
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    """The day of the merge is not known."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Certificate:
    """One product in one release."""

    folder: str
    """``vX.Y/<product>``."""
    release: Release
    metadata: Mapping[str, str]
    """The texts of PRODUCT.yaml's metadata by their first names, each on one line; empty if it cannot be read."""
    merged: date | None

    @property
    def product(self) -> str:
        """The product's folder, which is what stays from release to release, in lower case."""
        return self.folder.rpartition("/")[2].lower()

    @property
    def name(self) -> str:
        """The product's name, or its folder's where it has none."""
        return self.metadata.get("platformName") or self.folder.rpartition("/")[2]

    @property
    def vendor(self) -> str:
        """The vendor's name, if it is known."""
        return self.metadata.get("vendorName", "")

    @property
    def ends(self) -> date | None:
        """The first day without it: a year after the merge."""
        if self.merged is None:
            return None
        try:
            return self.merged.replace(year=self.merged.year + 1)
        except ValueError:
            # The 29th of February.
            return date(self.merged.year + 1, 3, 1)

    def days_left(self, today: date) -> int | None:
        """How many days it still holds, today included; none or fewer if it does not."""
        return (self.ends - today).days if self.ends else None

    def state(self, today: date) -> State:
        """How it stands."""
        days = self.days_left(today)
        if days is None:
            return State.UNKNOWN
        if days <= 0:
            return State.EXPIRED
        return State.ENDING if days <= WARNING_DAYS else State.VALID


def certificates(products: Iterable[ProductFolder], merges: Mapping[str, date]) -> tuple[Certificate, ...]:
    """The certificates of product folders, by release and name; folders outside of a release have none."""
    found = [
        Certificate(folder=one.place, release=one.release, metadata=_metadata(one), merged=merges.get(one.place))
        for one in products
        if one.release is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.release, one.product)))


def _metadata(folder: ProductFolder) -> dict[str, str]:
    try:
        data = folder.read(FILE_NAME, limit_bytes=_MAX_BYTES)
        fields = go_document.load(data, sections=("metadata",)).metadata or {}
    except (folders.FolderError, YamlError, LimitError):
        # It is merged, so it is certified, whatever has become of the file.
        return {}
    texts = {key: _one_line(field.value.text) for key, field in fields.items() if field.value.text}
    return {name: text for name, second in METADATA.items() if (text := texts.get(name) or texts.get(second))}


def _one_line(text: str) -> str:
    # Somebody else wrote it, and it goes to terminals and calendars: nothing that moves a cursor.
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
