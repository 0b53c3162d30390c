"""Faults that an admission policy brings about: what a user or a controller writes is changed on its way in."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from ai_conformance.lab.accelerators.api import ApiError, Client
from ai_conformance.lab.faults.model import FaultError, FaultyLab
from ai_conformance.lab.waiting import WaitTimeoutError, poll_until

_GROUP = "admissionregistration.k8s.io"
_POLICIES = f"/apis/{_GROUP}/v1/mutatingadmissionpolicies"
_BINDINGS = f"/apis/{_GROUP}/v1/mutatingadmissionpolicybindings"
_PROBES = "/api/v1/namespaces/default/configmaps?dryRun=All"
_SEEN_S = 30


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rewritten:
    """What is written to a resource is changed by JSON patches, which a CEL expression makes.

    The API server learns of a policy a moment after it is made. The policy therefore also marks a ConfigMap of one
    name, which is tried by dry run until it is marked: then the fault is in effect.
    """

    name: str
    group: str
    resource: str
    """``httproutes``, or ``httproutes/status``."""
    condition: str
    """A CEL expression: which objects are changed."""
    patches: str
    """A CEL expression: a list of JSONPatch."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Make policy and binding."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        _create(api, _POLICIES, self._policy())
        _create(api, _BINDINGS, self._binding())
        self._wait(api, marked=True)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Delete both."""
        api = Client.with_kubeconfig(lab.kubeconfig)
        _delete(api, f"{_BINDINGS}/{self.name}")
        _delete(api, f"{_POLICIES}/{self.name}")
        self._wait(api, marked=False)

    @property
    def _probe(self) -> str:
        """The name of the ConfigMap: of this policy alone, as several may be in effect."""
        return f"ai-conformance-{self.name}"

    def _policy(self) -> dict[str, Any]:
        mark = f'[JSONPatch{{op: "add", path: "/data", value: {{"policy": "{self.name}"}}}}]'
        choice = f'request.resource.resource == "configmaps" ? {mark} : ({self.condition}) ? {self.patches} : []'
        rule = {"operations": ["CREATE", "UPDATE"], "apiVersions": ["*"]}
        rules = [
            {**rule, "apiGroups": [self.group], "resources": [self.resource]},
            {**rule, "apiGroups": [""], "resources": ["configmaps"], "resourceNames": [self._probe]},
        ]
        return {
            "apiVersion": f"{_GROUP}/v1",
            "kind": "MutatingAdmissionPolicy",
            "metadata": {"name": self.name},
            "spec": {
                "failurePolicy": "Fail",
                "reinvocationPolicy": "Never",
                "matchConstraints": {"resourceRules": rules},
                "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": choice}}],
            },
        }

    def _binding(self) -> dict[str, Any]:
        return {
            "apiVersion": f"{_GROUP}/v1",
            "kind": "MutatingAdmissionPolicyBinding",
            "metadata": {"name": self.name},
            "spec": {"policyName": self.name},
        }

    def _wait(self, api: Client, *, marked: bool) -> None:
        probe = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self._probe, "namespace": "default"}}

        def look() -> bool:
            try:
                answer = api.request("POST", _PROBES, body=probe)
            except ApiError as error:
                raise FaultError(f"The policy {self.name} refuses what it should change: {error}") from error
            return ((answer.get("data") or {}).get("policy") == self.name) is marked

        state = "come into effect" if marked else "end"
        try:
            poll_until(look, what=f"policy {self.name} to {state}", timeout_s=_SEEN_S)  # no watch tells
        except WaitTimeoutError as error:
            raise FaultError(f"The policy {self.name} did not {state} within {_SEEN_S} s.") from error


def _create(api: Client, path: str, obj: dict[str, Any]) -> None:
    try:
        api.request("POST", path, body=obj)
    except ApiError as error:
        if error.status != 409:  # it is there already
            raise FaultError(
                f"The policy {obj['metadata']['name']} cannot be made: {error}",
                remedy="Is the lab up? See `ai-conformance lab status`.",
            ) from error


def _delete(api: Client, path: str) -> None:
    try:
        api.request("DELETE", path)
    except ApiError as error:
        if error.status != 404:
            raise FaultError(f"A policy cannot be deleted: {error}") from error
