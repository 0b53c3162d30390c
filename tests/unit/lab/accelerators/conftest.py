"""A node with two devices for each mechanism, without a kernel or a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.devices import FakeDevice, identity
from ai_conformance.lab.accelerators.flavours import Mechanism, Vendor


def config_for(folder: Path, *, vendor: Vendor = Vendor.LAB) -> AcceleratorConfig:
    devices = tuple(
        FakeDevice(
            index=index,
            uuid=identity(lab="demo", node="n1", index=index, vendor=vendor),
            mechanism=Mechanism.DRA if index < 2 else Mechanism.DEVICE_PLUGIN,
            node=folder / f"device{index}",
            backing=folder / f"device{index}.img",
            loop_number=64 + index,
            major=7,
            minor=64 + index,
        )
        for index in range(4)
    )
    return AcceleratorConfig(
        node="n1",
        node_index=0,
        server="https://192.0.2.1:6443",
        ca_file=folder / "ca.crt",
        certificate_file=folder / "n1.crt",
        key_file=folder / "n1.key",
        vendor=vendor,
        mechanism=Mechanism.BOTH,
        devices=devices,
        faults_dir=folder / "faults",
    )


@pytest.fixture
def config(tmp_path: Path) -> AcceleratorConfig:
    return config_for(tmp_path)
