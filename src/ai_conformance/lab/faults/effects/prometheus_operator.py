"""Faults of the monitoring that an operator runs: what its Prometheus chooses and takes, and the operator itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ai_conformance.lab.accelerators.api import MERGE_PATCH, ApiError, Client
from ai_conformance.lab.addons import prometheus_operator as addon
from ai_conformance.lab.faults.effects.objects import wait_for
from ai_conformance.lab.faults.model import FaultError, FaultyLab

_INSTANCES = f"/apis/{addon.GROUP}/v1/namespaces/{addon.NAMESPACE}/prometheuses"
_DEPLOYMENTS = f"/apis/apps/v1/namespaces/{addon.NAMESPACE}/deployments"
_OPERATORS = f"/api/v1/namespaces/{addon.NAMESPACE}/pods?labelSelector=app.kubernetes.io/name={addon.OPERATOR}"
_FOLLOWS_S = 90


@dataclasses.dataclass(frozen=True, kw_only=True)
class Instance:
    """The Prometheus is asked for otherwise; in effect once the operator says that it has followed."""

    changed: Mapping[str, Any]
    """Fields of its spec; None takes one away."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Ask for the broken one."""
        self._ask(lab, addon.selectors(**self.changed))

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Ask for the sound one."""
        self._ask(lab, addon.selectors())

    def _ask(self, lab: FaultyLab, spec: Mapping[str, Any]) -> None:
        api = Client.with_kubeconfig(lab.kubeconfig)
        _change(api, f"{_INSTANCES}/{addon.NAME}", {"spec": spec})
        wait_for(
            api,
            _INSTANCES,
            lambda found: all(_followed(one) for one in found),
            what=f"{addon.OPERATOR} to follow",
            timeout_s=_FOLLOWS_S,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class OperatorGone:
    """The operator does not run; the Prometheus that it has set up does."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Scale it to nothing."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        _change(api, f"{_DEPLOYMENTS}/{addon.OPERATOR}", {"spec": {"replicas": 0}})
        wait_for(api, _OPERATORS, lambda found: not found, what=f"{addon.OPERATOR} to go", timeout_s=_FOLLOWS_S)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Bring it back."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        _change(api, f"{_DEPLOYMENTS}/{addon.OPERATOR}", {"spec": {"replicas": 1}})
        wait_for(
            api,
            _DEPLOYMENTS,
            lambda found: all(one.get("status", {}).get("availableReplicas") == 1 for one in found),
            what=f"{addon.OPERATOR} to be back",
            timeout_s=_FOLLOWS_S,
        )


def _followed(one: Mapping[str, Any]) -> bool:
    conditions = {each["type"]: each for each in one.get("status", {}).get("conditions", ())}
    generation = one["metadata"]["generation"]
    return all(
        name in conditions
        and conditions[name]["status"] == "True"
        and conditions[name].get("observedGeneration", 0) >= generation
        for name in ("Reconciled", "Available")
    )


def _change(api: Client, path: str, body: Mapping[str, Any]) -> None:
    try:
        api.request("PATCH", path, body=body, content_type=MERGE_PATCH)
    except ApiError as error:
        raise FaultError(
            f"The monitoring system cannot be changed: {error}",
            remedy="Is the lab up? See `ai-conformance lab status`.",
        ) from error
