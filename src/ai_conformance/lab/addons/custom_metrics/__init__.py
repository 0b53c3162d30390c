"""A custom-metrics adapter in a pod: HorizontalPodAutoscalers then see what Prometheus has of pods."""

from __future__ import annotations

from typing import Any

from ai_conformance.kube import errors
from ai_conformance.lab.addons import programs, python_image, serving
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.site import Site
from ai_conformance.lab.addons.workshop import Workshop
from ai_conformance.lab.custom_metrics import GROUP, PORT, VERSION, Way
from ai_conformance.lab.lab import Lab

NAME = "custom-metrics-adapter"
NAMESPACE = "custom-metrics"
LABELS = {"app.kubernetes.io/name": NAME}
_RBAC = "rbac.authorization.k8s.io"
_KEYS = "/etc/adapter"


def prepare(workshop: Workshop) -> None:
    """Make the image."""
    programs.image(workshop)


async def install(site: Site) -> None:
    """The Deployment with a certificate of the lab's authority, and its APIService; ready when the API is served."""
    await site.import_images(programs.image(site.workshop))
    await site.apply(
        [*_account(), serving.secret(site.lab, name=NAME, namespace=NAMESPACE), _service(), deployment(Way.SOUND)]
    )
    await site.available(NAME, namespace=NAMESPACE)
    await site.apply([_api_service(site.lab)])

    async def served() -> bool:
        answer = await site.session.request("GET", "/apis")
        return f'"{GROUP}"' in answer.text and await _answers(site)

    await site.answers(served, what=f"the API {GROUP} to be served")


async def _answers(site: Site) -> bool:
    try:
        await site.session.request("GET", f"/apis/{GROUP}/{VERSION}")
    except (errors.ServerError, errors.NotFound):
        return False
    return True


def _account() -> list[dict[str, Any]]:
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]
    reads = [{"apiGroups": [GROUP], "resources": ["*"], "verbs": ["get", "list"]}]
    autoscaler = "horizontal-pod-autoscaler"

    def bound(name: str, subject: dict[str, str]) -> dict[str, Any]:
        return {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": name},
            "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": name},
            "subjects": [{"kind": "ServiceAccount", **subject}],
        }

    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME, "namespace": NAMESPACE}},
        {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": NAME}, "rules": rules},
        bound(NAME, {"name": NAME, "namespace": NAMESPACE}),
        {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": f"{NAME}-reads"}, "rules": reads},
        bound(f"{NAME}-reads", {"name": autoscaler, "namespace": "kube-system"}),
    ]


def _service() -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": LABELS},
        "spec": {"selector": LABELS, "ports": [{"name": "https", "port": 443, "targetPort": PORT}]},
    }


def _api_service(lab: Lab) -> dict[str, Any]:
    return {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": f"{VERSION}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "version": VERSION,
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "service": {"name": NAME, "namespace": NAMESPACE, "port": 443},
            "caBundle": serving.authority(lab),
        },
    }


def deployment(way: Way) -> dict[str, Any]:
    """The adapter, sound or not. It finds each Prometheus by the label of its pods."""
    container = {
        "name": "adapter",
        "image": programs.IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": ["-m", "ai_conformance.lab.custom_metrics", "--keys", _KEYS, "--way", way.value],
        "env": [{"name": key, "value": value} for key, value in python_image.ENVIRONMENT.items()],
        "ports": [{"name": "https", "containerPort": PORT}],
        "readinessProbe": {"tcpSocket": {"port": PORT}, "periodSeconds": 1},
        "resources": {"requests": {"cpu": "20m", "memory": "30Mi"}},
        "volumeMounts": [{"name": "keys", "mountPath": _KEYS, "readOnly": True}],
    }
    spec = {
        "serviceAccountName": NAME,
        "terminationGracePeriodSeconds": 1,
        "containers": [container],
        "volumes": [{"name": "keys", "secret": {"secretName": NAME}}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": LABELS},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": LABELS},
            "strategy": {"type": "Recreate"},
            "template": {"metadata": {"labels": LABELS}, "spec": spec},
        },
    }


ADDON = Addon(
    name="custom-metrics",
    summary="A custom-metrics adapter: HorizontalPodAutoscalers see what Prometheus has of pods.",
    serves=("pod_autoscaling",),
    needs_one_of=("prometheus", "prometheus-operator"),
    memory_mib=30,
    prepare=prepare,
    install=install,
)
