"""What a container gets for the devices it was allocated: the one place where a driver's faults distort it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ai_conformance.lab.accelerators.devices import FakeDevice
from ai_conformance.lab.accelerators.flavours import Flavour
from ai_conformance.lab.accelerators.switches import Switch


@dataclasses.dataclass(frozen=True, kw_only=True)
class Grant:
    """One path in a container."""

    container_path: str
    device: FakeDevice
    """What is behind the path."""
    permissions: str = "rw"
    plain_file: bool = False
    """The path is a regular file with the device's content instead of the device."""

    @property
    def host_path(self) -> Path:
        """What is put at the path."""
        return self.device.backing if self.plain_file else self.device.node

    def cdi(self) -> dict[str, Any]:
        """The grant as containerEdits of a CDI specification."""
        if self.plain_file:
            mount = {"hostPath": str(self.host_path), "containerPath": self.container_path, "options": ["bind", "ro"]}
            return {"mounts": [mount]}
        return {
            "deviceNodes": [
                {
                    "path": self.container_path,
                    "hostPath": str(self.host_path),
                    "type": "b",
                    "major": self.device.major,
                    "minor": self.device.minor,
                    "fileMode": 0o666,
                    "permissions": self.permissions,
                }
            ]
        }


def grants(
    allocated: Sequence[FakeDevice], *, pool: Sequence[FakeDevice], flavour: Flavour, switches: frozenset[Switch]
) -> list[Grant]:
    """The grants for the allocated devices, out of the pool of all devices that this mechanism has on the node.

    Without a switch each device is at its own path, readable and writable, and nothing else is there.
    """
    pairs = [(device, device) for device in allocated]  # whose path, and what is behind it
    if Switch.WRONG_DEVICE in switches:
        following = {device: pool[(place + 1) % len(pool)] for place, device in enumerate(pool)}
        pairs = [(following[device], following[device]) for device in allocated]
    if Switch.SHARED_DEVICE in switches:
        pairs = [(path, pool[0]) for path, _ in pairs]
    if Switch.ALL_DEVICES in switches:
        pairs = [(device, device) for device in pool]
    return [
        Grant(
            container_path=flavour.path(path.index),
            device=device,
            # With "m" alone the node can be made and seen; the device cgroup refuses to open it.
            permissions="m" if Switch.NOT_OPENABLE in switches else "rw",
            plain_file=Switch.PLAIN_FILE in switches,
        )
        for path, device in pairs
    ]
