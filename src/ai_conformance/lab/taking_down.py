"""``lab down``: ends and removes everything of a lab, from whatever state it is in; safe to repeat.

Processes first, found by their environment; with a node's pid 1 go its mounts, links and firewall rules. Then what the
kernel does not tie to a process: loop devices, the bridge, control groups, files.
"""

from __future__ import annotations

import dataclasses
import shutil

from ai_conformance.lab import cgroups, network, processes, registry
from ai_conformance.lab.accelerators import devices
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.registry import LabRecord, Phase
from ai_conformance.lab.waiting import poll_until

KILL_TIMEOUT_S = 15.0
ROUNDS = 5
"""A process can start another while the list is made; a few rounds find those, more would mean a supervisor of its
own."""
FILES_TIMEOUT_S = 10.0


def down(name: str) -> LabRecord:
    """Take the lab of that name down.

    Raises:
        LabNotFoundError: there is none.
        LabError: something does not end or cannot be removed; the next ``down`` goes on from there.
    """
    with registry.working_on(name):
        record = registry.get(name)
        take_down(record)
        return record


def take_down(record: LabRecord) -> None:
    """As ``down``, for a caller that already works on the lab."""
    if (record.state / "lab.json").exists():
        dataclasses.replace(record, phase=Phase.STOPPING).save()
    kill_all(record)
    nodes = record.state / "nodes"
    try:
        for folder in sorted(nodes.glob("*/devices")):
            devices.remove(folder)
        devices.remove_strays(nodes)
    except devices.DevicesBusyError as error:
        raise LabError(f"The fake devices in {nodes}: {error}", remedy="Run `lab down` again.") from error
    network.remove(record.addresses)
    cgroups.remove(record.addresses.cgroup)
    poll_until(lambda: _removed(record), what=f"{record.state} to be removable", timeout_s=FILES_TIMEOUT_S)
    registry.forget(record)


def kill_all(record: LabRecord) -> None:
    """Kill every process of the lab. KILL, not TERM: the state is thrown away, and an API server waits for its watches.

    Raises:
        LabError: a process does not end.
    """
    for _ in range(ROUNDS):
        pids = list(processes.of_lab(record.lab_id))
        if not pids:
            return
        stuck = processes.kill(pids, timeout_s=KILL_TIMEOUT_S)
        if stuck:
            raise LabError(
                f"Processes of lab {record.name!r} do not end: {', '.join(map(str, stuck))}.",
                remedy="They wait for the kernel (a disk?); run `lab down` again later.",
            )
    raise LabError(f"Processes of lab {record.name!r} come back as fast as they are ended.")


def _removed(record: LabRecord) -> bool | None:
    """Remove the nodes' files, which the kernel lets go of a moment after the mounts of a dead namespace."""
    folder = record.state / "nodes"
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError:
        return None
    return True
