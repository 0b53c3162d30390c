"""Faults of Kueue: what its administrator set up amiss, and a manager that is gone."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ai_conformance.lab.accelerators.api import MERGE_PATCH, ApiError, Client
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.addons import kueue
from ai_conformance.lab.faults.effects.objects import wait_for
from ai_conformance.lab.faults.model import FaultError, FaultyLab, node_folder
from ai_conformance.lab.waiting import WaitTimeoutError, poll_until

_APPLY = "application/apply-patch+yaml"
_MANAGER = "?fieldManager=ai-conformance&force=true"
_QUEUES = f"/apis/{kueue.API}/clusterqueues"
_FLAVORS = f"/apis/{kueue.API}/resourceflavors"
_DEPLOYMENTS = f"/apis/apps/v1/namespaces/{kueue.NAMESPACE}/deployments"
_ENDPOINTS = f"/apis/discovery.k8s.io/v1/namespaces/{kueue.NAMESPACE}/endpointslices"
_SERVICE = "kubernetes.io/service-name=kueue-webhook-service"
_SETTLED_S = 120
_ANSWERS_S = 120


def _explained(error: ApiError) -> FaultError:
    return FaultError(f"Kueue cannot be changed: {error}", remedy="Is the lab up? See `ai-conformance lab status`.")


@dataclasses.dataclass(frozen=True, kw_only=True)
class OtherFlavor:
    """The queue of everybody gives out another flavour than the one with a topology."""

    flavor: str
    exists: bool
    """Whether the flavour is made, without a topology, or does not exist."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Make the flavour, if it is to exist, and let the queue name it."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        try:
            if self.exists:
                spec = {"nodeLabels": {"kubernetes.io/os": "linux"}}
                made = {
                    "apiVersion": kueue.API,
                    "kind": "ResourceFlavor",
                    "metadata": {"name": self.flavor},
                    "spec": spec,
                }
                api.request("PATCH", f"{_FLAVORS}/{self.flavor}{_MANAGER}", body=made, content_type=_APPLY)
            self._let_queue_name(api, lab, flavor=self.flavor, status="True" if self.exists else "False")
        except ApiError as error:
            raise _explained(error) from error

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Let the queue name the flavour with a topology again."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        try:
            self._let_queue_name(api, lab, flavor=kueue.FLAVOR, status="True")
        except ApiError as error:
            raise _explained(error) from error
        try:
            api.request("DELETE", f"{_FLAVORS}/{self.flavor}")
        except ApiError as error:
            if error.status != 404:
                raise _explained(error) from error

    def _let_queue_name(self, api: Client, lab: FaultyLab, *, flavor: str, status: str) -> None:
        accelerator = AcceleratorConfig.read(node_folder(lab, lab.nodes[0].name) / "accelerators.json").flavour
        queue = kueue.cluster_queue(accelerator=accelerator.extended_resource, flavor=flavor)
        changed = api.request("PATCH", f"{_QUEUES}/{kueue.QUEUE}{_MANAGER}", body=queue, content_type=_APPLY)
        generation = changed["metadata"]["generation"]

        def seen(found: list[dict[str, Any]]) -> bool:
            active = [_active(one) for one in found if one["metadata"]["name"] == kueue.QUEUE]
            return any((one.get("status"), one.get("observedGeneration")) == (status, generation) for one in active)

        what = f"ClusterQueue {kueue.QUEUE} to be {'active' if status == 'True' else 'inactive'}"
        wait_for(api, _QUEUES, seen, what=what, timeout_s=_SETTLED_S)


def _active(queue: Mapping[str, Any]) -> Mapping[str, Any]:
    conditions = queue.get("status", {}).get("conditions", ())
    return next((one for one in conditions if one["type"] == "Active"), {})


@dataclasses.dataclass(frozen=True, kw_only=True)
class ManagerGone:
    """Nobody answers Kueue's webhooks, without which the API server makes no pod outside a few namespaces."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Scale the manager to nothing; done when its Service has no endpoint."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        self._scale(api, replicas=0)
        wait_for(
            api,
            f"{_ENDPOINTS}?labelSelector={_SERVICE.replace('/', '%2F').replace('=', '%3D')}",
            lambda found: not any(one.get("endpoints") for one in found),
            what="Kueue's webhook service to have no endpoint",
            timeout_s=_SETTLED_S,
        )

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Scale it back; done when a pod can be made again."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        self._scale(api, replicas=1)
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"webhook-{time.monotonic_ns()}", "namespace": "default"},
            "spec": {"containers": [{"name": "none", "image": "none"}]},
        }

        def answers() -> bool:
            try:
                api.request("POST", "/api/v1/namespaces/default/pods?dryRun=All", body=pod)
            except ApiError:
                return False
            return True

        try:
            poll_until(answers, what="Kueue's webhooks", timeout_s=_ANSWERS_S)
        except WaitTimeoutError as error:
            raise FaultError("Kueue's webhooks do not answer again.", remedy="See its pod's log.") from error

    def _scale(self, api: Client, *, replicas: int) -> None:
        path = f"{_DEPLOYMENTS}/{kueue.DEPLOYMENT}"
        try:
            api.request("PATCH", path, body={"spec": {"replicas": replicas}}, content_type=MERGE_PATCH)
        except ApiError as error:
            raise _explained(error) from error
