"""CDI specifications: how a DRA driver tells the container runtime what a claim's devices are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ai_conformance.lab.accelerators.flavours import Flavour
from ai_conformance.lab.accelerators.grants import Grant

FOLDER = Path("/var/run/cdi")
"""The runtime's folder for specifications that do not outlive a boot."""

_VERSION = "0.6.0"


def spec_path(folder: Path, *, flavour: Flavour, claim_uid: str) -> Path:
    """Where the specification of a claim is."""
    return folder / f"{flavour.cdi_kind.replace('/', '-')}-{claim_uid}.json"


def device_id(flavour: Flavour, *, claim_uid: str, device_name: str) -> str:
    """The fully qualified CDI name of one device of a claim."""
    return f"{flavour.cdi_kind}={claim_uid}-{device_name}"


def specification(flavour: Flavour, *, claim_uid: str, devices: Mapping[str, Sequence[Grant]]) -> dict[str, Any]:
    """The specification for a claim: for each allocated device name its grants."""
    entries = []
    for name, grants in devices.items():
        edits: dict[str, Any] = {"env": [f"{flavour.visible_variable}=void"]}  # the devices come by CDI, not by name
        for grant in grants:
            for key, values in grant.cdi().items():
                edits.setdefault(key, []).extend(values)
        entries.append({"name": f"{claim_uid}-{name}", "containerEdits": edits})
    return {"cdiVersion": _VERSION, "kind": flavour.cdi_kind, "devices": entries}


def write(path: Path, *, spec: Mapping[str, Any]) -> None:
    """Put a specification in place at once: the runtime watches the folder and would read half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(spec))
    part.rename(path)
