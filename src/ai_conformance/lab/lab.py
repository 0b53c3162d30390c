"""A lab that exists, for those who work with it: faults, tests, commands."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from ai_conformance.lab import commands, packages, processes, readiness, registry
from ai_conformance.lab.accelerators.api import Client
from ai_conformance.lab.addresses import Addresses
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.launcher import Launcher
from ai_conformance.lab.options import DEFAULT_NAME, LabOptions
from ai_conformance.lab.paths import cache_root
from ai_conformance.lab.processes import ProcessRecord
from ai_conformance.lab.registry import LabRecord


@dataclasses.dataclass(frozen=True)
class LabNode:
    """One node of a lab."""

    lab: Lab
    name: str

    @property
    def folder(self) -> Path:
        return self.lab.record.node_folder(self.name)

    @property
    def faults(self) -> Path:
        """Where the node's accelerators and runtime look for faults."""
        return self.folder / "faults"

    def restart(self, component: str, *, extra_args: Sequence[str] = ()) -> None:
        """Restart ``kubelet``, ``accelerators``, ``kube-proxy`` or ``containerd`` of this node."""
        self.lab.restart(f"{self.name}/{component}", extra_args=extra_args)

    def run(self, command: Sequence[str], *, timeout_s: float = 60) -> str:
        """Run a short command inside the node's namespaces and return its output."""
        return commands.run([*self.lab.launcher.enter(self.name), *command], timeout_s=timeout_s)


@dataclasses.dataclass(frozen=True)
class Lab:
    """A lab by its record."""

    record: LabRecord

    @classmethod
    def open(cls, name: str = DEFAULT_NAME) -> Lab:
        """The lab of that name.

        Raises:
            LabNotFoundError: there is none.
        """
        return cls(registry.get(name))

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def state(self) -> Path:
        return self.record.state

    @property
    def options(self) -> LabOptions:
        return self.record.options

    @property
    def addresses(self) -> Addresses:
        return self.record.addresses

    @property
    def kubeconfig(self) -> Path:
        return self.record.kubeconfig

    @property
    def nodes(self) -> tuple[LabNode, ...]:
        return tuple(LabNode(self, name) for name in self.options.node_names)

    def node(self, name: str) -> LabNode:
        """The node of that name.

        Raises:
            LabError: the lab has none.
        """
        for node in self.nodes:
            if node.name == name:
                return node
        raise LabError(
            f"Lab {self.name!r} has no node {name!r}.", remedy=f"It has: {', '.join(self.options.node_names)}."
        )

    @property
    def launcher(self) -> Launcher:
        """Starts components of this lab."""
        return Launcher(self.record, search_path=packages.ensure(cache_root()).search_path)

    def api(self) -> Client:
        """A small API client as the administrator."""
        return Client.with_kubeconfig(self.kubeconfig)

    def restart(self, component: str, *, extra_args: Sequence[str] = ()) -> None:
        """Restart a component (``kube-scheduler``, ``n1/kubelet``) as ``up`` started it, plus ``extra_args``.

        Without arguments it is again as ``up`` made it. Returns when the component works.

        Raises:
            LabError: there is no such component, or it does not come up.
        """
        readiness.restart(self.launcher, component, extra_args=extra_args)

    def run_in_node(self, node: str, command: Sequence[str]) -> str:
        """Run a short command inside a node and return its output."""
        return self.node(node).run(command)

    def processes(self) -> list[ProcessRecord]:
        """The components as started, running or not."""
        return processes.load_records(self.record.pids)
