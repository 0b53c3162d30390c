"""What a user chooses about a lab; the same values are written to ``lab.json`` so that a later command knows them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ai_conformance.lab.accelerators.flavours import Mechanism, Vendor
from ai_conformance.lab.errors import LabUsageError

DEFAULT_NAME = "default"
MAX_NODES = 9
"""Interface names hold 15 characters and pod networks 64 numbers; a single machine is short of memory well before."""
MAX_ACCELERATORS = 64
"""Each is a loop device of the host, and hosts rarely allow more than 256."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabOptions:
    """A lab as asked for. ``accelerators`` counts per node and per mechanism."""

    name: str = DEFAULT_NAME
    kubernetes: str = "1.37"
    kubernetes_binaries: Path | None = None
    nodes: int = 2
    accelerators: int = 4
    mechanism: Mechanism = Mechanism.BOTH
    vendor: Vendor = Vendor.LAB

    def __post_init__(self) -> None:
        check_name(self.name)
        if not 1 <= self.nodes <= MAX_NODES:
            raise LabUsageError(f"--nodes {self.nodes}: a lab has 1 to {MAX_NODES} nodes.")
        if not 0 <= self.accelerators <= MAX_ACCELERATORS:
            raise LabUsageError(f"--accelerators {self.accelerators}: a node has 0 to {MAX_ACCELERATORS} of them.")

    @property
    def node_names(self) -> tuple[str, ...]:
        return tuple(f"n{number}" for number in range(1, self.nodes + 1))


def check_name(name: str) -> None:
    """A lab's name becomes a file name and a label value, so it has the form of a DNS label of at most 32
    characters."""
    if not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?", name):
        raise LabUsageError(
            f"{name!r} cannot be a lab's name.",
            remedy="Use up to 32 lower-case letters, digits and '-', not beginning or ending with '-'.",
        )


def encode(options: LabOptions) -> dict[str, object]:
    """Options as JSON data."""
    folder = options.kubernetes_binaries
    return {**dataclasses.asdict(options), "kubernetes_binaries": None if folder is None else str(folder)}


def decode(data: Mapping[str, Any]) -> LabOptions:
    """The inverse of ``encode``."""
    folder = data["kubernetes_binaries"]
    return LabOptions(
        **{
            **data,
            "kubernetes_binaries": None if folder is None else Path(folder),
            "mechanism": Mechanism(data["mechanism"]),
            "vendor": Vendor(data["vendor"]),
        }
    )
