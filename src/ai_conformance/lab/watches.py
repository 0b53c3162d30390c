"""The kernel's limit of inotify instances per user, which is what stops a further lab first: 128 by default."""

from __future__ import annotations

import contextlib
from pathlib import Path

from ai_conformance.lab.errors import LabError

LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")
PER_LAB = 14
PER_NODE = 10
"""Counted on labs that ran: API server 6, controller manager 5; kubelet 6, containerd 2, kube-proxy and driver 1."""
REMEDY = f"Take another lab down, or raise the limit: sysctl {'.'.join(LIMIT.parts[3:])}=1024"


def needed(nodes: int) -> int:
    """How many instances a lab of so many nodes takes."""
    return PER_LAB + PER_NODE * nodes


def limit(file: Path = LIMIT) -> int:
    """The limit of this user."""
    return int(file.read_text())


def used(proc: Path = Path("/proc")) -> int:
    """How many instances the processes of root hold; the kernel itself does not tell."""
    count = 0
    for process in proc.iterdir():
        if process.name.isdigit():
            # A process may end while it is looked at.
            with contextlib.suppress(OSError):
                if process.stat().st_uid == 0:
                    count += sum("inotify" in str(_target(link)) for link in (process / "fd").iterdir())
    return count


def require(nodes: int) -> None:
    """Refuse to begin what would fail half-way.

    Raises:
        LabError: too few instances are left for a lab of so many nodes.
    """
    free = limit() - used()
    if free < needed(nodes):
        raise LabError(
            f"A lab of {nodes} nodes needs {needed(nodes)} inotify instances, and this user has {max(free, 0)} left.",
            remedy=REMEDY,
        )


def _target(link: Path) -> str:
    with contextlib.suppress(OSError):
        return str(link.readlink())
    return ""
