"""Which pod holds which device, as the kubelet knows it: its pod-resources API (KEP-606, for claims KEP-3695)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc

from ai_conformance.lab.accelerators import rpc
from ai_conformance.lab.accelerators.config import AcceleratorConfig

SOCKET = Path("/var/lib/kubelet/pod-resources/kubelet.sock")
_TIMEOUT_S = 5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Holder:
    """A container that holds a device."""

    namespace: str
    pod: str
    container: str


class Kubelet:
    """The kubelet's answer, asked for anew each time: it is a local socket, and what it says changes."""

    def __init__(self, config: AcceleratorConfig, *, socket: Path = SOCKET) -> None:
        self._config = config
        self._messages = rpc.messages("podresources")
        self._channel = grpc.insecure_channel(f"unix:{socket}")
        self._list = self._channel.unary_unary(
            "/v1.PodResourcesLister/List",
            request_serializer=self._messages.ListPodResourcesRequest.SerializeToString,
            response_deserializer=self._messages.ListPodResourcesResponse.FromString,
        )

    def holders(self) -> dict[int, list[Holder]]:
        """By the index of the device. Raises grpc.RpcError where the kubelet does not answer."""
        answer = self._list(self._messages.ListPodResourcesRequest(), timeout=_TIMEOUT_S, wait_for_ready=True)
        return assigned(answer, config=self._config)


def assigned(answer: Any, *, config: AcceleratorConfig) -> dict[int, list[Holder]]:
    """Who holds what, from a ListPodResourcesResponse."""
    flavour = config.flavour
    by_name = {("", one.uuid): one.index for one in config.devices}
    by_name |= {(flavour.driver, flavour.device_name(one.index)): one.index for one in config.devices}
    found: dict[int, list[Holder]] = {}
    for pod in answer.pod_resources:
        for container in pod.containers:
            holder = Holder(namespace=pod.namespace, pod=pod.name, container=container.name)
            for name in _names(container, resource=flavour.extended_resource):
                if name in by_name:
                    found.setdefault(by_name[name], []).append(holder)
    return found


def _names(container: Any, *, resource: str) -> Iterator[tuple[str, str]]:
    for devices in container.devices:
        if devices.resource_name == resource:
            yield from (("", name) for name in devices.device_ids)
    for claimed in container.dynamic_resources:
        yield from ((one.driver_name, one.device_name) for one in claimed.claim_resources)
