"""The accelerators' metrics exporter: a DaemonSet, as exporters of real accelerators are run.

A pod on each node, and not a process in the node's namespaces: so it is found, scraped and missed in the ways that a
user's exporter is. It gets what a real one gets: the kernel's /sys, the kubelet's pod-resources socket, and a folder of
the node that stands for the management library. In the dress of a vendor it has that vendor's names, port and labels.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ai_conformance.lab.accelerators.flavours import Vendor
from ai_conformance.lab.addons import programs, python_image
from ai_conformance.lab.addons.exporter import load
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.site import Site
from ai_conformance.lab.addons.workshop import Workshop
from ai_conformance.lab.errors import LabUsageError
from ai_conformance.lab.exporter import DEVICES, FAULTS, FOLDER, PORT

IMAGE = "lab.ai-conformance.invalid/accelerator-exporter:1"
"""A name that no registry can serve (RFC 2606): this image exists in labs alone."""
NAMESPACE = "accelerator-monitoring"
NAMES = {Vendor.LAB: "accelerator-exporter", Vendor.NVIDIA: "nvidia-dcgm-exporter"}
KEPT_AWAY = "lab.ai-conformance/no-exporter"
"""A label on a node that keeps the exporter away from it."""
_ON_NODE = Path("/var/lib") / FOLDER


def prepare(workshop: Workshop) -> None:
    """Make the image."""
    programs.image(workshop, tag=IMAGE)


async def install(site: Site) -> None:
    """Give each node its folder and the image, then the DaemonSet; ready when every pod has answered."""
    options = site.lab.options
    if not options.accelerators:
        raise LabUsageError("A lab without accelerators has nothing to export.", remedy="Give it some: --accelerators.")
    for node in site.lab.nodes:
        folder = node.folder / "lib" / FOLDER
        (folder / FAULTS).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(node.folder / "accelerators.json", folder / DEVICES)
    loading = load.archive(site.workshop, options.vendor)
    await site.import_images(programs.image(site.workshop, tag=IMAGE), *([loading] if loading else []))
    name = NAMES[options.vendor]
    await site.apply([_namespace(), _service(name), _daemon_set(name)])
    await site.everywhere(name, namespace=NAMESPACE)


def _namespace() -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}


def _labels(name: str) -> dict[str, str]:
    return {"app": name, "app.kubernetes.io/name": name}


def _service(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": _labels(name)},
        "spec": {
            "clusterIP": "None",
            "selector": {"app": name},
            "ports": [{"name": "metrics", "port": PORT, "targetPort": "metrics"}],
        },
    }


def _daemon_set(name: str) -> dict[str, Any]:
    away = {"key": KEPT_AWAY, "operator": "DoesNotExist"}
    mounts = {"devices": str(_ON_NODE), "pod-resources": "/var/lib/kubelet/pod-resources"}
    container = {
        "name": "exporter",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": ["-m", "ai_conformance.lab.exporter", "--folder", str(_ON_NODE)],
        "env": [{"name": key, "value": value} for key, value in python_image.ENVIRONMENT.items()],
        "ports": [{"name": "metrics", "containerPort": PORT}],
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": "metrics"}, "periodSeconds": 1},
        "resources": {"requests": {"cpu": "20m", "memory": "40Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": key, "mountPath": path, "readOnly": True} for key, path in mounts.items()],
    }
    spec = {
        "terminationGracePeriodSeconds": 1,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [away]}]}
            }
        },
        "tolerations": [{"operator": "Exists"}],
        "containers": [container],
        "volumes": [{"name": key, "hostPath": {"path": path, "type": "Directory"}} for key, path in mounts.items()],
    }
    annotations = {"prometheus.io/scrape": "true", "prometheus.io/port": str(PORT), "prometheus.io/path": "/metrics"}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": _labels(name)},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "updateStrategy": {"rollingUpdate": {"maxUnavailable": "100%"}},
            "template": {"metadata": {"labels": _labels(name), "annotations": annotations}, "spec": spec},
        },
    }


ADDON = Addon(
    name="exporter",
    summary="A metrics exporter of the accelerators, on every node: utilisation, memory, temperature, power by device.",
    serves=("accelerator_metrics",),
    memory_mib=110,
    prepare=prepare,
    install=install,
)
