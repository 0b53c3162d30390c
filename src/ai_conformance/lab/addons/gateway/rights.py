"""What Envoy Gateway may do: read what routes are made of, write statuses, make proxies in its own namespace."""

from __future__ import annotations

from typing import Any

from ai_conformance.lab.addons.gateway.names import GATEWAY_API, NAME, NAMESPACE, RBAC

_READS = ["get", "list", "watch"]
_MAKES = [*_READS, "create", "patch", "delete", "deletecollection"]
_OWN = "gateway.envoyproxy.io"


def account() -> list[dict[str, Any]]:
    """The service account with its roles."""
    subject = {"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}
    cluster = [
        _rule("", ["configmaps", "secrets", "services", "serviceaccounts", "nodes", "namespaces"], _READS),
        _rule("apps", ["deployments", "daemonsets"], _READS),
        _rule("discovery.k8s.io", ["endpointslices"], _READS),
        _rule("multicluster.x-k8s.io", ["serviceimports"], _READS),
        _rule(_OWN, ["*"], _READS),
        _rule(GATEWAY_API, ["*"], _READS),
        _rule(_OWN, ["*/status"], ["update"]),
        _rule(GATEWAY_API, ["*/status"], ["update"]),
        _rule(GATEWAY_API, ["gatewayclasses"], ["patch", "update"]),
    ]
    own = [
        _rule("", ["serviceaccounts", "services", "configmaps"], _MAKES),
        _rule("apps", ["deployments", "daemonsets"], _MAKES),
        _rule("autoscaling", ["horizontalpodautoscalers"], _MAKES),
        _rule("policy", ["poddisruptionbudgets"], _MAKES),
        _rule("", ["events"], ["create", "patch"]),
        _rule("events.k8s.io", ["events"], ["create", "patch"]),
    ]

    def bound(kind: str, *, namespace: str | None) -> dict[str, Any]:
        return {
            "apiVersion": f"{RBAC}/v1",
            "kind": f"{kind}Binding",
            "metadata": _metadata(namespace),
            "roleRef": {"apiGroup": RBAC, "kind": kind, "name": NAME},
            "subjects": [subject],
        }

    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _metadata(NAMESPACE)},
        {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": _metadata(None), "rules": cluster},
        bound("ClusterRole", namespace=None),
        {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": _metadata(NAMESPACE), "rules": own},
        bound("Role", namespace=NAMESPACE),
    ]


def _rule(group: str, resources: list[str], verbs: list[str]) -> dict[str, Any]:
    return {"apiGroups": [group], "resources": resources, "verbs": verbs}


def _metadata(namespace: str | None) -> dict[str, str]:
    return {"name": NAME, **({"namespace": namespace} if namespace else {})}
