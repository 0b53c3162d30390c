"""Faults of the scheduler: other feature gates, another configuration, and a rogue that binds behind its back."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ai_conformance.lab.accelerators.api import Client
from ai_conformance.lab.faults.model import FaultError, FaultyLab, faults_folder
from ai_conformance.lab.files import write_json
from ai_conformance.lab.processes import LAB_ID, kill, load_record, record_file, spawn, start_time_ticks
from ai_conformance.lab.waiting import ProcessEndedError, WaitTimeoutError, poll_until

_COMPONENT = "kube-scheduler"
_READY_S = 20
_END_S = 10
_BACKOFF_S = 24 * 3600
"""Longer than anybody waits."""

_GANG_GATES: Mapping[int, tuple[str, ...]] = {
    36: ("GenericWorkload", "GangScheduling", "DRAWorkloadResourceClaims", "TopologyAwareWorkloadScheduling"),
    37: ("GenericWorkload", "DRAWorkloadResourceClaims", "TopologyAwareWorkloadScheduling"),
}
"""By minor version: the gate of gangs and those that cannot be on without it (pkg/features/kube_features.go)."""
_JOB_GATE = "WorkloadWithJob"


def plain_arguments(minor: int) -> list[str]:
    """A scheduler that has never heard of gangs."""
    gates = (*_GANG_GATES[min(max(minor, min(_GANG_GATES)), max(_GANG_GATES))], _JOB_GATE)
    return ["--feature-gates=" + ",".join(f"{gate}=false" for gate in gates)]


def backoff_configuration(kubeconfig: Path) -> dict[str, Any]:
    """A scheduler that, once it has refused a pod, does not look at it again for a day."""
    return {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "clientConnection": {"kubeconfig": str(kubeconfig)},
        "leaderElection": {"leaderElect": False},
        "podInitialBackoffSeconds": _BACKOFF_S,
        "podMaxBackoffSeconds": _BACKOFF_S,
    }


@dataclasses.dataclass(frozen=True, kw_only=True)
class PlainScheduler:
    """The scheduler runs without gang scheduling while the API goes on to accept groups."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Start it anew, without."""
        version = Client.with_kubeconfig(lab.kubeconfig).request("GET", "/version")
        lab.restart(_COMPONENT, extra_args=plain_arguments(int(version["minor"].rstrip("+"))))

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Start it anew, with."""
        lab.restart(_COMPONENT)


@dataclasses.dataclass(frozen=True, kw_only=True)
class NeverRetries:
    """What was refused once is not tried again; what is new is."""

    scheduler_kubeconfig: Path
    """Below the lab's state folder."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Start the scheduler with a back-off of a day."""
        path = faults_folder(lab) / "scheduler.yaml"
        path.write_text(json.dumps(backoff_configuration(lab.state / self.scheduler_kubeconfig)))
        # An idle scheduler takes from the back-off queue as well, unless it is told not to.
        lab.restart(_COMPONENT, extra_args=[f"--config={path}", "--feature-gates=SchedulerPopFromBackoffQ=false"])

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Start it as it was."""
        lab.restart(_COMPONENT)
        (faults_folder(lab) / "scheduler.yaml").unlink(missing_ok=True)


@dataclasses.dataclass(frozen=True, kw_only=True)
class RogueBinder:
    """A process beside the scheduler that lets one member of a waiting group through; or another of that kind."""

    name: str = "rogue"
    module: str = "ai_conformance.lab.faults.rogue"

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Start it, unless it runs."""
        record = faults_folder(lab) / f"{self.name}.json"
        if _running(record):
            return
        record.write_text("{}")  # the process ends when this file goes, so it never outlives the lab
        command = [sys.executable, "-m", self.module]
        command += ["--kubeconfig", str(lab.kubeconfig), "--while", str(record)]
        log = faults_folder(lab) / f"{self.name}.log"
        log.unlink(missing_ok=True)
        pid = spawn(command, environment=_environment(lab), log=log)
        write_json(record, {"pid": pid, "start_time_ticks": start_time_ticks(pid)})
        try:
            poll_until(
                lambda: "ready" in log.read_text().split(),
                what=f"the {self.name} process",
                timeout_s=_READY_S,
                processes=[pid],
            )
        except (ProcessEndedError, WaitTimeoutError) as error:
            raise FaultError(f"The {self.name} process did not start.", remedy=f"See {log}.") from error

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """End it."""
        record = faults_folder(lab) / f"{self.name}.json"
        if (pid := _running(record)) and kill([pid], timeout_s=_END_S):
            raise FaultError(f"The {self.name} process (pid {pid}) does not end.")
        record.unlink(missing_ok=True)


def _environment(lab: FaultyLab) -> dict[str, str]:
    """Ours, with the mark by which `down` finds every process of a lab."""
    record = record_file(lab.state / "pids", _COMPONENT)
    marked = load_record(record).environment if record.exists() else {}
    return {**os.environ, **{name: value for name, value in marked.items() if name == LAB_ID}}


def _running(record: Path) -> int | None:
    """The recorded process's id, if it is still that process."""
    try:
        data = json.loads(record.read_text())
    except FileNotFoundError:
        return None
    if "pid" not in data or start_time_ticks(data["pid"]) != data["start_time_ticks"]:
        return None
    return int(data["pid"])
