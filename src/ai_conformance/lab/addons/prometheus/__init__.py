"""Prometheus in a pod, from the distribution's own package: pods that ask for it by annotation are discovered."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ai_conformance.lab import images, packages
from ai_conformance.lab.addons import libraries, programs, python_image
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.prometheus.configuration import Variant, configuration
from ai_conformance.lab.addons.site import Site
from ai_conformance.lab.addons.workshop import Workshop
from ai_conformance.lab.files import locked, write_atomically
from ai_conformance.lab.meddling import BEHIND, Meddling

IMAGE = "lab.ai-conformance.invalid/prometheus:2"
"""A name that no registry can serve (RFC 2606): the program is the distribution's."""
NAMESPACE = "monitoring"
NAME = "prometheus-server"
PORT = 9090
LABELS = {"app.kubernetes.io/name": "prometheus"}
_RBAC = "rbac.authorization.k8s.io"


def prepare(workshop: Workshop) -> None:
    """Fetch the package and make the images; the second is for faults alone."""
    image(workshop)
    programs.image(workshop)


def image(workshop: Workshop) -> Path:
    """The archive of the image of the distribution's program."""
    folder = packages.of_newer_suite(workshop.cache, "prometheus")
    program = folder / "prometheus/usr/bin/prometheus"
    version = (folder / "prometheus/version").read_text()
    digest = hashlib.sha256(f"2 {IMAGE} {version}".encode()).hexdigest()[:12]
    archive = workshop.cache / "addons" / "images" / f"prometheus-{digest}.tar"
    with locked(archive.with_suffix(".lock")):
        if not archive.exists():
            entries = (
                images.Entry(path="etc"),
                images.Entry(path="etc/passwd", content=b"nobody:x:65534:65534:nobody:/:/none\n", mode=0o644),
                images.Entry(path="tmp", mode=0o1777),
                images.Entry(path="bin/prometheus", content=program.read_bytes()),
                *libraries.needed_by([program]),
            )
            made = images.Image(tag=IMAGE, entries=entries, entrypoint=("/bin/prometheus",), user="65534:65534")
            write_atomically(archive, images.docker_archive([made]))
    return archive


async def install(site: Site) -> None:
    """The Deployment, its rights and its Service; ready when it is available."""
    await site.import_images(image(site.workshop), programs.image(site.workshop))
    await site.apply([*_account(), config_map(Variant.SOUND), _service(), deployment(Variant.SOUND)])
    await site.available(NAME, namespace=NAMESPACE)


def _account() -> list[dict[str, Any]]:
    watched = ["nodes", "services", "endpoints", "pods"]
    rules = [
        {"apiGroups": [""], "resources": watched, "verbs": ["get", "list", "watch"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["get", "list", "watch"]},
    ]
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME, "namespace": NAMESPACE}},
        {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": NAME}, "rules": rules},
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": NAME},
            "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": NAME},
            "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}],
        },
    ]


def config_map(variant: Variant) -> dict[str, Any]:
    """The configuration under a name of its own: another one is another pod, at once."""
    text = json.dumps(configuration(variant), indent=1)
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"{NAME}-{variant}", "namespace": NAMESPACE},
        "data": {"prometheus.yml": text},
    }


def _service() -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME, "namespace": NAMESPACE, "labels": LABELS},
        "spec": {"selector": LABELS, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
    }


def deployment(variant: Variant, *, meddling: Meddling | None = None) -> dict[str, Any]:
    """Prometheus with one of the configurations; and a meddler at its port, if any."""
    container: dict[str, Any] = {
        "name": "prometheus",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/data"],
        "ports": [{"name": "http", "containerPort": PORT}],
        "readinessProbe": {"httpGet": {"path": "/-/ready", "port": "http"}, "periodSeconds": 1},
        "resources": {"requests": {"cpu": "20m", "memory": "100Mi"}},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/prometheus"}, {"name": "data", "mountPath": "/data"}],
    }
    containers = [container]
    if meddling is not None:
        container["args"] = [*container["args"], f"--web.listen-address=:{BEHIND}"]
        meddler = {
            "name": "meddler",
            "image": programs.IMAGE,
            "imagePullPolicy": "IfNotPresent",
            "args": ["-m", "ai_conformance.lab.meddling", "--way", meddling.value],
            "env": [{"name": key, "value": value} for key, value in python_image.ENVIRONMENT.items()],
        }
        # The port and its name, and whether it is ready, are the meddler's then.
        containers.append(meddler | {key: container.pop(key) for key in ("ports", "readinessProbe")})
    spec = {
        "serviceAccountName": NAME,
        "terminationGracePeriodSeconds": 1,
        "enableServiceLinks": False,
        "containers": containers,
        "volumes": [
            {"name": "config", "configMap": {"name": f"{NAME}-{variant}"}},
            {"name": "data", "emptyDir": {}},
        ],
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
    name="prometheus",
    summary="Prometheus, the distribution's package: collects from pods that ask for it by annotation.",
    serves=("ai_service_metrics",),
    memory_mib=90,
    prepare=prepare,
    install=install,
)
