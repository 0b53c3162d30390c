"""A large cluster as objects of the API, made up: nodes with accelerators, their ResourceSlices, pods and claims.

Nobody runs a cluster like that to try a plan on it. The objects have the size and the parts of real ones (labels of
feature discovery, images, conditions, managed fields; attributes as a driver of accelerators publishes them), because
what an inventory costs is mostly the reading of what it does not need. Everything is a function of the index.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]

DRIVER = "gpu.nvidia.com"
PLUGIN_RESOURCE = "amd.com/gpu"
SLICES = "/apis/resource.k8s.io/v1/resourceslices"
CLASSES = "/apis/resource.k8s.io/v1/deviceclasses"
CLAIMS = "/apis/resource.k8s.io/v1/resourceclaims"
_AT = "2026-01-01T00:00:00Z"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Size:
    """How much there is."""

    nodes: int = 5000
    devices_per_node: int = 8
    pods: int = 20000
    images_per_node: int = 50
    plugin_every: int = 5
    """Every so many nodes also have accelerators of another vendor behind a device plugin."""

    @property
    def claims(self) -> int:
        """A claim for every tenth device."""
        return self.nodes * self.devices_per_node // 10


def name_of_node(index: int) -> str:
    """As clouds name them."""
    return f"ip-10-{index // 65536 % 256}-{index // 256 % 256}-{index % 256}.region.compute.example"


def nodes(size: Size) -> Iterator[Object]:
    """The Node objects."""
    for index in range(size.nodes):
        yield _node(index, size=size)


def _node(index: int, *, size: Size) -> Object:
    plugin = {PLUGIN_RESOURCE: "8"} if index % size.plugin_every == 0 else {}
    resources = {"cpu": "192", "memory": "2097152Ki", "ephemeral-storage": "3623878656Ki", "pods": "250", **plugin}
    features = {f"feature.node.kubernetes.io/cpu-cpuid.FEATURE{number}": "true" for number in range(40)}
    labels = {
        "kubernetes.io/hostname": name_of_node(index),
        "kubernetes.io/arch": "amd64",
        "node.kubernetes.io/instance-type": ("accelerated.48xlarge", "accelerated.96xlarge")[index % 2],
        "topology.kubernetes.io/zone": f"zone-{index % 3}",
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3",
        **features,
    }
    conditions = [
        {"type": kind, "status": status, "lastHeartbeatTime": _AT, "lastTransitionTime": _AT, "reason": "KubeletHas"}
        | {"message": f"kubelet is posting {kind.lower()} status as it should"}
        for kind, status in (
            ("MemoryPressure", "False"),
            ("DiskPressure", "False"),
            ("PIDPressure", "False"),
            ("Ready", "True"),
        )
    ]
    images = [
        {
            "names": [
                f"registry.example/team-{number}/workload@sha256:{_digest(number)}",
                f"registry.example/team-{number}/workload:v1.{number}.0",
            ],
            "sizeBytes": 1_000_000_000 + number,
        }
        for number in range(size.images_per_node)
    ]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name_of_node(index),
            "labels": labels,
            "annotations": {"node.alpha.kubernetes.io/ttl": "0", "csi.volume.kubernetes.io/nodeid": "{}"},
        },
        "spec": {"providerID": f"made-up:///zone/i-{index:017x}"},
        "status": {
            "addresses": [{"type": "Hostname", "address": name_of_node(index)}],
            "capacity": resources,
            "allocatable": resources,
            "conditions": conditions,
            "images": images,
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": _uuid(f"boot{index}"),
                "containerRuntimeVersion": "containerd://2.1.4",
                "kernelVersion": "6.12.40",
                "kubeProxyVersion": "v1.37.2",
                "kubeletVersion": "v1.37.2",
                "machineID": _digest(index)[:32],
                "operatingSystem": "linux",
                "osImage": "Linux",
                "systemUUID": _uuid(f"system{index}"),
            },
        },
    }


def slices(size: Size) -> Iterator[Object]:
    """A ResourceSlice, which is a whole pool, for each node."""
    for index in range(size.nodes):
        node = name_of_node(index)
        yield {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "ResourceSlice",
            "metadata": {"name": f"{node}-{DRIVER}-{_digest(index)[:5]}"},
            "spec": {
                "driver": DRIVER,
                "nodeName": node,
                "pool": {"name": node, "generation": 1, "resourceSliceCount": 1},
                "devices": [_device(index, number) for number in range(size.devices_per_node)],
            },
        }


def _device(node: int, number: int) -> Object:
    return {
        "name": f"gpu-{number}",
        "attributes": {
            "architecture": {"string": "Hopper"},
            "brand": {"string": "Nvidia"},
            "cudaComputeCapability": {"version": "9.0.0"},
            "cudaDriverVersion": {"version": "13.0.0"},
            "driverVersion": {"version": "580.95.5"},
            "pcieBusID": {"string": f"0000:{number:02x}:00.0"},
            "productName": {"string": "NVIDIA H100 80GB HBM3"},
            "resource.kubernetes.io/pcieRoot": {"string": f"pci0000:{number:02x}"},
            "type": {"string": "gpu"},
            "uuid": {"string": f"GPU-{_uuid(f'{node}/{number}')}"},
        },
        "capacity": {"memory": {"value": "81559Mi"}},
    }


def classes() -> Iterator[Object]:
    """The DeviceClasses that the driver comes with."""
    for name, kind in ((DRIVER, "gpu"), ("mig.nvidia.com", "mig"), ("vfio.gpu.nvidia.com", "vfio")):
        expression = f"device.driver == '{DRIVER}' && device.attributes['{DRIVER}'].type == '{kind}'"
        yield {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "DeviceClass",
            "metadata": {"name": name},
            "spec": {"selectors": [{"cel": {"expression": expression}}]},
        }


def claims(size: Size) -> Iterator[Object]:
    """Allocated ResourceClaims."""
    for index in range(size.claims):
        number = index * 10
        node = name_of_node(number // size.devices_per_node)
        request = {"name": "gpu", "exactly": {"deviceClassName": DRIVER, "allocationMode": "ExactCount", "count": 1}}
        device = f"gpu-{number % size.devices_per_node}"
        held = {"request": "gpu", "driver": DRIVER, "pool": node, "device": device}
        yield {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "ResourceClaim",
            "metadata": {"name": f"claim-{index}", "namespace": "default"},
            "spec": {"devices": {"requests": [request]}},
            "status": {"allocation": {"devices": {"results": [held]}}},
        }


def pods(size: Size) -> Iterator[Object]:
    """Pods that are bound to the nodes; every tenth asks for accelerators of the device plugin."""
    for index in range(size.pods):
        limits = {"cpu": "1", "memory": "1Gi"}
        if index % 10 == 0:
            limits[PLUGIN_RESOURCE] = "1"
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"workload-{_digest(index)[:9]}-{index}",
                "namespace": "default",
                "labels": {"app": f"workload-{index % 100}", "pod-template-hash": _digest(index)[:9]},
            },
            "spec": {
                "nodeName": name_of_node(index % size.nodes),
                "tolerations": [{"operator": "Exists"}],
                "containers": [
                    {
                        "name": "main",
                        "image": f"registry.example/team-{index % 50}/workload:v1.{index % 50}.0",
                        "args": ["--listen=:8080", "--log-level=info"],
                        "env": [{"name": f"SETTING_{number}", "value": f"value-{number}"} for number in range(20)],
                        "resources": {"limits": limits, "requests": limits},
                    }
                ],
            },
        }


def _digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def _uuid(text: str) -> str:
    hexadecimal = hashlib.sha256(text.encode()).hexdigest()
    return f"{hexadecimal[:8]}-{hexadecimal[8:12]}-4{hexadecimal[13:16]}-a{hexadecimal[17:20]}-{hexadecimal[20:32]}"
