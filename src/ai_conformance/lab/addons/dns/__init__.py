"""Cluster DNS at the address that every kubelet tells its pods."""

from __future__ import annotations

from typing import Any

from ai_conformance.lab.addons import programs, python_image
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.site import Site
from ai_conformance.lab.addons.workshop import Workshop
from ai_conformance.lab.dns import PORT

NAME = "kube-dns"
"""As every cluster's Service for this is called, whatever answers there."""
NAMESPACE = "kube-system"
LABELS = {"k8s-app": NAME}
_RBAC = "rbac.authorization.k8s.io"
_ROLE = "lab-dns"


def prepare(workshop: Workshop) -> None:
    """Make the image."""
    programs.image(workshop)


async def install(site: Site) -> None:
    """The Deployment with its rights, and the Service at the fixed address; ready when it is available."""
    await site.import_images(programs.image(site.workshop))
    await site.apply([*_account(), _service(address=site.lab.addresses.dns_service), _deployment()])
    await site.available(NAME, namespace=NAMESPACE)


def _account() -> list[dict[str, Any]]:
    rules = [
        {"apiGroups": [""], "resources": ["services"], "verbs": ["get"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list"]},
    ]
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME, "namespace": NAMESPACE}},
        {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": _ROLE}, "rules": rules},
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": _ROLE},
            "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": _ROLE},
            "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}],
        },
    ]


def _service(*, address: str) -> dict[str, Any]:
    ports = [
        {"name": name, "protocol": protocol, "port": 53, "targetPort": PORT}
        for name, protocol in (("dns", "UDP"), ("dns-tcp", "TCP"))
    ]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": LABELS},
        "spec": {"clusterIP": address, "selector": LABELS, "ports": ports},
    }


def _deployment() -> dict[str, Any]:
    container = {
        "name": "dns",
        "image": programs.IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": ["-m", "ai_conformance.lab.dns"],
        "env": [{"name": key, "value": value} for key, value in python_image.ENVIRONMENT.items()],
        "ports": [
            {"name": name, "protocol": protocol, "containerPort": PORT}
            for name, protocol in (("dns", "UDP"), ("dns-tcp", "TCP"))
        ],
        "readinessProbe": {"tcpSocket": {"port": PORT}, "periodSeconds": 1},
        "resources": {"requests": {"cpu": "10m", "memory": "20Mi"}},
    }
    spec = {
        "serviceAccountName": NAME,
        "dnsPolicy": "Default",
        "terminationGracePeriodSeconds": 1,
        "containers": [container],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": LABELS},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": LABELS},
            "template": {"metadata": {"labels": LABELS}, "spec": spec},
        },
    }


ADDON = Addon(
    name="dns",
    summary="Cluster DNS: addresses of Services and of the endpoints of headless ones.",
    serves=("ai_inference",),
    memory_mib=25,
    prepare=prepare,
    install=install,
)
