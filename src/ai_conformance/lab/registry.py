"""Which labs there are: their names, numbers and state folders. What ``down`` needs is on disk before anything is made.

Two files describe a lab. The entry in the registry claims its name and its number; ``lab.json`` in its state folder
tells
the rest. ``down`` can work from the first alone, should ``up`` have been killed between the two.
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import enum
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from ai_conformance.lab import network, options
from ai_conformance.lab.addresses import MAX_INDEX, Addresses
from ai_conformance.lab.errors import LabError, LabNotFoundError, LabUsageError
from ai_conformance.lab.files import locked, read_json, write_json
from ai_conformance.lab.options import LabOptions
from ai_conformance.lab.paths import default_state, registry_root, visible_in_nodes

CONTENTS = ("lab.json", "pki", "pids", "logs", "nodes", "etcd", "kubeconfig", "components", "faults", "addons")
"""All that a lab keeps in its state folder; ``down`` removes these and nothing else."""


class Phase(enum.StrEnum):
    """How far a lab has come, as far as the commands know."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabRecord:
    """A lab as written down."""

    name: str
    lab_id: str
    """Marks the lab's processes."""
    index: int
    state: Path
    options: LabOptions
    phase: Phase
    kubernetes: str
    """The exact version, once known."""

    @property
    def addresses(self) -> Addresses:
        return Addresses(self.index)

    @property
    def pids(self) -> Path:
        return self.state / "pids"

    @property
    def pki(self) -> Path:
        return self.state / "pki"

    @property
    def kubeconfig(self) -> Path:
        return self.state / "kubeconfig"

    def node_folder(self, node: str) -> Path:
        return self.state / "nodes" / node

    def log(self, component: str) -> Path:
        return self.state / "logs" / f"{component}.log"

    def save(self) -> None:
        write_json(
            self.state / "lab.json",
            {
                "name": self.name,
                "id": self.lab_id,
                "index": self.index,
                "phase": self.phase.value,
                "kubernetes": self.kubernetes,
                "options": options.encode(self.options),
                "addresses": {
                    "bridge": self.addresses.bridge,
                    "cgroup": self.addresses.cgroup,
                    "network": str(self.addresses.network),
                    "api_server": self.addresses.api_server,
                },
                "nodes": list(self.options.node_names),
            },
        )


@contextlib.contextmanager
def working_on(name: str) -> Iterator[None]:
    """Hold the lab's name: one command at a time may change a lab.

    Raises:
        LabError: another command is at it.
    """
    options.check_name(name)
    with locked(
        registry_root() / f".{name}.lock", busy=f"Another `ai-conformance lab` command is working on lab {name!r}."
    ):
        yield


def names() -> list[str]:
    """Every lab that was brought up and not taken down."""
    return sorted(file.stem for file in registry_root().glob("*.json") if not file.name.startswith("."))


def find(name: str) -> LabRecord | None:
    """The lab of that name, or None. After a killed ``up`` the phase is STARTING."""
    entry = registry_root() / f"{name}.json"
    if not entry.exists():
        return None
    claim = read_json(entry)
    state = Path(claim["state"])
    file = state / "lab.json"
    data = read_json(file) if file.exists() else {}
    if data.get("id") != claim["id"]:
        data = {"phase": Phase.STARTING, "kubernetes": "", "options": options.encode(LabOptions(name=name))}
    return LabRecord(
        name=name,
        lab_id=claim["id"],
        index=claim["index"],
        state=state,
        options=options.decode(data["options"]),
        phase=Phase(data["phase"]),
        kubernetes=data["kubernetes"],
    )


def get(name: str) -> LabRecord:
    """The lab of that name.

    Raises:
        LabNotFoundError: there is none; the nearest name is offered.
    """
    record = find(name)
    if record is None:
        near = difflib.get_close_matches(name, names(), n=1)
        raise LabNotFoundError(
            f"There is no lab {name!r}.",
            remedy=f"Did you mean --name {near[0]}?" if near else f"`ai-conformance lab up --name {name}` makes one.",
        )
    return record


def claim(wanted: LabOptions, *, state: Path | None) -> LabRecord:
    """Write down a new lab with a number of its own; call it under ``working_on``.

    Raises:
        LabUsageError: the state folder cannot be used.
        LabError: no number is free.
    """
    folder = visible_in_nodes((state or default_state(wanted.name)).absolute(), option="--state DIR")
    if (folder / "lab.json").exists():
        raise LabUsageError(f"{folder} holds another lab.", remedy="Choose another folder with --state DIR.")
    with locked(registry_root() / ".registry.lock"):
        used = {read_json(file)["index"] for file in registry_root().glob("[!.]*.json")}
        taken = network.taken_networks()
        free = (
            index
            for index in range(1, MAX_INDEX + 1)
            if index not in used and network.is_free(Addresses(index), taken=taken)
        )
        index = next(free, None)
        if index is None:
            raise LabError(
                "No address range is free for another lab (10.201.0.0/16 to 10.240.0.0/16).",
                remedy="`ai-conformance lab list` shows the labs; take one down.",
            )
        record = LabRecord(
            name=wanted.name,
            lab_id=uuid.uuid4().hex,
            index=index,
            state=folder,
            options=wanted,
            phase=Phase.STARTING,
            kubernetes="",
        )
        entry = {"name": record.name, "id": record.lab_id, "index": index, "state": str(folder)}
        write_json(registry_root() / f"{record.name}.json", entry)
    record.save()
    return record


def forget(record: LabRecord) -> None:
    """Remove the lab's files, ``lab.json`` and the claim last, so that a killed ``down`` can be repeated."""
    for name in CONTENTS[1:]:
        path = record.state / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    (record.state / "lab.json").unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        record.state.rmdir()
    (registry_root() / f"{record.name}.json").unlink(missing_ok=True)
