"""How a node's driver and container runtime are told to misbehave: a folder with one empty file per switch.

A file can be set from any process, survives a restart of the driver, and costs a sound lab nothing to look for. The
driver acknowledges what it has put into effect, so that whoever sets a switch can wait for it instead of guessing.
"""

from __future__ import annotations

import enum
import json
from pathlib import Path

ACKNOWLEDGED = "acknowledged.json"
"""Beside the folder of switches: which ones the driver has put into effect, and published."""


class Switch(enum.StrEnum):
    """One way in which a node's accelerators misbehave; the value is the file's name."""

    PUBLISH_NOTHING = "publish-nothing"
    STALE_GENERATION = "stale-generation"
    INCOMPLETE_POOL = "incomplete-pool"
    NOT_READY = "not-ready"
    PREPARE_FAILS = "prepare-fails"
    WRONG_DEVICE = "wrong-device"
    SHARED_DEVICE = "shared-device"
    ALL_DEVICES = "all-devices"
    PLAIN_FILE = "plain-file"
    NOT_OPENABLE = "not-openable"
    UNHEALTHY = "unhealthy"
    # The rest is the container runtime's; the wrapper looks for this prefix.
    RUNTIME_CGROUP_OPEN = "runtime-cgroup-open"
    RUNTIME_PATH_ONLY = "runtime-path-only"
    RUNTIME_EVERY_CONTAINER = "runtime-every-container"
    RUNTIME_SIBLING = "runtime-sibling"
    RUNTIME_INIT_CONTAINER = "runtime-init-container"
    RUNTIME_EPHEMERAL_CONTAINER = "runtime-ephemeral-container"
    RUNTIME_ENVIRONMENT = "runtime-environment"
    RUNTIME_VOLUME = "runtime-volume"
    RUNTIME_ANNOTATION = "runtime-annotation"


RUNTIME_PREFIX = "runtime-"


def active(folder: Path) -> frozenset[Switch]:
    """The switches that are set; a folder that is not there has none."""
    if not folder.is_dir():
        return frozenset()
    names = {path.name for path in folder.iterdir()}
    return frozenset(switch for switch in Switch if switch.value in names)


def turn(folder: Path, *, on: frozenset[Switch] = frozenset(), off: frozenset[Switch] = frozenset()) -> None:
    """Set and clear switches; repeating it changes nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    for switch in off:
        (folder / switch.value).unlink(missing_ok=True)
    for switch in on:
        (folder / switch.value).touch()


def acknowledge(folder: Path, *, switches: frozenset[Switch]) -> None:
    """Say that exactly these switches are in effect."""
    path = folder.parent / ACKNOWLEDGED
    part = path.with_suffix(".part")
    part.write_text(json.dumps(sorted(switches)))
    part.rename(path)


def acknowledged(folder: Path) -> frozenset[Switch] | None:
    """The switches that the driver has put into effect; None if it has not said anything yet."""
    try:
        return frozenset(Switch(name) for name in json.loads((folder.parent / ACKNOWLEDGED).read_text()))
    except FileNotFoundError:
        return None
