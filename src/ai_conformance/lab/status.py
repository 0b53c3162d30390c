"""What there is of a lab right now: components with their memory, nodes, devices, active faults."""

from __future__ import annotations

import dataclasses
import http.client
from typing import Any

from ai_conformance.lab import processes
from ai_conformance.lab.accelerators.api import ApiError, Client
from ai_conformance.lab.faults import operations
from ai_conformance.lab.processes import ProcessRecord
from ai_conformance.lab.registry import LabRecord, Phase


@dataclasses.dataclass(frozen=True, kw_only=True)
class ComponentStatus:
    """One component; memory is 0 when it does not run."""

    name: str
    pid: int
    running: bool
    rss_bytes: int
    pss_bytes: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class NodeStatus:
    """One node as the API has it."""

    name: str
    ready: bool
    allocatable: dict[str, str]
    """Extended resources of the device plugin."""
    devices: int
    """Devices in ResourceSlices."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabStatus:
    """The whole."""

    name: str
    phase: Phase
    kubernetes: str
    state: str
    kubeconfig: str
    api_server: str
    components: tuple[ComponentStatus, ...]
    other_pss_bytes: int
    """Of the lab's processes that are no component: containers' shims, nodes' first processes."""
    nodes: tuple[NodeStatus, ...]
    api_problem: str
    faults: tuple[str, ...]

    @property
    def healthy(self) -> bool:
        """Everything that was started runs and every node is ready."""
        return (
            self.phase is Phase.RUNNING
            and bool(self.components)
            and all(component.running for component in self.components)
            and not self.api_problem
            and all(node.ready for node in self.nodes)
        )

    @property
    def memory_bytes(self) -> int:
        """Proportional memory of all processes: pages shared by several are counted once."""
        return sum(component.pss_bytes for component in self.components) + self.other_pss_bytes


def look(record: LabRecord) -> LabStatus:
    """Look at a lab; what does not answer is reported, not raised."""
    records = processes.load_records(record.pids) if record.pids.exists() else []
    components = tuple(_component(process) for process in records)
    known = {component.pid for component in components}
    others = sum(processes.memory_bytes(pid)[1] for pid in processes.of_lab(record.lab_id) if pid not in known)
    nodes: tuple[NodeStatus, ...] = ()
    problem = ""
    try:
        nodes = _nodes(Client.with_kubeconfig(record.kubeconfig))
    except (OSError, http.client.HTTPException, ApiError) as error:
        problem = f"the API server does not answer: {error}"
    return LabStatus(
        name=record.name,
        phase=record.phase,
        kubernetes=record.kubernetes,
        state=str(record.state),
        kubeconfig=str(record.kubeconfig),
        api_server=record.addresses.api_server,
        components=components,
        other_pss_bytes=others,
        nodes=nodes,
        api_problem=problem,
        faults=tuple(fault.name for fault in operations.active(record.state)),
    )


def _component(process: ProcessRecord) -> ComponentStatus:
    rss, pss = processes.memory_bytes(process.pid) if process.running else (0, 0)
    return ComponentStatus(
        name=process.component, pid=process.pid, running=process.running, rss_bytes=rss, pss_bytes=pss
    )


def _nodes(api: Client) -> tuple[NodeStatus, ...]:
    devices: dict[str, int] = {}
    for slice_ in api.request("GET", "/apis/resource.k8s.io/v1/resourceslices")["items"]:
        spec = slice_["spec"]
        name = spec.get("nodeName", "")
        devices[name] = devices.get(name, 0) + len(spec.get("devices") or ())
    return tuple(_node(item, devices) for item in api.request("GET", "/api/v1/nodes")["items"])


def _node(item: dict[str, Any], devices: dict[str, int]) -> NodeStatus:
    name, status = item["metadata"]["name"], item["status"]
    conditions = status.get("conditions", [])
    return NodeStatus(
        name=name,
        ready=any(c["type"] == "Ready" and c["status"] == "True" for c in conditions),
        allocatable={key: value for key, value in status.get("allocatable", {}).items() if "/" in key},
        devices=devices.get(name, 0),
    )
