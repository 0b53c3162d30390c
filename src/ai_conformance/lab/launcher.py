"""Starting and restarting the components of one lab: environment, records, and the way into a node."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence

from ai_conformance.lab import commands, processes
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.processes import LAB_ID, ProcessRecord
from ai_conformance.lab.registry import LabRecord

KILL_TIMEOUT_S = 10.0
TAIL_LINES = 12


@dataclasses.dataclass(frozen=True)
class Launcher:
    """Starts processes for one lab."""

    lab: LabRecord
    search_path: str = ""

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """A small environment of the lab's own: nothing of the user's shell, such as a proxy, gets into a component."""
        own = {
            "PATH": f"{self.search_path}:{commands.SYSTEM_PATH}",
            "HOME": "/root",
            LAB_ID: self.lab.lab_id,
        }
        return {**own, **(extra or {})}

    def start(
        self,
        component: str,
        command: Sequence[str],
        *,
        node: str | None = None,
        extra_args: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> ProcessRecord:
        """Start a component on the host or inside ``node`` and write it down."""
        full = [*command, *extra_args]
        values = dict(environment) if environment and LAB_ID in environment else self.environment(environment)
        log = self.lab.log(component)
        if node is None:
            pid = processes.spawn(full, environment=values, log=log)
        else:
            pid = processes.spawn_inside(processes.announced(full), enter=self.enter(node), environment=values, log=log)
        return self.remember(component, pid, command=command, extra_args=extra_args, environment=values, node=node)

    def remember(
        self,
        component: str,
        pid: int,
        *,
        command: Sequence[str],
        environment: Mapping[str, str],
        extra_args: Sequence[str] = (),
        node: str | None = None,
    ) -> ProcessRecord:
        """Write a started process down."""
        started = processes.start_time_ticks(pid)
        record = ProcessRecord(
            component=component,
            pid=pid,
            start_time_ticks=-1 if started is None else started,
            command=tuple(command),
            extra_args=tuple(extra_args),
            environment=environment,
            node=node,
        )
        record.save(self.lab.pids)
        return record

    def record(self, component: str) -> ProcessRecord:
        """The component as it was last started.

        Raises:
            LabError: the lab has none of that name.
        """
        file = processes.record_file(self.lab.pids, component)
        if not file.exists():
            known = ", ".join(record.component for record in processes.load_records(self.lab.pids))
            raise LabError(f"Lab {self.lab.name!r} has no component {component!r}.", remedy=f"It has: {known}.")
        return processes.load_record(file)

    def stop(self, component: str) -> ProcessRecord:
        """Kill one component and wait until it is gone."""
        record = self.record(component)
        if record.running and processes.kill([record.pid], timeout_s=KILL_TIMEOUT_S):
            raise LabError(f"{component} (pid {record.pid}) does not end.")
        return record

    def discard(self, component: str) -> None:
        """Kill a component and forget it; its log stays until ``down``."""
        self.stop(component)
        processes.record_file(self.lab.pids, component).unlink()

    def restart(self, component: str, *, extra_args: Sequence[str] = ()) -> ProcessRecord:
        """Start a component again as ``up`` did, with more arguments; without any it is as ``up`` made it."""
        record = self.stop(component)
        return self.start(
            component, record.command, node=record.node, extra_args=extra_args, environment=record.environment
        )

    def enter(self, node: str) -> list[str]:
        """The command prefix that runs the rest inside a node.

        Raises:
            LabError: the node's pid 1 is gone.
        """
        record = self.record(f"{node}/init")
        if not record.running:
            raise LabError(
                f"Node {node} of lab {self.lab.name!r} is not running.",
                remedy=f"`ai-conformance lab up --name {self.lab.name}` puts it right.",
            )
        return ["nsenter", "--target", str(record.pid), "--mount", "--net", "--pid", "--uts", "--"]

    def tail(self, component: str) -> str:
        """The last lines that a component logged."""
        log = self.lab.log(component)
        if not log.exists():
            return ""
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 8192))
            lines = file.read().decode(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])
