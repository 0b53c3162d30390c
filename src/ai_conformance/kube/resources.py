"""What can be asked of an API server: where a resource is, and a table of those that need no discovery."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True, kw_only=True)
class Resource:
    """One served resource, in one version."""

    group: str = ""
    """Empty for the core group."""
    version: str
    plural: str
    kind: str
    namespaced: bool
    verbs: frozenset[str] = frozenset()
    """Empty for the built-in table, which does not ask the server."""
    subresources: Mapping[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    """Verbs by the subresource's name: ``{"status": {"get", "patch", "update"}}``."""

    def __hash__(self) -> int:
        return hash((self.group, self.version, self.plural))

    @property
    def api_version(self) -> str:
        """As an object writes it: ``v1``, ``resource.k8s.io/v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, name: str | None = None, *, namespace: str | None = None, subresource: str | None = None) -> str:
        """The path of the collection or of one object. A namespaced collection without a namespace is cluster-wide."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        if namespace is not None and self.namespaced:
            root += f"/namespaces/{namespace}"
        root += f"/{self.plural}"
        if name is not None:
            root += f"/{name}"
        if subresource is not None:
            root += f"/{subresource}"
        return root

    def described(self, name: str, namespace: str | None = None) -> str:
        """For messages: ``Pod default/probe``."""
        return f"{self.kind} {namespace}/{name}" if namespace else f"{self.kind} {name}"


def _core(plural: str, kind: str, *, namespaced: bool = True) -> Resource:
    return Resource(version="v1", plural=plural, kind=kind, namespaced=namespaced)


def _stable(group: str, plural: str, kind: str, *, version: str = "v1", namespaced: bool = True) -> Resource:
    return Resource(group=group, version=version, plural=plural, kind=kind, namespaced=namespaced)


POD = _core("pods", "Pod")
NODE = _core("nodes", "Node", namespaced=False)
NAMESPACE = _core("namespaces", "Namespace", namespaced=False)
EVENT = _core("events", "Event")
CONFIG_MAP = _core("configmaps", "ConfigMap")
SECRET = _core("secrets", "Secret")
SERVICE = _core("services", "Service")
ENDPOINTS = _core("endpoints", "Endpoints")
SERVICE_ACCOUNT = _core("serviceaccounts", "ServiceAccount")
PERSISTENT_VOLUME_CLAIM = _core("persistentvolumeclaims", "PersistentVolumeClaim")
DEPLOYMENT = _stable("apps", "deployments", "Deployment")
STATEFUL_SET = _stable("apps", "statefulsets", "StatefulSet")
DAEMON_SET = _stable("apps", "daemonsets", "DaemonSet")
REPLICA_SET = _stable("apps", "replicasets", "ReplicaSet")
HORIZONTAL_POD_AUTOSCALER = _stable("autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler", version="v2")
JOB = _stable("batch", "jobs", "Job")
CUSTOM_RESOURCE_DEFINITION = _stable(
    "apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition", namespaced=False
)
VALIDATING_WEBHOOK_CONFIGURATION = _stable(
    "admissionregistration.k8s.io",
    "validatingwebhookconfigurations",
    "ValidatingWebhookConfiguration",
    namespaced=False,
)
MUTATING_WEBHOOK_CONFIGURATION = _stable(
    "admissionregistration.k8s.io", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", namespaced=False
)
ENDPOINT_SLICE = _stable("discovery.k8s.io", "endpointslices", "EndpointSlice")
API_SERVICE = _stable("apiregistration.k8s.io", "apiservices", "APIService", namespaced=False)
RUNTIME_CLASS = _stable("node.k8s.io", "runtimeclasses", "RuntimeClass", namespaced=False)
ROLE = _stable("rbac.authorization.k8s.io", "roles", "Role")
ROLE_BINDING = _stable("rbac.authorization.k8s.io", "rolebindings", "RoleBinding")
CLUSTER_ROLE = _stable("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", namespaced=False)
CLUSTER_ROLE_BINDING = _stable(
    "rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding", namespaced=False
)
SELF_SUBJECT_ACCESS_REVIEW = _stable(
    "authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False
)
SELF_SUBJECT_REVIEW = _stable("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", namespaced=False)

BUILT_IN: Mapping[tuple[str, str], Resource] = {
    (resource.api_version, resource.kind): resource
    for resource in tuple(globals().values())
    if isinstance(resource, Resource)
}
"""By (apiVersion, kind). Only versions that every supported Kubernetes serves."""


def built_in(obj: Mapping[str, Any]) -> Resource | None:
    """The well-known resource of an object, by its ``apiVersion`` and ``kind``."""
    return BUILT_IN.get((str(obj.get("apiVersion", "")), str(obj.get("kind", ""))))
