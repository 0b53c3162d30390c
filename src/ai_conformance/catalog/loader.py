"""The whole catalog, loaded once when it is first needed."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from ai_conformance.catalog import strict
from ai_conformance.catalog.entries import GangScheduler, Image, Vendor
from ai_conformance.catalog.errors import CatalogError, UnknownName
from ai_conformance.model.releases import Release
from ai_conformance.model.requirements import Category, Level, Requirement


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Entry:
    """A requirement as its file has it: releases are still text."""

    id: str
    title: str
    summary: str
    category: Category
    kar: int | None = None
    levels: Mapping[str, Level]
    announced: Mapping[str, Level] = dataclasses.field(default_factory=dict)
    description_sha256: Mapping[str, str]
    condition: str = ""
    artifact: str | None = None
    artifact_proposed: bool = False
    subtests: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Catalog:
    """Facts about the program and about the platforms it judges."""

    all_requirements: tuple[Requirement, ...]
    vendors: tuple[Vendor, ...]
    gang_schedulers: tuple[GangScheduler, ...]
    images: tuple[Image, ...]

    @property
    def releases(self) -> tuple[Release, ...]:
        """Releases whose checklist is out, the oldest first."""
        return tuple(sorted({release for one in self.all_requirements for release in one.levels}))

    def release(self, text: str) -> Release:
        """A known release by its name. Raises UnknownName."""
        known = [str(one) for one in self.releases]
        try:
            release = Release.parse(text)
        except ValueError:
            raise UnknownName("release", text, known=known) from None
        if release not in self.releases:
            raise UnknownName("release", text, known=known)
        return release

    def requirements(self, release: Release) -> tuple[Requirement, ...]:
        """The requirements of a release's checklist (or of what is announced for it)."""
        return tuple(one for one in self.all_requirements if one.level_in(release) is not None)

    def requirement(self, name: str) -> Requirement:
        """A requirement by its id. Raises UnknownName."""
        found = next((one for one in self.all_requirements if one.id == name), None)
        if found is None:
            raise UnknownName("requirement", name, known=[one.id for one in self.all_requirements])
        return found

    def image(self, name: str) -> str:
        """The default reference of an image. Raises UnknownName."""
        found = next((one for one in self.images if one.name == name), None)
        if found is None:
            raise UnknownName("image", name, known=[one.name for one in self.images])
        return found.reference


@functools.cache
def load(extra: tuple[Path, ...] = ()) -> Catalog:
    """The built-in catalog, with a user's own vendor files added. Raises CatalogError."""
    with resources.as_file(resources.files("ai_conformance.catalog") / "data") as folder:
        entries = strict.read(folder / "requirements.yaml", _Entry, key="requirements")
        vendors = list(strict.read(folder / "vendors.yaml", Vendor, key="vendors"))
        schedulers = strict.read(folder / "gang_schedulers.yaml", GangScheduler, key="gang_schedulers")
        images = strict.read(folder / "images.yaml", Image, key="images")
    for path in extra:
        for vendor in strict.read(path, Vendor, key="vendors"):
            if any(vendor.name == one.name for one in vendors):
                raise CatalogError(f"{path}:1:1: the vendor {vendor.name!r} is in the catalog already")
            vendors.append(vendor)
    return Catalog(
        all_requirements=tuple(_requirement(entry) for entry in entries),
        vendors=tuple(vendors),
        gang_schedulers=schedulers,
        images=images,
    )


def _requirement(entry: _Entry) -> Requirement:
    fields = {field.name: getattr(entry, field.name) for field in dataclasses.fields(entry)}
    for name in ("levels", "announced", "description_sha256"):
        fields[name] = {Release.parse(release): value for release, value in fields[name].items()}
    return Requirement(**fields)
