"""The device plugin of a node (v1beta1): the older way to hand out accelerators, by an extended resource's name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc

from ai_conformance.lab.accelerators import rpc
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.flavours import Mechanism
from ai_conformance.lab.accelerators.grants import grants
from ai_conformance.lab.accelerators.switches import Switch

FOLDER = Path("/var/lib/kubelet/device-plugins")
KUBELET_SOCKET = FOLDER / "kubelet.sock"
_REGISTER_TIMEOUT_S = 10


class DevicePlugin:
    """A server that registers with the kubelet, and again with each kubelet that comes after it."""

    def __init__(
        self, config: AcceleratorConfig, *, switches: Callable[[], frozenset[Switch]], listed: Callable[[], None]
    ) -> None:
        self._config, self._switches, self._listed = config, switches, listed
        self._pool = config.devices_of(Mechanism.DEVICE_PLUGIN)
        self._by_id = {device.uuid: device for device in self._pool}
        self._messages = rpc.messages("deviceplugin")
        self._socket = FOLDER / f"{rpc.file_name(config.flavour.extended_resource)}.sock"
        self._server: Any = None
        self._changed = threading.Condition()
        self._epoch = 0

    def register(self) -> None:
        """Serve on a new socket and register; the kubelet empties its folder when it starts, our socket included.

        Raises grpc.RpcError if there is no kubelet to answer: its socket was left by one that was killed.
        """
        self.stop()
        messages = self._messages
        methods = {
            "GetDevicePluginOptions": rpc.unary(
                lambda _request, _context: messages.DevicePluginOptions(),
                request=messages.Empty,
                response=messages.DevicePluginOptions,
            ),
            "ListAndWatch": rpc.streaming(self._list, request=messages.Empty, response=messages.ListAndWatchResponse),
            "Allocate": rpc.unary(self._allocate, request=messages.AllocateRequest, response=messages.AllocateResponse),
        }
        self._server = rpc.serve(self._socket, services={"v1beta1.DevicePlugin": methods})
        with grpc.insecure_channel(f"unix:{KUBELET_SOCKET}") as channel:
            call = channel.unary_unary(
                "/v1beta1.Registration/Register",
                request_serializer=messages.RegisterRequest.SerializeToString,
                response_deserializer=messages.Empty.FromString,
            )
            request = messages.RegisterRequest(
                version="v1beta1",
                endpoint=self._socket.name,
                resource_name=self._config.flavour.extended_resource,
                options=messages.DevicePluginOptions(),
            )
            call(request, timeout=_REGISTER_TIMEOUT_S, wait_for_ready=True)
        print(f"device plugin: registered {self._config.flavour.extended_resource}", flush=True)  # noqa: T201 - the log

    def refresh(self) -> None:
        """Send the list of devices again: a switch may have changed their health."""
        with self._changed:
            self._epoch += 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Stop serving and end the streams."""
        if self._server is not None:
            server, self._server = self._server, None
            self.refresh()
            server.stop(None).wait()

    def _list(self, _request: Any, context: Any) -> Iterator[Any]:
        context.add_callback(self.refresh)  # wakes the wait below when the kubelet hangs up
        while context.is_active():
            with self._changed:
                epoch = self._epoch
            switches = self._switches()
            health = "Unhealthy" if Switch.UNHEALTHY in switches else "Healthy"
            entries = [self._messages.Device(ID=device.uuid, health=health) for device in self._pool]
            yield self._messages.ListAndWatchResponse(devices=entries)
            self._listed()
            with self._changed:
                self._changed.wait_for(lambda seen=epoch: self._epoch != seen)  # type: ignore[misc]

    def _allocate(self, request: Any, context: Any) -> Any:
        switches, messages, flavour = self._switches(), self._messages, self._config.flavour
        if Switch.PREPARE_FAILS in switches:
            context.abort(grpc.StatusCode.INTERNAL, "the device did not answer its reset")
        response = messages.AllocateResponse()
        for container in request.container_requests:
            answer = response.container_responses.add()
            allocated = [self._by_id[name] for name in container.devices_ids]
            answer.envs[flavour.visible_variable] = ",".join(container.devices_ids)
            for grant in grants(allocated, pool=self._pool, flavour=flavour, switches=switches):
                if grant.plain_file:
                    answer.mounts.add(
                        container_path=grant.container_path, host_path=str(grant.host_path), read_only=True
                    )
                else:
                    answer.devices.add(
                        container_path=grant.container_path,
                        host_path=str(grant.host_path),
                        permissions=grant.permissions,
                    )
            print(f"device plugin: allocated {', '.join(container.devices_ids)}", flush=True)  # noqa: T201 - the log
        return response
