"""The record of a node's devices is on disk before the devices are made, and removal touches nothing else."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_conformance.lab.accelerators import devices, loop
from ai_conformance.lab.accelerators.flavours import Mechanism, Vendor


class FakeKernel:
    """The loop driver as far as devices.py uses it: numbers that exist, and what is bound to them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.present = {64, 66}  # another lab's
        self.bound: dict[int, int] = {}
        self.recorded_before_added: list[int] = []
        self.die_after: int | None = None

    @contextlib.contextmanager
    def control(self) -> Iterator[int]:
        yield 0

    def add(self, _descriptor: int, number: int) -> bool:
        if self.die_after is not None and len(self.recorded_before_added) >= self.die_after:
            raise KeyboardInterrupt
        if any(device.loop_number == number for device in devices.load(self.folder)):
            self.recorded_before_added.append(number)
        self.present.add(number)
        return True

    def remove(self, _descriptor: int, number: int) -> bool:
        self.present.discard(number)
        return True

    def attach(self, node: Path, *, backing: Path) -> bool:
        self.bound[int(node.read_text())] = backing.stat().st_ino
        return True

    def backing_inode(self, node: Path) -> tuple[int, int] | None:
        inode = self.bound.get(int(node.read_text()))
        return None if inode is None else (0, inode)

    def detach(self, node: Path) -> None:
        del self.bound[int(node.read_text())]

    def bound_below(self, folder: Path) -> list[int]:
        return sorted(self.bound) if self.folder.is_relative_to(folder) else []


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeKernel:
    kernel = FakeKernel(tmp_path / "devices")
    for name in ("control", "add", "remove", "attach", "backing_inode", "detach", "bound_below"):
        monkeypatch.setattr(loop, name, getattr(kernel, name))
    monkeypatch.setattr(loop, "exists", lambda number: number in kernel.present)
    monkeypatch.setattr(loop, "device_number", lambda number: os.makedev(7, number))
    monkeypatch.setattr(os, "mknod", lambda path, _mode, number: Path(path).write_text(str(os.minor(number))))
    return kernel


def create(kernel: FakeKernel, mechanism: Mechanism = Mechanism.BOTH) -> list[devices.FakeDevice]:
    return devices.create(kernel.folder, node="n1", count=2, vendor=Vendor.LAB, mechanism=mechanism, lab="demo")


def test_each_mechanism_has_its_own_devices(kernel: FakeKernel) -> None:
    made = create(kernel)
    assert [(device.index, device.mechanism) for device in made] == [
        (0, Mechanism.DRA),
        (1, Mechanism.DRA),
        (2, Mechanism.DEVICE_PLUGIN),
        (3, Mechanism.DEVICE_PLUGIN),
    ]
    assert made == devices.load(kernel.folder)


def test_devices_of_others_are_passed_over(kernel: FakeKernel) -> None:
    assert [device.loop_number for device in create(kernel, Mechanism.DRA)] == [65, 67]


def test_a_device_is_on_record_before_it_is_added(kernel: FakeKernel) -> None:
    made = create(kernel)
    assert kernel.recorded_before_added == [device.loop_number for device in made]


def test_the_first_line_of_a_device_is_its_identity(kernel: FakeKernel) -> None:
    made = create(kernel)
    assert [device.backing.read_text().splitlines()[0] for device in made] == [
        "ACC-demo-n1-0",
        "ACC-demo-n1-1",
        "ACC-demo-n1-2",
        "ACC-demo-n1-3",
    ]


def test_a_container_without_root_may_read_the_device_node(kernel: FakeKernel) -> None:
    assert {device.node.stat().st_mode & 0o777 for device in create(kernel)} == {0o666}


def test_removal_leaves_what_was_there_before(kernel: FakeKernel) -> None:
    create(kernel)
    devices.remove(kernel.folder)
    assert kernel.present == {64, 66}
    assert not kernel.folder.exists()


def test_removal_can_be_repeated(kernel: FakeKernel) -> None:
    devices.remove(kernel.folder)
    devices.remove(kernel.folder)
    assert not kernel.folder.exists()


def test_what_a_killed_creation_left_is_removed(kernel: FakeKernel) -> None:
    kernel.die_after = 2
    with pytest.raises(KeyboardInterrupt):
        create(kernel)
    devices.remove(kernel.folder)
    assert kernel.present == {64, 66}
    assert not kernel.bound


def test_a_number_that_another_lab_took_after_a_crash_is_left_alone(kernel: FakeKernel) -> None:
    made = create(kernel, Mechanism.DRA)
    kernel.bound[made[0].loop_number] = 1  # an inode that is not our file's
    devices.remove(kernel.folder)
    assert made[0].loop_number in kernel.present


def test_devices_whose_files_and_record_were_deleted_are_removed_all_the_same(kernel: FakeKernel) -> None:
    create(kernel)
    shutil.rmtree(kernel.folder)
    devices.remove_strays(kernel.folder.parent / "another lab's")
    assert len(kernel.bound) == 4
    devices.remove_strays(kernel.folder)
    assert kernel.present == {64, 66}
    assert list(kernel.folder.parent.iterdir()) == []


def test_a_stray_device_that_stays_open_is_reported(kernel: FakeKernel, monkeypatch: pytest.MonkeyPatch) -> None:
    create(kernel, Mechanism.DRA)
    shutil.rmtree(kernel.folder)
    monkeypatch.setattr(loop, "remove", lambda _descriptor, _number: False)
    monkeypatch.setattr(loop, "detach", lambda _node: None)
    with pytest.raises(devices.DevicesBusyError, match="loop65, loop67"):
        devices.remove_strays(kernel.folder, timeout_s=0)


def test_the_file_behind_a_device_is_read_whether_it_is_still_there_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {
        "loop64": "/state/a/nodes/n1/devices/device0.img\n",
        "loop65": "/state/a/nodes/n1/devices/device1.img (deleted)\n",
        "loop66": "/state/ab/nodes/n1/devices/device0.img (deleted)\n",
        "loop7": "/home/somebody/disk (deleted) copy.img\n",
    }
    for name, text in said.items():
        (tmp_path / name / "loop").mkdir(parents=True)
        (tmp_path / name / "loop" / "backing_file").write_text(text)
    (tmp_path / "loop0").mkdir()  # nothing is bound to it
    monkeypatch.setattr(loop, "_SYSFS", tmp_path)
    assert loop.bound_below(Path("/state/a/nodes")) == [64, 65]
    assert loop.bound_below(Path("/state/a")) == [64, 65]
    assert loop.bound_below(Path("/home/somebody/disk (deleted) copy.img")) == [7]
    assert loop.bound_below(Path("/elsewhere")) == []


def test_a_device_that_stays_open_is_reported_and_stays_on_record(
    kernel: FakeKernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(kernel, Mechanism.DRA)
    monkeypatch.setattr(loop, "remove", lambda _descriptor, _number: False)
    with pytest.raises(devices.DevicesBusyError, match="loop65, loop67"):
        devices.remove(kernel.folder, timeout_s=0)
    assert len(devices.load(kernel.folder)) == 2


def test_the_vendor_flavour_has_the_vendors_form_of_identity() -> None:
    identity = devices.identity(lab="demo", node="n1", index=0, vendor=Vendor.NVIDIA)
    assert identity.startswith("GPU-")
    assert identity == devices.identity(lab="demo", node="n1", index=0, vendor=Vendor.NVIDIA)
    assert identity != devices.identity(lab="demo", node="n2", index=0, vendor=Vendor.NVIDIA)
