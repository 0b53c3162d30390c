"""Loop devices of the kernel's own, whose files somebody has deleted by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ai_conformance.lab.accelerators import devices, loop
from ai_conformance.lab.accelerators.flavours import Mechanism, Vendor

pytestmark = pytest.mark.lab


def test_a_device_goes_whose_files_were_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "nodes" / "n1" / "devices"
    made = devices.create(folder, node="n1", count=1, vendor=Vendor.LAB, mechanism=Mechanism.DRA)
    numbers = [one.loop_number for one in made]
    try:
        shutil.rmtree(tmp_path / "nodes")
        assert loop.bound_below(tmp_path / "nodes") == numbers
    finally:
        devices.remove_strays(tmp_path / "nodes")
    assert not any(loop.exists(number) for number in numbers)
    assert list(tmp_path.iterdir()) == []
