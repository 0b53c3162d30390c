"""One node: a pid 1 with namespaces of its own, and in them containerd, kubelet, kube-proxy and the accelerators.

Its mounts, links, firewall rules and processes end with that pid 1. It has its own /run, /var/lib and /var/log, so the
paths that kubelet, CNI and device plugins have as constants hold on every node.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from pathlib import Path

from ai_conformance.lab import cgroups, commands, network, node_files
from ai_conformance.lab.accelerators import devices
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.flavours import node_labels
from ai_conformance.lab.accelerators.runtime import write_wrapper
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.launcher import Launcher
from ai_conformance.lab.packages import Packages
from ai_conformance.lab.processes import ProcessRecord, spawn_inside
from ai_conformance.lab.versions import KubernetesRelease
from ai_conformance.lab.waiting import poll_until

UNSHARE = ("unshare", "--mount", "--net", "--pid", "--uts", "--fork", "--kill-child", "--mount-proc")
INIT = """
set -e
echo "$2" > /proc/sys/kernel/hostname
mount --bind "$1/run" /run
mount --bind "$1/lib" /var/lib
mount --bind "$1/log" /var/log
mount --make-rshared /
mkdir -p /run/lock /var/lib/kubelet
echo 1 > /proc/sys/net/ipv4/ip_forward
echo >&3
exec 3>&-
trap 'exit 0' TERM
while :; do sleep 86400 & wait $!; done
"""
"""Shared propagation inside, nothing of it outside; ``wait`` reaps whatever is left to pid 1."""
CONTAINERD_TIMEOUT_S = 30.0
READY_TIMEOUT_S = 60.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Node:
    """Node ``number`` (from 1) of a lab, and how to start what runs on it."""

    launcher: Launcher
    number: int
    name: str
    packages: Packages
    binaries: Path
    version: KubernetesRelease
    registered_as: str = ""
    """Name of its Node object, where somebody else makes that object and its labels, and the kubelet takes it over."""

    @property
    def object_name(self) -> str:
        """Name of its Node object."""
        return self.registered_as or self.name

    @property
    def node_index(self) -> int:
        """Chooses the model of its accelerators; those of a pool have all the same."""
        return self.launcher.lab.options.nodes if self.registered_as else self.number - 1

    @property
    def folder(self) -> Path:
        return self.launcher.lab.node_folder(self.name)

    def create(self, *, images: Path) -> None:
        """Make the namespaces, links and control groups, start containerd and import the images."""
        lab, addresses = self.launcher.lab, self.launcher.lab.addresses
        for part in ("run", "lib", "log", "cni", "faults"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        (self.folder / "resolv.conf").touch()
        command = ["sh", "-c", INIT, "node", str(self.folder), self.name]
        environment = self.launcher.environment()
        pid = spawn_inside(command, enter=UNSHARE, environment=environment, log=lab.log(f"{self.name}/init"))
        self.launcher.remember(f"{self.name}/init", pid, command=[*UNSHARE, *command], environment=environment)
        network.connect_node(
            addresses,
            number=self.number,
            nodes=lab.options.nodes,
            pid=pid,
            enter=self.launcher.enter(self.name),
        )
        cgroups.create(addresses.cgroup, node=self.name)
        self._start_containerd()
        self.run([str(self.packages.newer / "containerd/usr/bin/ctr"), "-n", "k8s.io", "images", "import", str(images)])

    def _start_containerd(self) -> None:
        wrapper = self.folder / "runc"
        write_wrapper(
            wrapper,
            runc=self.packages.runc,
            faults_dir=self.folder / "faults",
            config=self.folder / "accelerators.json",
        )
        cni = node_files.cni_network(self.launcher.lab.addresses, number=self.number)
        (self.folder / "cni/10-lab.conflist").write_text(json.dumps(cni))
        config = self.folder / "containerd.toml"
        config.write_text(
            node_files.containerd(runc=wrapper, plugins=self.packages.cni_plugins, networks=self.folder / "cni")
        )
        component = f"{self.name}/containerd"
        record = self.launcher.start(component, ["containerd", "--config", str(config)], node=self.name)
        socket = self.folder / "run/containerd/containerd.sock"
        poll_until(
            lambda: socket.exists() or None,
            what=f"{component} to listen",
            timeout_s=CONTAINERD_TIMEOUT_S,
            processes=[record.pid],
        )

    def create_devices(self) -> None:
        """Make the node's fake devices and tell the driver of them."""
        lab = self.launcher.lab
        options = lab.options
        try:
            made = devices.create(
                self.folder / "devices",
                node=self.name,
                count=options.accelerators,
                vendor=options.vendor,
                mechanism=options.mechanism,
                lab=lab.name,
                node_index=self.node_index,
            )
        except OSError as error:
            raise LabError(
                f"The fake devices of {self.name} could not be made: {error}",
                remedy="They are loop devices; `ai-conformance lab doctor` says whether this host has them.",
            ) from error
        AcceleratorConfig(
            node=self.object_name,
            node_index=self.node_index,
            server=lab.addresses.api_server,
            ca_file=lab.pki / "ca.crt",
            certificate_file=lab.pki / f"{self.name}.crt",
            key_file=lab.pki / f"{self.name}.key",
            vendor=options.vendor,
            mechanism=options.mechanism,
            devices=tuple(made),
            faults_dir=self.folder / "faults",
        ).write(self.folder / "accelerators.json")

    def start_kubelet(self) -> ProcessRecord:
        lab = self.launcher.lab
        share = 1 - 1 / lab.options.nodes
        memory = int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * share)
        config = self.folder / "kubelet.json"
        value = node_files.kubelet(
            lab.addresses,
            number=self.number,
            node=self.name,
            folder=self.folder,
            pki=lab.pki,
            version=self.version,
            reserved_bytes=memory,
        )
        config.write_text(json.dumps(value, indent=1))
        flags = [] if self.registered_as else ["--node-labels=" + self._labels()]
        return self.launcher.start(
            f"{self.name}/kubelet",
            [
                str(self.binaries / "kubelet"),
                f"--config={config}",
                f"--kubeconfig={lab.pki}/{self.name}.conf",
                f"--hostname-override={self.object_name}",
                f"--node-ip={lab.addresses.node(self.number)}",
                *flags,
            ],
            node=self.name,
        )

    def _labels(self) -> str:
        lab = self.launcher.lab
        labels = {
            "topology.kubernetes.io/region": "lab",
            "topology.kubernetes.io/zone": f"lab-{self.number}",
            "node.kubernetes.io/instance-type": f"lab.accelerated-{(self.number - 1) % 2 + 1}",
        }
        if lab.options.accelerators:
            labels |= node_labels(lab.options.vendor, node_index=self.number - 1, count=lab.options.accelerators)
        return ",".join(f"{key}={value}" for key, value in labels.items())

    def start_proxy(self) -> ProcessRecord:
        lab = self.launcher.lab
        config = self.folder / "kube-proxy.json"
        value = node_files.kube_proxy(lab.addresses, node=self.object_name, pki=lab.pki)
        config.write_text(json.dumps(value, indent=1))
        return self.launcher.start(
            f"{self.name}/kube-proxy",
            [str(self.binaries / "kube-proxy"), f"--config={config}"],
            node=self.name,
        )

    def start_accelerators(self) -> ProcessRecord:
        command = [sys.executable, "-m", "ai_conformance.lab.accelerators", "--config"]
        # A start by its folder, where the package is not installed, has to hold inside the node as well.
        source = str(Path(__file__).resolve().parents[2])
        return self.launcher.start(
            f"{self.name}/accelerators",
            [*command, str(self.folder / "accelerators.json")],
            node=self.name,
            environment={"PYTHONPATH": source},
        )

    def wait_accelerators(self, record: ProcessRecord) -> None:
        """Wait until the driver has said that everything is registered and published."""
        log = self.launcher.lab.log(f"{self.name}/accelerators")
        poll_until(
            lambda: b"ready\n" in log.read_bytes() or None,
            what=f"the devices of {self.name} to be published",
            timeout_s=READY_TIMEOUT_S,
            processes=[record.pid],
        )

    def run(self, command: list[str]) -> str:
        """Run a short command inside the node and return what it printed."""
        return commands.run([*self.launcher.enter(self.name), *command])
