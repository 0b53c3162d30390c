"""The Gateway and its HTTPRoutes, as a user writes them for models that are reached by an OpenAI-style API."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks.inference import backends

if TYPE_CHECKING:
    from ai_conformance.checks.inference.classes import Api, Choice

Object = dict[str, Any]
GATEWAY = "inference"
LISTENER_PORT = 80
MODEL, PROJECT = "X-Gateway-Model-Name", "OpenAI-Project"
"""Headers by which requests to models are told apart: of Gateway API Inference Extension, and of OpenAI's API."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rule:
    """One match of path and headers, both of which a request has to satisfy, and where it then goes."""

    backend: str
    headers: Mapping[str, str]
    path: str = backends.CHAT


RULES = (
    Rule(backend="a", headers={MODEL: "first"}),
    Rule(backend="b", headers={MODEL: "second"}),
    Rule(backend="c", headers={PROJECT: "third"}),
)


def gateway(namespace: str, *, api: Api, choice: Choice) -> Object:
    """One HTTP listener for routes of its own namespace."""
    known = choice.known
    spec: Object = {
        "gatewayClassName": choice.name,
        "listeners": [
            {
                "name": "http",
                "protocol": "HTTP",
                "port": known.listener_port if known and known.listener_port else LISTENER_PORT,
                "allowedRoutes": {"namespaces": {"from": "Same"}},
            }
        ],
    }
    if known is not None and known.annotations:
        spec["infrastructure"] = {"annotations": dict(known.annotations)}
    metadata: Object = {"name": GATEWAY, "namespace": namespace}
    if known is not None and known.annotations:
        metadata["annotations"] = dict(known.annotations)
    return {"apiVersion": api.gateway.api_version, "kind": "Gateway", "metadata": metadata, "spec": spec}


def route(name: str, namespace: str, *, api: Api, host: str, rules: Sequence[Object], parent: str) -> Object:
    """An HTTPRoute of one host to the Gateway in the namespace ``parent``."""
    return {
        "apiVersion": api.route.api_version,
        "kind": "HTTPRoute",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"parentRefs": [{"name": GATEWAY, "namespace": parent}], "hostnames": [host], "rules": list(rules)},
    }


def weighted(weights: Mapping[str, int]) -> list[Object]:
    """One rule for everything, with a weight for each backend."""
    return [{"backendRefs": [{"name": name, "port": backends.PORT, "weight": one} for name, one in weights.items()]}]


def matched(rules: Sequence[Rule], *, default: str = "") -> list[Object]:
    """Rules by path and headers; and one for all other requests, where there is a default backend."""
    made: list[Object] = [
        {
            "matches": [
                {
                    "path": {"type": "PathPrefix", "value": rule.path},
                    "headers": [{"name": name, "value": value} for name, value in rule.headers.items()],
                }
            ],
            "backendRefs": [{"name": rule.backend, "port": backends.PORT}],
        }
        for rule in rules
    ]
    return [*made, *(to(default) if default else ())]


def to(backend: str) -> list[Object]:
    """One rule: everything goes there."""
    return [{"backendRefs": [{"name": backend, "port": backends.PORT}]}]
