"""Plants canaries in a lab, and takes them away again: in what is there, in what checks make, in what they are told."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Mapping
from typing import Any

from ai_conformance.lab.accelerators.api import ApiError
from ai_conformance.lab.faults.effects.admission import Rewritten
from ai_conformance.lab.lab import Lab
from ai_conformance.lab.waiting import poll_until
from canaries import FORMS, ONE_LINE, planted, word

# A word without a form, at a place whose name says nothing: nobody but its owner knows that it is a secret.
UNFORMED = "quiet-swan-under-two-moons"
STRATEGIC = "application/strategic-merge-patch+json"
ROLLED_OUT_S = 90
POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
BINDINGS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings"
CLASSES = "/apis/resource.k8s.io/v1/deviceclasses"
SLICES = "/apis/resource.k8s.io/v1/resourceslices"
OPERATOR = "/apis/apps/v1/namespaces/jobset-system/deployments"

_add = 'JSONPatch{op: "add",'


class Planter:
    """Plants canaries and takes them away again."""

    def __init__(self, lab: Lab, undo: contextlib.ExitStack) -> None:
        self.api = lab.api()
        self.lab = lab
        self._undo = undo
        self._numbers = itertools.count(1)

    def text(self, form: str, *, place: str) -> str:
        """A new canary, as a program would print it."""
        return planted(form, place=place, number=next(self._numbers)).text

    def word(self) -> str:
        """A canary without a form."""
        return word(next(self._numbers))

    def texts(self, *, place: str, forms: tuple[str, ...] = tuple(FORMS)) -> dict[str, str]:
        """One of every form under a name that says nothing, and others under names that do."""
        plain = {f"example.com/{form}": self.text(form, place=place) for form in forms}
        return {**plain, "example.com/note": UNFORMED, "example.com/api-token": self.word()}

    def line(self, *, place: str) -> str:
        """All forms that may stand in a line, in one."""
        return f"{UNFORMED}; " + " | ".join(self.text(form, place=place) for form in ONE_LINE)

    def create(self, path: str, obj: Mapping[str, Any]) -> None:
        """Make an object, to be deleted at the end."""
        self.api.request("POST", path, body=obj)
        self._undo.callback(self._delete, f"{path}/{obj['metadata']['name']}")

    def annotate(self, path: str, *, labels: Mapping[str, str] | None = None) -> None:
        """Put canaries into an object's annotations and labels, to be taken out at the end."""
        annotations = self.texts(place=path)
        self._patch(path, {"metadata": {"annotations": annotations, "labels": dict(labels or {})}})
        nothing = {"annotations": dict.fromkeys(annotations), "labels": dict.fromkeys(labels or {})}
        self._undo.callback(self._patch, path, {"metadata": nothing})

    def _patch(self, path: str, body: Mapping[str, Any]) -> None:
        self.api.request("PATCH", path, body=body, content_type=STRATEGIC)

    def _delete(self, path: str) -> None:
        try:
            self.api.request("DELETE", path)
        except ApiError as error:
            if error.status != 404:
                raise

    # What the cluster has

    def cluster(self) -> None:
        """Nodes, namespaces, classes, slices, events, ConfigMaps and Secrets."""
        for node in self.lab.options.node_names:
            path = f"/api/v1/nodes/{node}"
            self.annotate(path, labels={"example.com/key": f"AKIA{self.word()}", "example.com/token": self.word()})
            condition = {"type": "ExampleReady", "status": "False", "reason": "Example"}
            message = {"message": self.line(place="condition")}
            self._patch(f"{path}/status", {"status": {"conditions": [{**condition, **message}]}})
            nothing = {"type": "ExampleReady", "$patch": "delete"}
            self._undo.callback(self._patch, f"{path}/status", {"status": {"conditions": [nothing]}})
        self.annotate("/api/v1/namespaces/kube-system")
        for item in self.api.request("GET", CLASSES)["items"]:
            self.annotate(f"{CLASSES}/{item['metadata']['name']}")
        attributes = {
            **{f"a{number}": {"string": text} for number, text in enumerate(self._short())},
            "licenseToken": {"string": self.word()},
        }
        pool = {"name": "canaries", "generation": 1, "resourceSliceCount": 1}
        devices = [{"name": "canary", "attributes": attributes}]
        spec = {"driver": "canaries.example.com", "nodeName": "n1", "pool": pool, "devices": devices}
        self.create(SLICES, {"metadata": {"name": "canaries"}, "spec": spec})
        for number, form in enumerate(FORMS):
            involved = {"apiVersion": "v1", "kind": "Node", "name": "n1"}
            event = {"metadata": {"name": f"canary-{number}"}, "involvedObject": involved, "type": "Warning"}
            told = {"reason": "Failed", "message": self.text(form, place="event")}
            self.create("/api/v1/namespaces/default/events", {**event, **told})
        data = {f"settings-{form}": self.text(form, place="ConfigMap") for form in FORMS}
        for namespace in ("default", "kube-system"):
            path = f"/api/v1/namespaces/{namespace}"
            self.create(f"{path}/configmaps", {"metadata": {"name": "canaries"}, "data": {**data, "note": UNFORMED}})
            self.create(f"{path}/secrets", {"metadata": {"name": "canaries"}, "stringData": {"plain": self.word()}})

    def _short(self) -> list[str]:
        # The API takes no longer strings as attributes of devices.
        return [text for form in ONE_LINE if len(text := self.text(form, place="attribute")) <= 64]

    def operator(self) -> None:
        """An operator's annotations and its containers' environment, as it runs with them."""
        for item in self.api.request("GET", OPERATOR)["items"]:
            path = f"{OPERATOR}/{item['metadata']['name']}"
            self.annotate(path)
            containers = [one["name"] for one in item["spec"]["template"]["spec"]["containers"]]
            environment = self._environment("operator")
            without = [{"name": one["name"], "$patch": "delete"} for one in environment]
            self._undo.callback(self._set_environment, path, without, containers=containers)
            self._set_environment(path, environment, containers=containers)

    def _set_environment(self, path: str, environment: list[dict[str, str]], *, containers: list[str]) -> None:
        changed = [{"name": name, "env": environment} for name in containers]
        self._patch(path, {"spec": {"template": {"spec": {"containers": changed}}}})
        self._rolled_out(path)

    def _environment(self, place: str) -> list[dict[str, str]]:
        plain = [{"name": f"SETTING_{n}", "value": self.text(form, place=place)} for n, form in enumerate(FORMS)]
        return [*plain, {"name": "HF_TOKEN", "value": f"{self.word()} {self.word()}"}]

    def _rolled_out(self, path: str) -> None:
        def look() -> bool:
            found = self.api.request("GET", path)
            status, wanted = found.get("status", {}), found["spec"]["replicas"]
            seen = status.get("observedGeneration", 0) >= found["metadata"]["generation"]
            return bool(seen and status.get("updatedReplicas") == status.get("availableReplicas") == wanted)

        poll_until(look, what=f"{path} to run as it was changed", timeout_s=ROLLED_OUT_S)

    # What checks make, and the answers that they get

    def own_objects(self) -> None:
        """Pods and claims of the run's own namespaces get annotations, and pods an environment."""
        self._rewritten("canaries-in-pods", "", resource="pods", more=self._environment_patch())
        self._rewritten("canaries-in-claims", "resource.k8s.io", resource="resourceclaims")
        self._rewritten("canaries-in-new-nodes", "", resource="nodes", everywhere=True)

    def _rewritten(self, name: str, group: str, *, resource: str, more: str = "[]", everywhere: bool = False) -> None:
        adds = ", ".join(
            f"{_add} path: '/metadata/annotations/' + jsonpatch.escapeKey({_cel(key)}), value: {_cel(text)}}}"
            for key, text in self.texts(place=resource).items()
        )
        empty = f'{_add} path: "/metadata/annotations", value: {{}}}}'
        effect = Rewritten(
            name=name,
            group=group,
            resource=resource,
            condition="true" if everywhere else 'object.metadata.namespace.startsWith("aic-")',
            patches=f"(has(object.metadata.annotations) ? [] : [{empty}]) + [{adds}] + {more}",
        )
        effect.apply(self.lab, nodes=())  # type: ignore[arg-type]
        self._undo.callback(effect.clear, self.lab, nodes=())  # type: ignore[arg-type]

    def _environment_patch(self) -> str:
        entries = [
            f'{{"name": {_cel(one["name"])}, "value": {_cel(one["value"])}}}' for one in self._environment("pods")
        ]
        first = f'{_add} path: "/spec/containers/0/env", value: []}}'
        adds = ", ".join(f'{_add} path: "/spec/containers/0/env/-", value: {one}}}' for one in entries)
        created = 'request.operation == "CREATE"'
        return f"({created} ? ((has(object.spec.containers[0].env) ? [] : [{first}]) + [{adds}]) : [])"

    def refusals(self) -> None:
        """Claims of the run's own namespaces are refused, by a sentence full of secrets."""
        name = "canaries-in-refusals"
        rule = {"apiGroups": ["resource.k8s.io", ""], "apiVersions": ["*"], "operations": ["CREATE"]}
        spec = {
            "matchConstraints": {"resourceRules": [{**rule, "resources": ["resourceclaims", "pods"]}]},
            "validations": [
                {
                    "expression": 'object.metadata.namespace.startsWith("aic-") == false',
                    "message": f"refused: {self.line(place='refusal')}",
                }
            ],
        }
        self.create(POLICIES, {"metadata": {"name": name}, "spec": spec})
        binding = {"policyName": name, "validationActions": ["Deny"]}
        self.create(BINDINGS, {"metadata": {"name": name}, "spec": binding})


def _cel(text: str) -> str:
    return json.dumps(text)


def _cel(text: str) -> str:
    return json.dumps(text)
