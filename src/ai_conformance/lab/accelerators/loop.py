"""Loop devices by ioctl: the few calls of loop(4) that the lab needs, without losetup and without /dev entries.

Only devices that were added here are ever used. Those that exist already belong to the host, even when they are free,
so `losetup -f` of somebody else finds what it would have found without a lab.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import struct
from collections.abc import Iterator
from pathlib import Path

# linux/loop.h
_LOOP_CLR_FD = 0x4C01
_LOOP_GET_STATUS64 = 0x4C05
_LOOP_CONFIGURE = 0x4C0A
_LOOP_CTL_ADD = 0x4C80
_LOOP_CTL_REMOVE = 0x4C81

_INFO = struct.Struct("=5Q4I64s64s32s2Q")
_CONFIG_HEAD = struct.Struct("=II")
_CONFIG_RESERVED_BYTES = 64
_READ_ONLY_FLAG = 1

CONTROL = Path("/dev/loop-control")
_SYSFS = Path("/sys/block")

FIRST_NUMBER = 64
"""Well above the devices that a kernel makes at boot (8 by default): a look at the host tells whose is whose."""


@contextlib.contextmanager
def control() -> Iterator[int]:
    """The control device, locked: labs that come up at the same moment add their devices one after the other.

    Raises OSError if the host has no loop devices or they may not be managed.
    """
    descriptor = os.open(CONTROL, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def exists(number: int) -> bool:
    """Whether the kernel has a loop device of this number."""
    return (_SYSFS / f"loop{number}").exists()


def backing_file(text: str) -> Path:
    """The file behind a device, as sysfs tells it: with a mark after it once nothing names the file any more."""
    return Path(text.rstrip("\n").removesuffix(" (deleted)"))


def bound_below(folder: Path) -> list[int]:
    """Numbers of the devices whose file is, or was before it was deleted, somewhere below a folder."""
    found = []
    for entry in _SYSFS.glob("loop*/loop/backing_file"):
        try:
            file = backing_file(entry.read_text(errors="surrogateescape"))
        except OSError:
            continue  # it has just been unbound
        if file.is_relative_to(folder):
            found.append(int(entry.parts[-3].removeprefix("loop")))
    return sorted(found)


def device_number(number: int) -> int:
    """The device number (as in st_rdev) of an existing loop device; the minor need not equal the loop number."""
    major, minor = (_SYSFS / f"loop{number}" / "dev").read_text().split(":")
    return os.makedev(int(major), int(minor))


def add(descriptor: int, number: int) -> bool:
    """Add the device; False if somebody else has just added one of this number."""
    try:
        fcntl.ioctl(descriptor, _LOOP_CTL_ADD, number)
    except OSError as error:
        if error.errno == errno.EEXIST:
            return False
        raise
    return True


def remove(descriptor: int, number: int) -> bool:
    """Remove the device; False if something still holds it. One that is gone already is fine."""
    try:
        fcntl.ioctl(descriptor, _LOOP_CTL_REMOVE, number)
    except OSError as error:
        if error.errno == errno.EBUSY:
            return False
        if error.errno != errno.ENODEV:
            raise
    return True


def attach(node: Path, *, backing: Path) -> bool:
    """Bind a backing file, read-only, to the device behind a device node; False if it has been taken meanwhile."""
    file = os.open(backing, os.O_RDONLY | os.O_CLOEXEC)
    device = os.open(node, os.O_RDONLY | os.O_CLOEXEC)
    try:
        name = os.fsencode(backing)[-63:]
        info = _INFO.pack(0, 0, 0, 0, 0, 0, 0, 0, _READ_ONLY_FLAG, name, b"", b"", 0, 0)
        fcntl.ioctl(device, _LOOP_CONFIGURE, _CONFIG_HEAD.pack(file, 0) + info + bytes(_CONFIG_RESERVED_BYTES))
    except OSError as error:
        if error.errno == errno.EBUSY:
            return False
        raise
    finally:
        os.close(device)
        os.close(file)
    return True


def backing_inode(node: Path) -> tuple[int, int] | None:
    """Device and inode number of the file behind a loop device; None if nothing is bound to it."""
    device = os.open(node, os.O_RDONLY | os.O_CLOEXEC)
    try:
        buffer = bytearray(_INFO.size)
        fcntl.ioctl(device, _LOOP_GET_STATUS64, buffer)
    except OSError as error:
        if error.errno == errno.ENXIO:
            return None
        raise
    finally:
        os.close(device)
    fields = _INFO.unpack(bytes(buffer))
    return int(fields[0]), int(fields[1])


def detach(node: Path) -> None:
    """Unbind the backing file; while somebody has the device open the kernel does so when the last one closes it."""
    device = os.open(node, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.ioctl(device, _LOOP_CLR_FD)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
    finally:
        os.close(device)
