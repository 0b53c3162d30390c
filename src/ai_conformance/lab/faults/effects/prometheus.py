"""Faults of the monitoring system: another configuration, or somebody who meddles with its answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ai_conformance.lab.accelerators.api import ApiError, Client
from ai_conformance.lab.addons import custom_metrics, prometheus
from ai_conformance.lab.addons.prometheus.configuration import Variant
from ai_conformance.lab.custom_metrics import GROUP, Way
from ai_conformance.lab.faults.effects.objects import wait_for
from ai_conformance.lab.faults.model import FaultError, FaultyLab
from ai_conformance.lab.meddling import Meddling

_APPLY = "application/apply-patch+yaml"
_CONFIG_MAPS = f"/api/v1/namespaces/{prometheus.NAMESPACE}/configmaps"
_MANAGER = "?fieldManager=ai-conformance&force=true"
"""The add-on's own: what it does not say any more goes."""
_ROLLED_OUT_S = 90
_API_SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Monitoring:
    """Prometheus in another variant; in effect once its new pod is the only one and ready."""

    variant: Variant = Variant.SOUND
    meddling: Meddling | None = None

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Roll the broken variant out."""
        _roll_out(Client.with_kubeconfig(lab.kubeconfig), variant=self.variant, meddling=self.meddling)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Roll the sound variant out, and remove what was made for the broken one."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        _roll_out(api, variant=Variant.SOUND, meddling=None)
        _wait_for_adapters(api)
        if self.variant is not Variant.SOUND:
            name = prometheus.config_map(self.variant)["metadata"]["name"]
            try:
                api.request("DELETE", f"{_CONFIG_MAPS}/{name}")
            except ApiError as error:
                if error.status != 404:
                    raise _explained(error) from error


def _roll_out(api: Client, *, variant: Variant, meddling: Meddling | None) -> None:
    _change(api, _CONFIG_MAPS, prometheus.config_map(variant))
    _replace(api, prometheus.deployment(variant, meddling=meddling))


def _replace(api: Client, deployment: Mapping[str, Any]) -> None:
    """Change a Deployment; wait until the new pod is available and the one of before has gone."""
    name, namespace = deployment["metadata"]["name"], deployment["metadata"]["namespace"]
    deployments = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    _change(api, deployments, deployment)
    wait_for(
        api,
        deployments,
        lambda found: any(one["metadata"]["name"] == name and _rolled_out(one) for one in found),
        what=f"{name} to be available again",
        timeout_s=_ROLLED_OUT_S,
    )
    wait_for(
        api,
        f"/api/v1/namespaces/{namespace}/pods",
        lambda found: sum(one["metadata"]["name"].startswith(f"{name}-") for one in found) == 1,
        what=f"the {name} of before to go",
        timeout_s=_ROLLED_OUT_S,
    )


def _wait_for_adapters(api: Client) -> None:
    """Wait until the API server takes those that ask the system for available again, which it looks at now and then."""
    wait_for(
        api,
        _API_SERVICES,
        lambda found: all(_available(one) for one in found if one["spec"].get("group") == GROUP),
        what="the custom metrics API to be available again",
        timeout_s=_ROLLED_OUT_S,
    )


def _available(one: Mapping[str, Any]) -> bool:
    conditions = one.get("status", {}).get("conditions") or ()
    return any(each["type"] == "Available" and each["status"] == "True" for each in conditions)


def _change(api: Client, path: str, obj: Mapping[str, Any]) -> None:
    try:
        api.request("PATCH", f"{path}/{obj['metadata']['name']}{_MANAGER}", body=obj, content_type=_APPLY)
    except ApiError as error:
        raise _explained(error) from error


def _rolled_out(one: Mapping[str, Any]) -> bool:
    status = one.get("status", {})
    current = status.get("observedGeneration", 0) >= one["metadata"]["generation"]
    return bool(current and status.get("updatedReplicas") == status.get("availableReplicas") == 1)


def _explained(error: ApiError) -> FaultError:
    return FaultError(
        f"The monitoring system cannot be changed: {error}", remedy="Is the lab up? See `ai-conformance lab status`."
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Adapting:
    """The custom-metrics adapter answers in another way; in effect once its new pod is the only one and ready."""

    way: Way

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Roll the broken adapter out."""
        _replace(Client.with_kubeconfig(lab.kubeconfig), custom_metrics.deployment(self.way))

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Roll the sound one out."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        _replace(api, custom_metrics.deployment(Way.SOUND))
        _wait_for_adapters(api)
