"""How the fake accelerators present themselves: as the lab's own kind, or in the dress of a vendor.

The vendor's flavour shows that the checks go by data and not by the lab's names. Its names, attributes and labels are
those that NVIDIA's DRA driver (`GpuInfo.GetDevice`), device plugin and GPU feature discovery publish, read in their
public sources; the values are made up and no such hardware is involved.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping
from typing import Any

LAB_DOMAIN = "accelerator.example.com"
"""A domain reserved for examples (RFC 2606), so that no real driver can have this name."""


class Vendor(enum.StrEnum):
    """Whose devices the lab's accelerators look like."""

    LAB = "lab"
    NVIDIA = "nvidia"


class Mechanism(enum.StrEnum):
    """How a workload is granted a device."""

    DRA = "dra"
    DEVICE_PLUGIN = "device-plugin"
    BOTH = "both"

    @property
    def singles(self) -> tuple[Mechanism, ...]:
        """The single mechanisms this stands for."""
        return (Mechanism.DRA, Mechanism.DEVICE_PLUGIN) if self is Mechanism.BOTH else (self,)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Model:
    """A product; the nodes of a lab carry different ones, so that there is more than one class of nodes."""

    product: str
    architecture: str
    memory_bytes: int
    compute: tuple[int, int] = (0, 0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Flavour:
    """Everything that differs between the kinds of accelerators."""

    vendor: Vendor
    driver: str
    """Name of the DRA driver; also the domain of its attributes."""
    device_class: str
    class_expression: str
    cdi_kind: str
    extended_resource: str
    """Served by the device plugin."""
    dra_extended_resource: str
    """Served by DRA through the DeviceClass, where the device plugin has the name above."""
    device_prefix: str
    """Of a device's name in its ResourceSlice."""
    path_prefix: str
    """Of the path in a container; the device's index follows."""
    visible_variable: str
    """The environment variable by which this kind of driver tells (and, if misconfigured, is told) the devices."""
    visible_mounts: str
    """The folder in a container whose mounts a misconfigured runtime takes for a list of devices."""
    driver_version: str
    runtime_version: str
    models: tuple[Model, ...]
    attributes: Callable[[Flavour, Model, int, str], dict[str, dict[str, Any]]]

    def model(self, node_index: int) -> Model:
        """The product that the node of this index (from 0) carries."""
        return self.models[node_index % len(self.models)]

    def path(self, index: int) -> str:
        """Where a container sees the device of this index."""
        return f"{self.path_prefix}{index}"

    def device_name(self, index: int) -> str:
        """The device's name in its ResourceSlice."""
        return f"{self.device_prefix}{index}"

    def device(self, *, index: int, uuid: str, node_index: int) -> dict[str, Any]:
        """A device as an entry of a ResourceSlice (resource.k8s.io/v1)."""
        model = self.model(node_index)
        return {
            "name": self.device_name(index),
            "attributes": self.attributes(self, model, index, uuid),
            "capacity": {"memory": {"value": str(model.memory_bytes)}},
        }


def _lab_attributes(flavour: Flavour, model: Model, index: int, uuid: str) -> dict[str, dict[str, Any]]:
    return {
        "uuid": {"string": uuid},
        "index": {"int": index},
        "model": {"string": model.product},
        "driverVersion": {"version": flavour.driver_version},
        "runtimeVersion": {"version": flavour.runtime_version},
    }


def _nvidia_attributes(flavour: Flavour, model: Model, index: int, uuid: str) -> dict[str, dict[str, Any]]:
    bus_id = f"0000:{0x10 + index:02x}:00.0"
    return {
        "type": {"string": "gpu"},
        "uuid": {"string": uuid},
        "productName": {"string": model.product},
        "brand": {"string": "Nvidia"},
        "architecture": {"string": model.architecture},
        "cudaComputeCapability": {"version": f"{model.compute[0]}.{model.compute[1]}.0"},
        "driverVersion": {"version": flavour.driver_version},
        "cudaDriverVersion": {"version": flavour.runtime_version},
        "resource.kubernetes.io/pciBusID": {"string": bus_id},
    }


_GIB = 1 << 30

_FLAVOURS: Mapping[Vendor, Flavour] = {
    Vendor.LAB: Flavour(
        vendor=Vendor.LAB,
        driver=LAB_DOMAIN,
        device_class=LAB_DOMAIN,
        class_expression=f"device.driver == '{LAB_DOMAIN}'",
        cdi_kind="example.com/accelerator",
        extended_resource="example.com/accelerator",
        dra_extended_resource="example.com/dra-accelerator",
        device_prefix="accelerator-",
        path_prefix="/dev/accel",
        visible_variable="ACCELERATOR_VISIBLE_DEVICES",
        visible_mounts="/var/run/accelerator-container-devices",
        driver_version="3.14.2",
        runtime_version="2.7.0",
        models=(
            Model(product="LAB-A40", architecture="Ada", memory_bytes=40 * _GIB),
            Model(product="LAB-B80", architecture="Byron", memory_bytes=80 * _GIB),
        ),
        attributes=_lab_attributes,
    ),
    Vendor.NVIDIA: Flavour(
        vendor=Vendor.NVIDIA,
        driver="gpu.nvidia.com",
        device_class="gpu.nvidia.com",
        class_expression="device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'gpu'",
        cdi_kind="k8s.gpu.nvidia.com/claim",
        extended_resource="nvidia.com/gpu",
        dra_extended_resource="example.com/dra-gpu",
        device_prefix="gpu-",
        path_prefix="/dev/nvidia",
        visible_variable="NVIDIA_VISIBLE_DEVICES",
        visible_mounts="/var/run/nvidia-container-devices",
        driver_version="580.65.6",
        runtime_version="13.0.0",
        models=(
            Model(product="NVIDIA A100-SXM4-40GB", architecture="Ampere", memory_bytes=40 * _GIB, compute=(8, 0)),
            Model(product="NVIDIA H100 80GB HBM3", architecture="Hopper", memory_bytes=80 * _GIB, compute=(9, 0)),
        ),
        attributes=_nvidia_attributes,
    ),
}


def flavour_of(vendor: Vendor) -> Flavour:
    """The flavour's data."""
    return _FLAVOURS[vendor]


def device_classes(vendor: Vendor, *, mechanism: Mechanism) -> list[dict[str, Any]]:
    """The DeviceClass objects (resource.k8s.io/v1) that the driver's installation brings along.

    The class serves an extended resource too; another than the device plugin where there is one, since one resource
    must not have two owners.
    """
    if Mechanism.DRA not in mechanism.singles:
        return []
    flavour = flavour_of(vendor)
    alone = mechanism is Mechanism.DRA
    return [
        {
            "apiVersion": "resource.k8s.io/v1",
            "kind": "DeviceClass",
            "metadata": {"name": flavour.device_class},
            "spec": {
                "extendedResourceName": flavour.extended_resource if alone else flavour.dra_extended_resource,
                "selectors": [{"cel": {"expression": flavour.class_expression}}],
            },
        }
    ]


def node_labels(vendor: Vendor, *, node_index: int, count: int) -> dict[str, str]:
    """The labels that the vendor's feature discovery puts on the node of this index (from 0) with `count` devices."""
    flavour = flavour_of(vendor)
    model = flavour.model(node_index)
    if vendor is Vendor.LAB:
        return {
            f"{LAB_DOMAIN}/present": "true",
            f"{LAB_DOMAIN}/model": model.product,
            f"{LAB_DOMAIN}/driver-version": flavour.driver_version,
            f"{LAB_DOMAIN}/runtime-version": flavour.runtime_version,
        }
    major, minor, revision = flavour.driver_version.split(".")
    cuda_major, cuda_minor, _ = flavour.runtime_version.split(".")
    return {
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.count": str(count),
        "nvidia.com/gpu.product": model.product.replace(" ", "-"),
        "nvidia.com/gpu.family": model.architecture.lower(),
        "nvidia.com/gpu.memory": str(model.memory_bytes >> 20),
        "nvidia.com/gpu.compute.major": str(model.compute[0]),
        "nvidia.com/gpu.compute.minor": str(model.compute[1]),
        "nvidia.com/cuda.driver-version.full": f"{major}.{minor}.{revision.zfill(2)}",
        "nvidia.com/cuda.driver-version.major": major,
        "nvidia.com/cuda.driver-version.minor": minor,
        "nvidia.com/cuda.driver-version.revision": revision.zfill(2),
        "nvidia.com/cuda.runtime-version.full": f"{cuda_major}.{cuda_minor}",
        "nvidia.com/cuda.runtime-version.major": cuda_major,
        "nvidia.com/cuda.runtime-version.minor": cuda_minor,
    }
