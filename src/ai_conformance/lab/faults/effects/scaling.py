"""Faults of the autoscaler, of its pool, and of what makes machines for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ai_conformance.lab import node_pool
from ai_conformance.lab.accelerators.api import MERGE_PATCH, ApiError, Client
from ai_conformance.lab.addons import karpenter
from ai_conformance.lab.faults import by_hand
from ai_conformance.lab.faults.effects import beside
from ai_conformance.lab.faults.effects.objects import wait_for
from ai_conformance.lab.faults.model import FaultError, FaultyLab
from ai_conformance.lab.node_pool import Way
from ai_conformance.lab.processes import kill, load_record, record_file

_NODES = "/api/v1/nodes"
_CLAIMS = "/apis/karpenter.sh/v1/nodeclaims"
_POOL = f"/apis/karpenter.sh/v1/nodepools/{karpenter.POOL}"
_OF_POOL = f"{_NODES}?labelSelector={node_pool.POOL_LABEL}"
_ADMISSION = "/apis/admissionregistration.k8s.io/v1"
_POLICY = "lab-pods-go-nowhere"
_NOWHERE = "lab.ai-conformance/nowhere"
_HAND = "by_hand"
_END_S = 15
_GONE_S = 90
_NOT_FOUND, _CONFLICT = 404, 409


@dataclasses.dataclass(frozen=True, kw_only=True)
class AutoscalerDead:
    """The autoscaler's process has ended; its objects are all there."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """End it."""
        record = load_record(record_file(lab.state / "pids", karpenter.COMPONENT))
        if record.running and kill([record.pid], timeout_s=_END_S):
            raise FaultError(f"{karpenter.COMPONENT} (pid {record.pid}) does not end.")

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Start it again."""
        lab.restart(karpenter.COMPONENT)


@dataclasses.dataclass(frozen=True, kw_only=True)
class NodeByHand:
    """The autoscaler is dead, and somebody starts a machine of the pool for each pod that waits for one."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """End the one, start the other."""
        AutoscalerDead().apply(lab, nodes=nodes)
        beside.start(lab, _HAND)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """End the hand, take its machines away, start the autoscaler."""
        beside.stop(lab, _HAND)
        api = Client.with_kubeconfig(lab.kubeconfig)
        made = f"{_NODES}?labelSelector={by_hand.MARK}"
        _delete(api, made)
        wait_for(api, made, lambda found: not found, what="nodes made by hand to go", timeout_s=_GONE_S)
        AutoscalerDead().clear(lab, nodes=nodes)


@dataclasses.dataclass(frozen=True, kw_only=True)
class MachinesWrong:
    """Whatever makes machines for the autoscaler makes them, or takes them away, in a wrong way."""

    way: Way

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """From the next machine on."""
        node_pool.turn(lab.state, self.way, on=True)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """The machines made so go, and what else was done is undone."""
        node_pool.turn(lab.state, self.way, on=False)
        api = Client.with_kubeconfig(lab.kubeconfig)
        # An autoscaler does not take a node away for good that never came up as it should.
        _delete(api, _CLAIMS)
        for node in api.request("GET", _OF_POOL)["items"]:
            left = [one for one in node["metadata"].get("finalizers", []) if one != node_pool.STAYS]
            _change(api, f"{_NODES}/{node['metadata']['name']}", {"metadata": {"finalizers": left}})
        for node in api.request("GET", _NODES)["items"]:
            if node_pool.TOUCHED in node["metadata"].get("annotations", {}):
                undone = {"metadata": {"annotations": {node_pool.TOUCHED: None}}, "spec": {"unschedulable": None}}
                _change(api, f"{_NODES}/{node['metadata']['name']}", undone)
        wait_for(api, _OF_POOL, lambda found: not found, what="the pool's nodes to go", timeout_s=_GONE_S)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PoolChanged:
    """The pool is declared otherwise."""

    wrong: Mapping[str, Any]
    """Merged into its spec; None takes a field away."""
    right: Mapping[str, Any]

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Declare it so."""
        _change(Client.with_kubeconfig(lab.kubeconfig), _POOL, {"spec": self.wrong})

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Declare it as it was."""
        _change(Client.with_kubeconfig(lab.kubeconfig), _POOL, {"spec": self.right})


@dataclasses.dataclass(frozen=True, kw_only=True)
class PoolTainted:
    """The pool's nodes have a taint of some team's, which no workload tolerates for its accelerator's sake."""

    key: str

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Declare it."""
        self._write(lab, more=[{"key": self.key, "effect": "NoSchedule"}])

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Declare the others alone."""
        self._write(lab, more=[])

    def _write(self, lab: FaultyLab, *, more: list[dict[str, str]]) -> None:
        api = Client.with_kubeconfig(lab.kubeconfig)
        spec = api.request("GET", _POOL)["spec"]["template"]["spec"]
        taints = [one for one in spec.get("taints", []) if one["key"] != self.key] + more
        _change(api, _POOL, {"spec": {"template": {"spec": {"taints": taints}}}})


@dataclasses.dataclass(frozen=True, kw_only=True)
class PodsGoNowhere:
    """An admission policy gives pods that select the pool another selector, which no node satisfies."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Make the policy and its binding."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        for plural, kind, spec in (
            ("mutatingadmissionpolicies", "MutatingAdmissionPolicy", _policy()),
            ("mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", {"policyName": _POLICY}),
        ):
            body = {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": kind,
                "metadata": {"name": _POLICY},
                "spec": spec,
            }
            try:
                api.request("POST", f"{_ADMISSION}/{plural}", body=body)
            except ApiError as error:
                if error.status != _CONFLICT:
                    raise FaultError(f"{kind} {_POLICY} cannot be made: {error}") from error

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Remove both."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        for plural in ("mutatingadmissionpolicybindings", "mutatingadmissionpolicies"):
            _delete(api, f"{_ADMISSION}/{plural}/{_POLICY}")


def _policy() -> dict[str, Any]:
    path = '"/spec/nodeSelector/" + jsonpatch.escapeKey("' + _NOWHERE + '")'
    selects = f"has(object.spec.nodeSelector) && '{node_pool.POOL_LABEL}' in object.spec.nodeSelector"
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    return {
        "failurePolicy": "Fail",
        "reinvocationPolicy": "Never",
        "matchConstraints": {"resourceRules": [rule]},
        "matchConditions": [{"name": "selects-the-pool", "expression": selects}],
        "mutations": [
            {
                "patchType": "JSONPatch",
                "jsonPatch": {"expression": f'[JSONPatch{{op: "add", path: {path}, value: "true"}}]'},
            }
        ],
    }


def _change(api: Client, path: str, body: Mapping[str, Any]) -> None:
    try:
        api.request("PATCH", path, body=body, content_type=MERGE_PATCH)
    except ApiError as error:
        if error.status != _NOT_FOUND:
            raise FaultError(f"{path} cannot be changed: {error}", remedy="See `ai-conformance lab status`.") from error


def _delete(api: Client, path: str) -> None:
    try:
        api.request("DELETE", path)
    except ApiError as error:
        if error.status != _NOT_FOUND:
            raise FaultError(f"{path} cannot be deleted: {error}") from error
