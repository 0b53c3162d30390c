"""The DRA driver of a node: what the kubelet calls when a pod with a ResourceClaim starts and ends."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ai_conformance.lab.accelerators import cdi, rpc
from ai_conformance.lab.accelerators.api import ApiError, Client
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.flavours import Mechanism
from ai_conformance.lab.accelerators.grants import grants
from ai_conformance.lab.accelerators.switches import Switch

_KUBELET = Path("/var/lib/kubelet")
_SERVICE = "k8s.io.kubelet.pkg.apis.dra.v1.DRAPlugin"
_VERSION = "v1.DRAPlugin"
"""Served by kubelets from 1.34 on, which is as far back as the lab goes."""


class PrepareError(Exception):
    """A claim cannot be prepared; the kubelet shows the text as an event of the pod and tries again."""


class DraDriver:
    """Two sockets for the kubelet: one to be found by, one to be called on."""

    def __init__(
        self,
        config: AcceleratorConfig,
        *,
        api: Client,
        switches: Callable[[], frozenset[Switch]],
        registered: Callable[[], None],
    ) -> None:
        self._config, self._api, self._switches, self._registered = config, api, switches, registered
        self._pool = config.devices_of(Mechanism.DRA)
        self._by_name = {config.flavour.device_name(device.index): device for device in self._pool}
        self._claims, self._registration = rpc.messages("dra"), rpc.messages("registration")
        self._endpoint = _KUBELET / "plugins" / config.flavour.driver / "dra.sock"
        self._servers: list[Any] = []

    def start(self) -> None:
        """Serve; the kubelet finds the registration socket by itself, now or when it starts."""
        claims, registration = self._claims, self._registration
        self._servers.append(
            rpc.serve(
                self._endpoint,
                services={
                    _SERVICE: {
                        "NodePrepareResources": rpc.unary(
                            self._prepare_all,
                            request=claims.NodePrepareResourcesRequest,
                            response=claims.NodePrepareResourcesResponse,
                        ),
                        "NodeUnprepareResources": rpc.unary(
                            self._unprepare_all,
                            request=claims.NodeUnprepareResourcesRequest,
                            response=claims.NodeUnprepareResourcesResponse,
                        ),
                    }
                },
            )
        )
        self._servers.append(
            rpc.serve(
                _KUBELET / "plugins_registry" / f"{self._config.flavour.driver}-reg.sock",
                services={
                    "pluginregistration.Registration": {
                        "GetInfo": rpc.unary(
                            self._info, request=registration.InfoRequest, response=registration.PluginInfo
                        ),
                        "NotifyRegistrationStatus": rpc.unary(
                            self._notified,
                            request=registration.RegistrationStatus,
                            response=registration.RegistrationStatusResponse,
                        ),
                    }
                },
            )
        )

    def stop(self) -> None:
        """Stop serving; the sockets go with it, so the kubelet notices at once."""
        for server in self._servers:
            server.stop(None).wait()

    def _info(self, _request: Any, _context: Any) -> Any:
        return self._registration.PluginInfo(
            type="DRAPlugin",
            name=self._config.flavour.driver,
            endpoint=str(self._endpoint),
            supported_versions=[_VERSION],
        )

    def _notified(self, request: Any, _context: Any) -> Any:
        print(f"dra: {'registered' if request.plugin_registered else request.error}", flush=True)  # noqa: T201 - the log
        if request.plugin_registered:
            self._registered()
        return self._registration.RegistrationStatusResponse()

    def _prepare_all(self, request: Any, _context: Any) -> Any:
        response = self._claims.NodePrepareResourcesResponse()
        for claim in request.claims:
            answer = response.claims[claim.uid]
            try:
                self._prepare(claim, answer)
            except (PrepareError, ApiError, OSError, http.client.HTTPException) as error:
                answer.error = str(error)
            print(f"dra: prepare {claim.namespace}/{claim.name}: {answer.error or 'ok'}", flush=True)  # noqa: T201 - the log
        return response

    def _prepare(self, claim: Any, answer: Any) -> None:
        switches, flavour = self._switches(), self._config.flavour
        if Switch.PREPARE_FAILS in switches:
            raise PrepareError("the device did not answer its reset")
        path = f"/apis/resource.k8s.io/v1/namespaces/{claim.namespace}/resourceclaims/{claim.name}"
        found = self._api.request("GET", path)
        if found["metadata"]["uid"] != claim.uid:
            raise PrepareError(f"the claim {claim.name} has been replaced by another of that name")
        prepared = {}
        for result in found["status"]["allocation"]["devices"]["results"]:
            if result["driver"] != flavour.driver:
                continue
            name = result["device"]
            if name not in self._by_name:
                raise PrepareError(f"there is no device {name} on this node")
            prepared[name] = grants([self._by_name[name]], pool=self._pool, flavour=flavour, switches=switches)
            answer.devices.add(
                request_names=[result["request"]],
                pool_name=result["pool"],
                device_name=name,
                cdi_device_ids=[cdi.device_id(flavour, claim_uid=claim.uid, device_name=name)],
            )
        cdi.write(
            cdi.spec_path(cdi.FOLDER, flavour=flavour, claim_uid=claim.uid),
            spec=cdi.specification(flavour, claim_uid=claim.uid, devices=prepared),
        )

    def _unprepare_all(self, request: Any, _context: Any) -> Any:
        response = self._claims.NodeUnprepareResourcesResponse()
        for claim in request.claims:
            response.claims[claim.uid].SetInParent()  # an empty answer has to be there all the same
            cdi.spec_path(cdi.FOLDER, flavour=self._config.flavour, claim_uid=claim.uid).unlink(missing_ok=True)
        return response
