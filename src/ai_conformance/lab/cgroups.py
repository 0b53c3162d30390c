"""The control groups of a lab: one parent, one child per node as the kubelet's root. Versions 1 and 2 of the
hierarchy."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ai_conformance.lab.errors import LabError
from ai_conformance.lab.waiting import WaitTimeoutError, poll_until

ROOT = Path("/sys/fs/cgroup")
UNIFIED = "unified"
"""Where hosts with version 1 mount an empty version 2 tree; the kubelet does not use it."""
CONTROLLERS = ("cpuset", "cpu", "memory", "pids")
"""What the kubelet wants enabled in its root under version 2."""
REMOVAL_TIMEOUT_S = 10.0


def is_version_2(root: Path = ROOT) -> bool:
    return (root / "cgroup.controllers").exists()


def hierarchies(root: Path = ROOT) -> list[Path]:
    """The folders in which a group has to be made: one for version 2, one per controller for version 1."""
    if is_version_2(root):
        return [root]
    return sorted(
        {path.resolve() for path in root.iterdir() if path.is_dir() and path.name != UNIFIED and _is_group(path)}
    )


def create(name: str, *, node: str, root: Path = ROOT) -> None:
    """Make ``name/node`` everywhere; the kubelet refuses to start unless its root exists in every hierarchy."""
    for hierarchy in hierarchies(root):
        parent = hierarchy
        for part in (name, node):
            if is_version_2(root):
                _enable_controllers(parent)
            group = parent / part
            group.mkdir(exist_ok=True)
            # Version 1: a new cpuset is empty, and nothing can run in it, until it is filled from its parent.
            for file in ("cpuset.cpus", "cpuset.mems"):
                if not is_version_2(root) and (group / file).exists():
                    (group / file).write_text((parent / file).read_text())
            parent = group
        if is_version_2(root):
            _enable_controllers(parent)


def left(name: str, *, root: Path = ROOT) -> list[Path]:
    """The lab's groups that exist; under version 1 also in the version 2 tree beside it, where runc makes some."""
    return [folder / name for folder in (*hierarchies(root), root / UNIFIED) if (folder / name).exists()]


def remove(name: str, *, root: Path = ROOT) -> None:
    """Remove the lab's groups once their processes are gone, which the kernel completes a little after they ended.

    Raises:
        LabError: a group is still in use after REMOVAL_TIMEOUT_S.
    """

    def gone() -> bool:
        for group in left(name, root=root):
            _remove_tree(group)
        return not left(name, root=root)

    try:
        poll_until(gone, what="control groups to empty", timeout_s=REMOVAL_TIMEOUT_S)
    except WaitTimeoutError as error:
        busy = ", ".join(str(path) for path in left(name, root=root))
        raise LabError(f"Control groups are still in use: {busy}", remedy="Run `lab down` again.") from error


def _remove_tree(group: Path) -> None:
    for folder, _folders, _files in os.walk(group, topdown=False):
        with contextlib.suppress(OSError):
            Path(folder).rmdir()


def _enable_controllers(group: Path) -> None:
    available = (group / "cgroup.controllers").read_text().split()
    for controller in CONTROLLERS:
        if controller in available:
            (group / "cgroup.subtree_control").write_text(f"+{controller}")


def _is_group(path: Path) -> bool:
    return (path / "cgroup.procs").exists()
