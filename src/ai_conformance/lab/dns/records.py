"""What the names of a cluster stand for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ai_conformance.lab.dns import DOMAIN
from ai_conformance.lab.dns.messages import A, Code, Question, answer

Get = Callable[[str], dict[str, Any] | None]
"""Reads a path of the API; None where nothing is."""
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


def reply(question: Question, *, get: Get) -> bytes:
    """The answer to a question. Raises what ``get`` raises."""
    inside, dot, _ = question.name.rpartition(f".{DOMAIN}")
    if not dot or question.name != f"{inside}.{DOMAIN}":
        return answer(question, code=Code.REFUSED)  # nothing outside of the cluster can be reached anyway
    found = _addresses(inside.split("."), get=get)
    if found is None:
        return answer(question, code=Code.NO_SUCH_NAME)
    return answer(question, code=Code.NO_ERROR, addresses=found if question.type == A else ())


def _addresses(labels: list[str], *, get: Get) -> list[str] | None:
    """The addresses of a name below the cluster's domain; None where there is no such name."""
    if not all(_LABEL.fullmatch(label) for label in labels):
        return None
    match labels:
        case [service, namespace, "svc"]:
            return _service(service, namespace, get=get)
        case [host, service, namespace, "svc"]:
            named = [
                address
                for endpoint in _endpoints(service, namespace, get=get)
                if host == endpoint.get("hostname")
                for address in endpoint["addresses"]
            ]
            return named or None
        case _:
            return None


def _service(name: str, namespace: str, *, get: Get) -> list[str] | None:
    service = get(f"/api/v1/namespaces/{namespace}/services/{name}")
    if service is None:
        return None
    addresses = [str(one) for one in service["spec"].get("clusterIPs") or ()]
    if addresses and addresses != ["None"]:
        return [one for one in addresses if ":" not in one]
    ready = [one for one in _endpoints(name, namespace, get=get) if (one.get("conditions") or {}).get("ready", True)]
    return [str(address) for one in ready for address in one["addresses"]]


def _endpoints(service: str, namespace: str, *, get: Get) -> list[dict[str, Any]]:
    path = f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
    slices = get(f"{path}?labelSelector=kubernetes.io/service-name%3D{service}") or {}
    return [
        endpoint
        for one in slices.get("items") or ()
        if one.get("addressType") == "IPv4"
        for endpoint in one.get("endpoints") or ()
    ]
