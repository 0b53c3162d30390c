"""Folders watched through inotify: the kernel says when a socket or a switch appears, so nobody has to look again."""

from __future__ import annotations

import ctypes
import os
import struct
from pathlib import Path

_CREATE, _DELETE, _MOVED_TO, _CLOSE_WRITE, _MOVED_FROM = 0x100, 0x200, 0x80, 0x8, 0x40
_MASK = _CREATE | _DELETE | _MOVED_TO | _MOVED_FROM | _CLOSE_WRITE
_HEAD = struct.Struct("iIII")
_BUFFER_BYTES = 64 * 1024
_NONBLOCKING_CLOEXEC = os.O_NONBLOCK | os.O_CLOEXEC


class Watch:
    """Watched folders; its descriptor is readable when something was created, written, renamed or deleted in one."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = int(self._libc.inotify_init1(_NONBLOCKING_CLOEXEC))
        if self._descriptor < 0:
            reason = os.strerror(ctypes.get_errno())
            raise OSError(ctypes.get_errno(), f"{reason}: see fs.inotify.max_user_instances; a lab uses 30")
        self._folders: dict[int, Path] = {}

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def fileno(self) -> int:
        """For select and its kin."""
        return self._descriptor

    def add(self, folder: Path) -> None:
        """Watch a folder, which has to exist; OSError if it does not."""
        number = int(self._libc.inotify_add_watch(self._descriptor, os.fsencode(folder), _MASK))
        if number < 0:
            raise OSError(ctypes.get_errno(), "inotify_add_watch", str(folder))
        self._folders[number] = folder

    def read(self) -> set[Path]:
        """The paths that something happened to since the last call, without blocking."""
        paths: set[Path] = set()
        while True:
            try:
                data = os.read(self._descriptor, _BUFFER_BYTES)
            except BlockingIOError:
                return paths
            offset = 0
            while offset < len(data):
                number, _, _, length = _HEAD.unpack_from(data, offset)
                offset += _HEAD.size
                name = data[offset : offset + length].rstrip(b"\0")
                offset += length
                if number in self._folders:
                    paths.add(self._folders[number] / os.fsdecode(name))
