"""The fake devices of one node: made before the node's driver starts, removed when the lab goes down.

What is about to be made is on disk before it is made. So whoever finds the folder after a crash can remove exactly the
devices that were made for it, and nothing that belongs to the host or to another lab.
"""

from __future__ import annotations

import dataclasses
import json
import os
import stat
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from ai_conformance.lab.accelerators import loop
from ai_conformance.lab.accelerators.flavours import Flavour, Mechanism, Vendor, flavour_of

_RECORD = "devices.json"
_BACKING_BYTES = 1 << 20
_NAMESPACE = uuid.UUID("6f2a52a3-9d7e-5c53-8c62-1d6d2a1f7b10")
"""Makes a device's uuid a function of lab, node and index: the same lab has the same devices each time it comes up."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class FakeDevice:
    """One device: a loop device behind a device node of the lab's own."""

    index: int
    """Counted over all devices of the node; also the number in the path that a container sees."""
    uuid: str
    """What the first line of the device reads, and what the API says of it."""
    mechanism: Mechanism
    """Which mechanism hands it out; a device belongs to one only."""
    node: Path
    """The lab's own device node, mode 0666, which is what a container gets: one without root can read it."""
    backing: Path
    loop_number: int
    major: int
    minor: int


class DevicesBusyError(Exception):
    """A device could not be removed because something still has it open."""


def identity(*, lab: str, node: str, index: int, vendor: Vendor) -> str:
    """The uuid of a device, in the form that the vendor's own tools print."""
    if vendor is Vendor.NVIDIA:
        return f"GPU-{uuid.uuid5(_NAMESPACE, f'{lab}/{node}/{index}')}"
    return f"ACC-{lab}-{node}-{index}"


def create(
    folder: Path, *, node: str, count: int, vendor: Vendor, mechanism: Mechanism, lab: str = "lab", node_index: int = 0
) -> list[FakeDevice]:
    """Make `count` devices for each mechanism in use; what an earlier, killed attempt left in the folder goes first.

    Raises OSError if the kernel refuses (no loop devices, not root), DevicesBusyError if an earlier device is in use.
    """
    remove(folder)
    folder.mkdir(parents=True)
    flavour = flavour_of(vendor)
    made: list[FakeDevice] = []
    number = loop.FIRST_NUMBER
    with loop.control() as descriptor:
        for single in mechanism.singles:
            for _ in range(count):
                while True:
                    number = _next_free(number)
                    device = _plan(
                        folder, index=len(made), number=number, mechanism=single, lab=lab, node=node, vendor=vendor
                    )
                    _record(folder, [*made, device])
                    number += 1
                    if loop.add(descriptor, device.loop_number):
                        break
                device = _make(device, flavour=flavour, node_index=node_index)
                made.append(device)
                _record(folder, made)
    return made


def load(folder: Path) -> list[FakeDevice]:
    """The devices that the folder's record names; none if there is no record."""
    try:
        entries = json.loads((folder / _RECORD).read_text())
    except FileNotFoundError:
        return []
    return [decode(entry) for entry in entries]


def remove(folder: Path, *, timeout_s: float = 5) -> None:
    """Remove the folder and every device it names. Safe to repeat, and after a crash at any moment of `create`.

    Raises DevicesBusyError if a device is still open after `timeout_s`; then the folder stays, for the next attempt.
    """
    left = load(folder)
    deadline = time.monotonic() + timeout_s
    while left:
        with loop.control() as descriptor:
            left = [device for device in left if not _unmake(descriptor, device)]
        if left and time.monotonic() > deadline:
            raise _busy([device.loop_number for device in left], timeout_s=timeout_s)
        if left:
            # The kernel tells nobody when the last opener of a device is gone; killed containers take milliseconds.
            threading.Event().wait(0.05)
    if folder.is_dir():
        for path in sorted(folder.iterdir(), key=lambda path: path.name == _RECORD):
            path.unlink()  # the record last: a crash in between leaves nothing unnamed
        folder.rmdir()


def remove_strays(folder: Path, *, timeout_s: float = 5) -> None:
    """Remove every loop device whose file is or was below a folder, whether a record names it or not.

    Who deletes a lab's files by hand deletes the records with them: the kernel alone knows of the devices then. Raises
    DevicesBusyError as `remove` does.
    """
    deadline = time.monotonic() + timeout_s
    # Where the lab's own device nodes were: elsewhere they may not be opened (a mount with nodev).
    near = next(one for one in (folder, *folder.parents) if one.is_dir())
    left = loop.bound_below(folder)
    while left:
        with loop.control() as descriptor, tempfile.TemporaryDirectory(dir=near) as temporary:
            left = [number for number in left if not _unbind(descriptor, number, node=Path(temporary, str(number)))]
        if left and time.monotonic() > deadline:
            raise _busy(left, timeout_s=timeout_s)
        if left:
            threading.Event().wait(0.05)


def _unbind(descriptor: int, number: int, *, node: Path) -> bool:
    """True once a device that was bound to one of the lab's files is gone."""
    if loop.exists(number):
        os.mknod(node, stat.S_IFBLK | 0o600, loop.device_number(number))
        loop.detach(node)
    return loop.remove(descriptor, number)


def _busy(numbers: Sequence[int], *, timeout_s: float) -> DevicesBusyError:
    names = ", ".join(f"loop{number}" for number in numbers)
    return DevicesBusyError(f"still in use after {timeout_s:g} s: {names}; end the containers that hold them")


def encode(device: FakeDevice) -> dict[str, object]:
    """A device as JSON data."""
    data = dataclasses.asdict(device)
    return {key: str(value) if isinstance(value, Path) else value for key, value in data.items()}


def decode(data: dict[str, object]) -> FakeDevice:
    """The inverse of `encode`."""
    values: dict[str, object] = dict(data)
    values["mechanism"] = Mechanism(str(values["mechanism"]))
    values["node"], values["backing"] = Path(str(values["node"])), Path(str(values["backing"]))
    return FakeDevice(**values)  # type: ignore[arg-type]


def _next_free(number: int) -> int:
    while loop.exists(number):
        number += 1
    return number


def _plan(
    folder: Path, *, index: int, number: int, mechanism: Mechanism, lab: str, node: str, vendor: Vendor
) -> FakeDevice:
    return FakeDevice(
        index=index,
        uuid=identity(lab=lab, node=node, index=index, vendor=vendor),
        mechanism=mechanism,
        node=folder / f"device{index}",
        backing=folder / f"device{index}.img",
        loop_number=number,
        major=-1,
        minor=-1,
    )


def _make(device: FakeDevice, *, flavour: Flavour, node_index: int) -> FakeDevice:
    model = flavour.model(node_index)
    text = f"{device.uuid}\nmodel {model.product}\ndriver {flavour.driver_version}\n"
    device.backing.write_text(text)
    device.backing.chmod(0o644)
    os.truncate(device.backing, _BACKING_BYTES)
    number = loop.device_number(device.loop_number)
    os.mknod(device.node, stat.S_IFBLK | 0o666, number)
    device.node.chmod(0o666)  # not reduced by the umask
    if not loop.attach(device.node, backing=device.backing):
        raise DevicesBusyError(f"loop{device.loop_number} was added by the lab and taken by another program at once")
    return dataclasses.replace(device, major=os.major(number), minor=os.minor(number))


def _unmake(descriptor: int, device: FakeDevice) -> bool:
    """True once the loop device is gone or turns out to be somebody else's."""
    if not loop.exists(device.loop_number):
        return True
    if device.node.exists():
        bound = loop.backing_inode(device.node)
        if bound is not None:
            mine = device.backing.stat()
            if bound[1] != mine.st_ino:
                return True
            loop.detach(device.node)
    return loop.remove(descriptor, device.loop_number)


def _record(folder: Path, devices: Sequence[FakeDevice]) -> None:
    part = folder / f"{_RECORD}.part"
    with part.open("w") as file:
        json.dump([encode(device) for device in devices], file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    part.rename(folder / _RECORD)
