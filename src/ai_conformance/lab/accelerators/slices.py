"""ResourceSlices of a node: which ones there should be, and what has to be done to get there from those there are."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from typing import Any

from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.flavours import Mechanism
from ai_conformance.lab.accelerators.switches import Switch

RESOURCE = "/apis/resource.k8s.io/v1/resourceslices"


class Verb(enum.StrEnum):
    """What to do with a slice."""

    CREATE = "POST"
    REPLACE = "PUT"
    DELETE = "DELETE"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Change:
    """One step towards the desired slices."""

    verb: Verb
    name: str
    body: Mapping[str, Any] | None = None


def desired(config: AcceleratorConfig, *, switches: frozenset[Switch]) -> dict[str, dict[str, Any]]:
    """The slices' specs by name, with generations counted from 0; the true ones depend on what is there."""
    if Switch.PUBLISH_NOTHING in switches:
        return {}
    flavour = config.flavour
    devices = [
        flavour.device(index=device.index, uuid=device.uuid, node_index=config.node_index)
        for device in config.devices_of(Mechanism.DRA)
    ]
    if Switch.NOT_READY in switches:
        taint = {"key": f"{flavour.driver}/not-ready", "value": "true", "effect": "NoSchedule"}
        devices = [{**device, "taints": [taint]} for device in devices]
    half = len(devices) // 2
    name = f"{config.node}-{flavour.driver}"
    if Switch.STALE_GENERATION in switches:
        # The driver died between the two slices of its new generation, and never removed the old one.
        return {
            f"{name}-old": _spec(config, devices=devices, generation=0, slices=1),
            name: _spec(config, devices=devices[:half], generation=1, slices=2),
        }
    if Switch.INCOMPLETE_POOL in switches:
        return {name: _spec(config, devices=devices[:half], generation=0, slices=2)}
    return {name: _spec(config, devices=devices, generation=0, slices=1)}


def changes(
    wanted: Mapping[str, Mapping[str, Any]], *, found: Sequence[Mapping[str, Any]], owner: Mapping[str, Any]
) -> list[Change]:
    """The steps from the slices that were found to the wanted ones; none if only the generations' start differs.

    A pool's generation must grow with every change of its content, beyond that of every slice that is still there.
    """
    newest = max((int(entry["spec"]["pool"]["generation"]) for entry in found), default=0)
    oldest = min((int(entry["spec"]["pool"]["generation"]) for entry in found), default=0)
    present = {entry["metadata"]["name"]: entry for entry in found}
    if present.keys() == wanted.keys() and all(
        _comparable(present[name]["spec"], oldest) == _comparable(spec, 0) for name, spec in wanted.items()
    ):
        return []
    steps = [Change(verb=Verb.DELETE, name=name) for name in present if name not in wanted]
    for name, spec in wanted.items():
        pool = {**spec["pool"], "generation": spec["pool"]["generation"] + newest + 1}
        metadata: dict[str, Any] = {"name": name, "ownerReferences": [dict(owner)]}
        if name in present:
            metadata["resourceVersion"] = present[name]["metadata"]["resourceVersion"]
        body = {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "ResourceSlice",
            "metadata": metadata,
            "spec": {**spec, "pool": pool},
        }
        steps.append(Change(verb=Verb.REPLACE if name in present else Verb.CREATE, name=name, body=body))
    return steps


def _spec(
    config: AcceleratorConfig, *, devices: Sequence[Mapping[str, Any]], generation: int, slices: int
) -> dict[str, Any]:
    return {
        "driver": config.flavour.driver,
        "nodeName": config.node,
        "pool": {"name": config.node, "generation": generation, "resourceSliceCount": slices},
        "devices": list(devices),
    }


def _comparable(spec: Mapping[str, Any], first_generation: int) -> Any:
    """A spec without what the server adds: quantities in its own notation, the time of a taint."""
    pool = {**spec["pool"], "generation": spec["pool"]["generation"] - first_generation}
    devices = [
        {
            "name": device["name"],
            "attributes": device["attributes"],
            "taints": [(taint["key"], taint["effect"]) for taint in device.get("taints", [])],
        }
        for device in spec.get("devices", [])
    ]
    return {"driver": spec["driver"], "nodeName": spec.get("nodeName"), "pool": pool, "devices": devices}
