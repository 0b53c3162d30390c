"""Faults of the scheduler: other feature gates, another configuration, and a rogue that binds behind its back."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ai_conformance.lab.accelerators.api import Client
from ai_conformance.lab.faults.effects import beside
from ai_conformance.lab.faults.model import FaultyLab, faults_folder

_COMPONENT = "kube-scheduler"
_ROGUE = "rogue"
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
    """A process beside the scheduler lets one member of a waiting group through."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Start it, unless it runs."""
        beside.start(lab, _ROGUE)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """End it."""
        beside.stop(lab, _ROGUE)
