"""The real nodes behind Node objects of the pool: started, found again after a crash, taken away."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ai_conformance.lab import bringing_up, cgroups, network, pki, processes
from ai_conformance.lab.accelerators import devices
from ai_conformance.lab.accelerators.flavours import Vendor
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.files import read_json, write_atomically, write_json
from ai_conformance.lab.launcher import Launcher
from ai_conformance.lab.node import Node
from ai_conformance.lab.node_pool import Way
from ai_conformance.lab.options import LabOptions
from ai_conformance.lab.registry import LabRecord
from ai_conformance.lab.waiting import poll_until

_RECORD = "member.json"
_LAST_NUMBER = 32
"""Addresses have room for more; a machine has not."""
_INIT_ENDS_S = 15.0
_FILES_S = 10.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Member:
    """Node ``number`` of the lab, which goes by the name of its Node object in the API."""

    number: int
    object_name: str
    complete: bool = False
    """Whether all of it was started; what is not is the work of a process that was killed."""

    @property
    def name(self) -> str:
        """In the lab: of its folder, its processes, its control group."""
        return f"n{self.number}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Members:
    """All of one lab."""

    lab: LabRecord
    prepared: bringing_up.Prepared

    @property
    def _launcher(self) -> Launcher:
        return Launcher(self.lab, search_path=self.prepared.packages.search_path)

    def present(self) -> dict[str, Member]:
        """Those of which there is something, by the name of the Node object; also what a killed process left."""
        found = {}
        for file in sorted((self.lab.state / "nodes").glob(f"*/{_RECORD}")):
            data = read_json(file)
            member = Member(**data)
            found[member.object_name] = member
        return found

    def start(self, object_name: str, *, wrong: frozenset[Way] = frozenset()) -> Member:
        """Bring up a node for this Node object; returns when its devices are published.

        Raises:
            LabError: it could not be started; what there is of it is taken away by `end`.
        """
        used = {member.number for member in self.present().values()}
        first = self.lab.options.nodes + 1
        number = next((one for one in range(first, _LAST_NUMBER + 1) if one not in used), None)
        if number is None:
            raise LabError(f"A lab has at most {_LAST_NUMBER} nodes.")
        member = Member(number=number, object_name=object_name)
        # Written before anything is made, so that a later process knows what to take away.
        write_json(self.lab.node_folder(member.name) / _RECORD, dataclasses.asdict(member))
        self._credentials(member)
        node = self._node(member, wrong=wrong)
        node.create(images=self.prepared.images)
        for other in self._others(member):
            network.route_to_node(self.lab.addresses, number=number, enter=other)
        node.create_devices()
        node.start_kubelet()
        node.start_proxy()
        if node.launcher.lab.options.accelerators:
            node.wait_accelerators(node.start_accelerators())
        member = dataclasses.replace(member, complete=True)
        write_json(self.lab.node_folder(member.name) / _RECORD, dataclasses.asdict(member))
        return member

    def stop_kubelet(self, member: Member) -> None:
        """End its kubelet alone."""
        component = f"{member.name}/kubelet"
        if processes.record_file(self.lab.pids, component).exists():
            self._launcher.discard(component)

    def end(self, member: Member) -> None:
        """Take everything away; can be repeated, and goes on where a killed attempt ended.

        Raises:
            LabError: something does not go.
        """
        launcher = self._launcher
        folder = self.lab.node_folder(member.name)
        mine = [one for one in processes.load_records(self.lab.pids) if one.component.startswith(f"{member.name}/")]
        # With pid 1 end all other processes, mounts and links.
        for record in sorted(mine, key=lambda one: one.component != f"{member.name}/init"):
            launcher.discard(record.component)
        try:
            devices.remove(folder / "devices")
        except devices.DevicesBusyError as error:
            raise LabError(f"The fake devices of {member.name}: {error}") from error
        network.disconnect_node(self.lab.addresses, number=member.number, others=self._others(member))
        cgroups.remove(f"{self.lab.addresses.cgroup}/{member.name}")
        for file in self.lab.pki.glob(f"{member.name}.*"):
            file.unlink()
        poll_until(lambda: _emptied(folder), what=f"{folder} to be removable", timeout_s=_FILES_S)
        (folder / _RECORD).unlink(missing_ok=True)
        folder.rmdir()

    def options_of(self, wrong: frozenset[Way]) -> LabOptions:
        """What its accelerators are."""
        options = self.lab.options
        if Way.NO_DEVICES in wrong:
            options = dataclasses.replace(options, accelerators=0)
        if Way.OTHER_VENDOR in wrong:
            other = Vendor.LAB if options.vendor is Vendor.NVIDIA else Vendor.NVIDIA
            options = dataclasses.replace(options, vendor=other)
        return options

    def _node(self, member: Member, *, wrong: frozenset[Way]) -> Node:
        lab = dataclasses.replace(self.lab, options=self.options_of(wrong))
        return Node(
            launcher=Launcher(lab, search_path=self.prepared.packages.search_path),
            number=member.number,
            name=member.name,
            packages=self.prepared.packages,
            binaries=self.prepared.binaries.folder,
            version=self.prepared.binaries.release,
            registered_as=member.object_name,
        )

    def _others(self, member: Member) -> list[list[str]]:
        """The ways into all other nodes that run."""
        names = [*self.lab.options.node_names, *(one.name for one in self.present().values())]
        ways = []
        for name in names:
            file = processes.record_file(self.lab.pids, f"{name}/init")
            if name != member.name and file.exists() and processes.load_record(file).running:
                ways.append(self._launcher.enter(name))
        return ways

    def _credentials(self, member: Member) -> None:
        key = serialization.load_pem_private_key((self.lab.pki / "ca.key").read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        certificate = x509.load_pem_x509_certificate((self.lab.pki / "ca.crt").read_bytes())
        pair = pki.issue(
            pki.Pair(certificate=certificate, key=key),
            common_name=f"system:node:{member.object_name}",
            organization="system:nodes",
            dns_names=(member.object_name,),
            addresses=(self.lab.addresses.node(member.number),),
        )
        pair.save(self.lab.pki, member.name)
        text = pki.kubeconfig(
            server=self.lab.addresses.api_server,
            authority_pem=(self.lab.pki / "ca.crt").read_bytes(),
            client=pair,
            cluster=f"ai-conformance-lab-{self.lab.name}",
            user=member.object_name,
        )
        write_atomically(self.lab.pki / f"{member.name}.conf", text, mode=0o600)


def _emptied(folder: Path) -> bool | None:
    """Remove the files, the record excepted; the kernel lets go of some a moment after a namespace's end."""
    try:
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != _RECORD:
                path.unlink()
    except OSError:
        return None
    return True
