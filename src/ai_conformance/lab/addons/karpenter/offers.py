"""What the provider offers: one type of instance, with the lab's accelerators through both mechanisms."""

from __future__ import annotations

from typing import Any

from ai_conformance.lab.accelerators.devices import identity
from ai_conformance.lab.accelerators.flavours import Mechanism, flavour_of
from ai_conformance.lab.options import LabOptions

INSTANCE_TYPE = "lab.pool-accelerated"
CAPACITY_TYPE = "on-demand"
ZONE = "lab-pool"
_CPU, _MEMORY = "2", "4Gi"
"""Less than any machine that can hold a lab has, so that what Karpenter expects is there."""


def instance_types(options: LabOptions) -> list[dict[str, Any]]:
    """For the provider's own file."""
    resources = {"cpu": _CPU, "memory": _MEMORY, "ephemeral-storage": "10Gi", "pods": "110"}
    if Mechanism.DEVICE_PLUGIN in options.mechanism.singles:
        resources[flavour_of(options.vendor).extended_resource] = str(options.accelerators)
    chosen = {"karpenter.sh/capacity-type": CAPACITY_TYPE, "topology.kubernetes.io/zone": ZONE}
    requirements = [{"key": key, "operator": "In", "values": [value]} for key, value in chosen.items()]
    return [
        {
            "name": INSTANCE_TYPE,
            "architecture": "amd64",
            "operatingSystems": ["linux"],
            "resources": resources,
            "offerings": [{"Price": 1.0, "Available": True, "Requirements": requirements}],
        }
    ]


def slices(options: LabOptions) -> dict[str, list[dict[str, Any]]]:
    """For our own file: the devices that the driver of such a node will publish."""
    if Mechanism.DRA not in options.mechanism.singles:
        return {}
    flavour = flavour_of(options.vendor)
    devices = [
        flavour.device(
            index=index,
            uuid=identity(lab=options.name, node="new", index=index, vendor=options.vendor),
            node_index=options.nodes,
        )
        for index in range(options.accelerators)
    ]
    return {INSTANCE_TYPE: [{"driver": flavour.driver, "devices": devices}]}
