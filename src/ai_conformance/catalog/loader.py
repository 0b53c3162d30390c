"""The whole catalog, loaded once when it is first needed."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import TypeVar

from ai_conformance.catalog import strict
from ai_conformance.catalog.autoscalers import Autoscaler
from ai_conformance.catalog.entries import GangScheduler, Image, Vendor
from ai_conformance.catalog.errors import CatalogError, UnknownName
from ai_conformance.catalog.exporters import MetricsExporter
from ai_conformance.catalog.gateways import GatewayImplementation
from ai_conformance.catalog.monitoring import MonitoringSystem, MonitorKind
from ai_conformance.catalog.operators import Operator, OperatorWord
from ai_conformance.catalog.strict import Located
from ai_conformance.model.releases import Release
from ai_conformance.model.requirements import Requirement

_Entry = TypeVar(
    "_Entry",
    Autoscaler,
    GangScheduler,
    GatewayImplementation,
    Image,
    MetricsExporter,
    MonitoringSystem,
    MonitorKind,
    Operator,
    OperatorWord,
    Requirement,
    Vendor,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Catalog:
    """Facts about the program and about the platforms it judges."""

    version: str
    """``sha256:`` and a digest over the files that it was read from, the user's own among them."""
    all_requirements: tuple[Requirement, ...]
    vendors: tuple[Vendor, ...]
    gang_schedulers: tuple[GangScheduler, ...]
    gateways: tuple[GatewayImplementation, ...]
    exporters: tuple[MetricsExporter, ...]
    monitoring_systems: tuple[MonitoringSystem, ...]
    monitor_kinds: tuple[MonitorKind, ...]
    operators: tuple[Operator, ...]
    operator_words: tuple[OperatorWord, ...]
    autoscalers: tuple[Autoscaler, ...]
    images: tuple[Image, ...]

    @property
    def releases(self) -> tuple[Release, ...]:
        """Releases whose checklist is out, the oldest first."""
        return tuple(sorted({release for one in self.all_requirements for release in one.levels}))

    @property
    def announced_releases(self) -> tuple[Release, ...]:
        """Releases for which levels are announced and no checklist is out, the oldest first."""
        known = {release for one in self.all_requirements for release in one.announced}
        return tuple(sorted(known - {*self.releases}))

    def release(self, text: str, *, announced: bool = False) -> Release:
        """A known release by its name (``1.37`` or ``v1.37``), announced ones too if asked for. Raises UnknownName."""
        known = (*self.releases, *(self.announced_releases if announced else ()))
        names = [str(one) for one in known]
        try:
            release = Release.parse(text)
        except ValueError:
            raise UnknownName("release", text, known=names) from None
        if release not in known:
            raise UnknownName("release", text, known=names)
        return release

    def requirements(self, release: Release) -> tuple[Requirement, ...]:
        """The requirements of a release's checklist (or of what is announced for it), in the checklist's order."""
        return tuple(one for one in self.all_requirements if one.level_in(release) is not None)

    def requirement(self, name: str) -> Requirement:
        """A requirement by its id. Raises UnknownName."""
        found = next((one for one in self.all_requirements if one.id == name), None)
        if found is None:
            raise UnknownName("requirement", name, known=[one.id for one in self.all_requirements])
        return found

    def vendor(self, name: str) -> Vendor:
        """A vendor by its name. Raises UnknownName."""
        found = next((one for one in self.vendors if one.name == name), None)
        if found is None:
            raise UnknownName("vendor", name, known=[one.name for one in self.vendors])
        return found

    def operator(self, name: str) -> Operator:
        """An operator by its name. Raises UnknownName."""
        found = next((one for one in self.operators if one.name == name), None)
        if found is None:
            raise UnknownName("operator", name, known=[one.name for one in self.operators])
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
        vendors = strict.read(folder / "vendors.yaml", Vendor, key="vendors")
        for path in extra:
            vendors += strict.read(path, Vendor, key="vendors")
        return Catalog(
            version=_version([*sorted(folder.glob("*.yaml")), *extra]),
            all_requirements=_unique(
                strict.read(folder / "requirements.yaml", Requirement, key="requirements"), names={"requirement": _id}
            ),
            vendors=_unique(vendors, names=_VENDOR_NAMES),
            gang_schedulers=_unique(
                strict.read(folder / "gang_schedulers.yaml", GangScheduler, key="gang_schedulers"),
                names={"gang scheduler": _name},
            ),
            gateways=_unique(
                strict.read(folder / "gateways.yaml", GatewayImplementation, key="gateways"),
                names={"gateway": _name, "gateway controller": _controllers},
            ),
            exporters=_unique(
                strict.read(folder / "exporters.yaml", MetricsExporter, key="exporters"), names={"exporter": _name}
            ),
            monitoring_systems=_unique(
                strict.read(folder / "monitoring.yaml", MonitoringSystem, key="monitoring_systems"),
                names={"monitoring system": _name},
            ),
            monitor_kinds=_unique(
                strict.read(folder / "monitor_kinds.yaml", MonitorKind, key="monitor_kinds"),
                names={"monitor kind": _name},
            ),
            operators=_unique(
                strict.read(folder / "operators.yaml", Operator, key="operators"),
                names={"operator": _name, "CRD": lambda operator: operator.all_crds},
            ),
            operator_words=_unique(
                strict.read(folder / "operator_words.yaml", OperatorWord, key="operator_words"), names={"word": _name}
            ),
            autoscalers=_unique(
                strict.read(folder / "autoscalers.yaml", Autoscaler, key="autoscalers"), names={"autoscaler": _name}
            ),
            images=_unique(strict.read(folder / "images.yaml", Image, key="images"), names={"image": _name}),
        )


def _version(files: Iterable[Path]) -> str:
    """A digest that changes with any file's name or content, and with nothing else such as its folder or time."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n".encode())
    return f"sha256:{whole.hexdigest()}"


def _id(entry: Requirement) -> Iterable[str]:
    return (entry.id,)


def _name(
    entry: Autoscaler
    | GangScheduler
    | GatewayImplementation
    | Image
    | MetricsExporter
    | MonitoringSystem
    | MonitorKind
    | Operator
    | OperatorWord
    | Vendor,
) -> Iterable[str]:
    return (entry.name,)


def _controllers(entry: GatewayImplementation) -> Iterable[str]:
    return entry.controllers


# What can belong to one vendor only: an accelerator is recognised by these names.
_VENDOR_NAMES = {
    "vendor": _name,
    "extended resource": lambda vendor: vendor.extended_resources,
    "DRA driver": lambda vendor: vendor.dra_drivers,
    "DeviceClass": lambda vendor: vendor.device_classes,
}


def _unique(
    found: Iterable[Located[_Entry]], *, names: Mapping[str, Callable[[_Entry], Iterable[str]]]
) -> tuple[_Entry, ...]:
    """The entries, once it is sure that no two claim one name. Raises CatalogError that names both places."""
    entries = tuple(found)
    claimed: dict[tuple[str, str], Located[_Entry]] = {}
    for one in entries:
        for kind, names_of in names.items():
            for name in dict.fromkeys(names_of(one.entry)):
                first = claimed.setdefault((kind, name), one)
                if first is not one:
                    raise CatalogError(f"{one.place}: the {kind} {name!r} is in the catalog already, at {first.place}")
    return tuple(one.entry for one in entries)
