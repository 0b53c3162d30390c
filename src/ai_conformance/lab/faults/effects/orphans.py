"""A controller whose children do not know whose they are: what it makes loses its owner on the way in."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ai_conformance.lab.accelerators.api import ApiError, Client
from ai_conformance.lab.faults.effects.operators import ADMISSION, SETTLED_S, created, deleted, explained
from ai_conformance.lab.faults.model import FaultyLab
from ai_conformance.lab.waiting import poll_until

_NAME = "orphans-jobs"
_TRIES = "/apis/batch/v1/namespaces/default/jobs?dryRun=All"
_OWNED = "has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(one, one.kind == 'JobSet')"
_POLICY: Mapping[str, Any] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "MutatingAdmissionPolicy",
    "metadata": {"name": _NAME},
    "spec": {
        "matchConstraints": {
            "resourceRules": [
                {"apiGroups": ["batch"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["jobs"]}
            ]
        },
        "matchConditions": [{"name": "of-a-jobset", "expression": _OWNED}],
        "reinvocationPolicy": "Never",
        "mutations": [
            {
                "patchType": "JSONPatch",
                "jsonPatch": {"expression": '[JSONPatch{op: "remove", path: "/metadata/ownerReferences"}]'},
            }
        ],
    },
}
_BINDING: Mapping[str, Any] = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "MutatingAdmissionPolicyBinding",
    "metadata": {"name": _NAME},
    "spec": {"policyName": _NAME},
}
_POD = {"spec": {"restartPolicy": "Never", "containers": [{"name": "one", "image": "none"}]}}
_OWNER = {"apiVersion": "jobset.x-k8s.io/v1alpha2", "kind": "JobSet", "name": "it", "uid": "0"}
_JOB: Mapping[str, Any] = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "owned", "namespace": "default", "ownerReferences": [_OWNER]},
    "spec": {"template": _POD},
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class OrphanedChildren:
    """A policy takes the owner away from each Job that a JobSet makes."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Make the policy, and see that it does so."""
        with explained():
            api = Client.with_kubeconfig(lab.kubeconfig)
            for kind, obj in (("mutatingadmissionpolicies", _POLICY), ("mutatingadmissionpolicybindings", _BINDING)):
                created(api, f"{ADMISSION}/{kind}", obj)
            poll_until(lambda: _keeps_its_owner(api) is False, what="Jobs to lose their owner", timeout_s=SETTLED_S)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Remove it, and see that Jobs keep their owner."""
        with explained():
            api = Client.with_kubeconfig(lab.kubeconfig)
            for kind in ("mutatingadmissionpolicybindings", "mutatingadmissionpolicies"):
                deleted(api, f"{ADMISSION}/{kind}/{_NAME}")
            poll_until(lambda: _keeps_its_owner(api) is True, what="Jobs to keep their owner", timeout_s=SETTLED_S)


def _keeps_its_owner(api: Client) -> bool | None:
    """None where the server does not say."""
    try:
        return bool(api.request("POST", _TRIES, body=_JOB)["metadata"].get("ownerReferences"))
    except ApiError:
        return None
