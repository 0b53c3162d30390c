"""Faults of an operator's webhooks, JobSet's: nobody behind them, another authority, somebody else in their place."""

from __future__ import annotations

import base64
import copy
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ai_conformance.lab.accelerators.api import MERGE_PATCH, ApiError, Client
from ai_conformance.lab.addons.jobset import EXAMPLE, NAMESPACE
from ai_conformance.lab.faults.effects.objects import wait_for
from ai_conformance.lab.faults.effects.operators import (
    ADMISSION,
    MUTATING,
    SETTLED_S,
    TRIES,
    VALIDATING,
    Object,
    change,
    change_role,
    created,
    deleted,
    explained,
    works_again,
)
from ai_conformance.lab.faults.model import FaultyLab
from ai_conformance.lab.waiting import poll_until

_SERVICE = f"/api/v1/namespaces/{NAMESPACE}/services/jobset-webhook-service"
_CERTIFICATE = f"/api/v1/namespaces/{NAMESPACE}/secrets/jobset-webhook-server-cert"
_NOBODY = {"ai-conformance.dev/fault": "nobody"}
_SLICES = (
    f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"
    "?labelSelector=kubernetes.io%2Fservice-name%3Djobset-webhook-service"
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class WebhooksIgnored:
    """The webhooks' Service has no endpoints, and because of failurePolicy Ignore nobody notices."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Let failures pass, and lead the Service nowhere."""
        with explained():
            api = Client.with_kubeconfig(lab.kubeconfig)
            self._policy(api, "Ignore")
            api.request("PATCH", _SERVICE, body={"spec": {"selector": _NOBODY}}, content_type=MERGE_PATCH)
            wait_for(api, _SLICES, lambda found: not _endpoints(found), what="the endpoints to go", timeout_s=SETTLED_S)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Lead it back."""
        with explained():
            api = Client.with_kubeconfig(lab.kubeconfig)
            selector = dict.fromkeys(_NOBODY)
            api.request("PATCH", _SERVICE, body={"spec": {"selector": selector}}, content_type=MERGE_PATCH)
            wait_for(api, _SLICES, _endpoints, what="the endpoints to come", timeout_s=SETTLED_S)
            self._policy(api, "Fail")
            works_again(api)

    def _policy(self, api: Client, policy: str) -> None:
        def edit(obj: Object) -> None:
            for hook in obj["webhooks"]:
                hook["failurePolicy"] = policy

        for path in (VALIDATING, MUTATING):
            change(api, path, edit)


def _endpoints(slices: Sequence[Mapping[str, Any]]) -> bool:
    return any(one.get("conditions", {}).get("ready") for found in slices for one in found.get("endpoints") or ())


@dataclasses.dataclass(frozen=True, kw_only=True)
class DeniedByPolicy:
    """A ValidatingAdmissionPolicy denies, in JobSet's words, what JobSet's own webhook would."""

    own_webhook_asked: bool
    """Whether the own webhook would deny it too; else it is not asked when a JobSet is created."""

    _NAME = "imitates-jobset"

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Make the policy, and see that it denies."""
        with explained():
            api = Client.with_kubeconfig(lab.kubeconfig)
            self._operations(api, ["CREATE", "UPDATE"] if self.own_webhook_asked else ["UPDATE"])
            for kind, obj in (
                ("validatingadmissionpolicies", self._policy()),
                ("validatingadmissionpolicybindings", self._binding()),
            ):
                created(api, f"{ADMISSION}/{kind}", obj)
            wrong = copy.deepcopy(EXAMPLE)
            wrong["spec"]["replicatedJobs"][0]["dependsOn"] = [{"name": "one", "status": "Ready"}]

            def denied() -> bool:
                try:
                    api.request("POST", TRIES, body=wrong)
                except ApiError as error:
                    return self._NAME in str(error)
                return False

            poll_until(denied, what="the policy to deny", timeout_s=SETTLED_S)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Remove it; its denials end a moment later, which is waited for."""
        with explained():
            api = Client.with_kubeconfig(lab.kubeconfig)
            for kind in ("validatingadmissionpolicybindings", "validatingadmissionpolicies"):
                deleted(api, f"{ADMISSION}/{kind}/{self._NAME}")
            self._operations(api, ["CREATE", "UPDATE"])
            works_again(api)

    def _operations(self, api: Client, operations: Sequence[str]) -> None:
        def edit(obj: Object) -> None:
            for hook in obj["webhooks"]:
                for rule in hook["rules"]:
                    if rule["resources"] == ["jobsets"]:
                        rule["operations"] = list(operations)

        change(api, VALIDATING, edit)

    def _policy(self) -> Object:
        first, network = "object.spec.replicatedJobs[0]", "object.spec.network"
        rule = {
            "apiGroups": ["jobset.x-k8s.io"],
            "apiVersions": ["*"],
            "operations": ["CREATE"],
            "resources": ["jobsets"],
        }
        validations = [
            {"expression": f"!has({first}.dependsOn)", "message": "DependsOn can't be set for the first ReplicatedJob"},
            {
                "expression": f"!has({network}) || !has({network}.subdomain)",
                "message": 'admission webhook "vjobset.kb.io" denied the request: spec.network.subdomain',
            },
        ]
        return {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": self._NAME},
            "spec": {"matchConstraints": {"resourceRules": [rule]}, "validations": validations},
        }

    def _binding(self) -> Object:
        return {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": self._NAME},
            "spec": {"policyName": self._NAME, "validationActions": ["Deny"]},
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class WrongAuthority:
    """The webhooks' CA bundle is of an authority that has not signed their certificate, and JobSet cannot mend it."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Take the right to write it away, then write the lab's own authority into it."""
        with explained():
            api = Client.with_kubeconfig(lab.kubeconfig)
            change_role(api, "validatingwebhookconfigurations", taken=["update"])
            # The right is gone once the API server's authorizer knows of it; until then JobSet would put it right.
            bundle = base64.b64encode((lab.state / "pki" / "front-ca.crt").read_bytes()).decode()

            def refused() -> bool:
                _bundle(api, bundle)
                try:
                    api.request("POST", TRIES, body=EXAMPLE)
                except ApiError as error:
                    return "certificate" in str(error)
                return False

            poll_until(refused, what="JobSet's webhooks not to be trusted", timeout_s=SETTLED_S)

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Give the right back, and write the authority that JobSet has made for itself."""
        with explained():
            api = Client.with_kubeconfig(lab.kubeconfig)
            change_role(api, "validatingwebhookconfigurations", given=["update"])
            _bundle(api, api.request("GET", _CERTIFICATE)["data"]["ca.crt"])
            works_again(api)


def _bundle(api: Client, bundle: str) -> None:
    def edit(obj: Object) -> None:
        for hook in obj["webhooks"]:
            hook["clientConfig"]["caBundle"] = bundle

    for path in (VALIDATING, MUTATING):
        change(api, path, edit)
