"""Faults that are objects of the cluster: a DeviceClass that selects nothing, a role without a right."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import time
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ai_conformance.lab.accelerators.api import MERGE_PATCH, ApiError, Client
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.faults.model import FaultError, FaultyLab, node_folder

_CLASSES = "/apis/resource.k8s.io/v1/deviceclasses"
_ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/" + urllib.parse.quote("system:kube-scheduler")
_STATUS = "podgroups/status"


def wait_for(
    api: Client, path: str, reached: Callable[[list[dict[str, Any]]], bool], *, what: str, timeout_s: float
) -> list[dict[str, Any]]:
    """The objects of a list once they satisfy the condition, seen by list and watch.

    Raises FaultError after `timeout_s`.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        found = api.request("GET", path)
        objects = {entry["metadata"]["uid"]: entry for entry in found["items"]}
        version = found["metadata"]["resourceVersion"]
        separator = "&" if "?" in path else "?"
        left_s = int(deadline - time.monotonic())
        events = api.watch(f"{path}{separator}resourceVersion={version}", timeout_s=max(1, left_s))
        with contextlib.closing(events):  # type: ignore[type-var]  # a generator, closed to end its connection
            if reached(list(objects.values())):
                return list(objects.values())
            for event in events:
                entry = event["object"]
                if event["type"] == "DELETED":
                    objects.pop(entry["metadata"]["uid"], None)
                else:
                    objects[entry["metadata"]["uid"]] = entry
                if reached(list(objects.values())):
                    return list(objects.values())
        if time.monotonic() > deadline:
            raise FaultError(f"Waited {timeout_s:g} s in vain for {what}.", remedy="See `ai-conformance lab status`.")


@contextlib.contextmanager
def _explained(what: str) -> Any:
    try:
        yield
    except (ApiError, OSError, http.client.HTTPException) as error:
        raise FaultError(f"{what}: {error}", remedy="Is the lab up? See `ai-conformance lab status`.") from error


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassSelectsNothing:
    """The DeviceClass has a selector that no device satisfies."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Narrow the class."""
        self._select(lab, expression="device.driver == 'elsewhere.example.com'")

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Restore the class."""
        self._select(lab, expression=None)

    def _select(self, lab: FaultyLab, *, expression: str | None) -> None:
        config = AcceleratorConfig.read(node_folder(lab, lab.nodes[0].name) / "accelerators.json")
        flavour = config.flavour
        selector = {"cel": {"expression": expression or flavour.class_expression}}
        with _explained(f"DeviceClass {flavour.device_class} cannot be changed"):
            Client.with_kubeconfig(lab.kubeconfig).request(
                "PATCH",
                f"{_CLASSES}/{flavour.device_class}",
                body={"spec": {"selectors": [selector]}},
                content_type=MERGE_PATCH,
            )


@dataclasses.dataclass(frozen=True, kw_only=True)
class StatusForbidden:
    """The scheduler may not write the status of a PodGroup, so the group never says anything."""

    def apply(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Take the right away."""
        with _explained("The scheduler's role cannot be changed"):
            api = Client.with_kubeconfig(lab.kubeconfig)
            rules = [without(rule, resource=_STATUS) for rule in api.request("GET", _ROLE)["rules"]]
            self._write(api, rules=[rule for rule in rules if rule.get("resources") != []])

    def clear(self, lab: FaultyLab, *, nodes: Sequence[str]) -> None:
        """Give it back."""
        with _explained("The scheduler's role cannot be changed"):
            api = Client.with_kubeconfig(lab.kubeconfig)
            rules = api.request("GET", _ROLE)["rules"]
            if not any(_STATUS in rule.get("resources", []) for rule in rules):
                right = {"apiGroups": ["scheduling.k8s.io"], "resources": [_STATUS], "verbs": ["patch", "update"]}
                self._write(api, rules=[*rules, right])

    def _write(self, api: Client, *, rules: Sequence[Mapping[str, Any]]) -> None:
        api.request("PATCH", _ROLE, body={"rules": list(rules)}, content_type=MERGE_PATCH)


def without(rule: Mapping[str, Any], *, resource: str) -> dict[str, Any]:
    """An RBAC rule that no longer covers a resource."""
    if resource not in rule.get("resources", []):
        return dict(rule)
    return {**rule, "resources": [name for name in rule["resources"] if name != resource]}
