"""What a node's accelerator process needs to know, as a file: written by `up`, read inside the node's namespaces."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from ai_conformance.lab.accelerators.devices import FakeDevice, decode, encode
from ai_conformance.lab.accelerators.flavours import Flavour, Mechanism, Vendor, flavour_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class AcceleratorConfig:
    """The node, its devices, and how its driver reaches the API server: by the node's own certificate."""

    node: str
    node_index: int
    """Counted from 0; chooses the model."""
    server: str
    """`https://ADDRESS:PORT` of the API server."""
    ca_file: Path
    certificate_file: Path
    key_file: Path
    vendor: Vendor
    mechanism: Mechanism
    devices: tuple[FakeDevice, ...]
    faults_dir: Path

    @property
    def flavour(self) -> Flavour:
        """The flavour's data."""
        return flavour_of(self.vendor)

    def devices_of(self, mechanism: Mechanism) -> tuple[FakeDevice, ...]:
        """The devices that a single mechanism hands out."""
        return tuple(device for device in self.devices if device.mechanism is mechanism)

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        data = {
            field.name: str(value) if isinstance(value, Path) else value
            for field in dataclasses.fields(self)
            if (value := getattr(self, field.name)) is not self.devices
        }
        part = path.with_suffix(".part")
        part.write_text(json.dumps({**data, "devices": [encode(device) for device in self.devices]}, indent=1))
        part.rename(path)

    @classmethod
    def read(cls, path: Path) -> AcceleratorConfig:
        """The inverse of `write`; KeyError or ValueError if the file is not one of ours."""
        data = json.loads(path.read_text())
        return cls(
            node=data["node"],
            node_index=data["node_index"],
            server=data["server"],
            ca_file=Path(data["ca_file"]),
            certificate_file=Path(data["certificate_file"]),
            key_file=Path(data["key_file"]),
            vendor=Vendor(data["vendor"]),
            mechanism=Mechanism(data["mechanism"]),
            devices=tuple(decode(entry) for entry in data["devices"]),
            faults_dir=Path(data["faults_dir"]),
        )
