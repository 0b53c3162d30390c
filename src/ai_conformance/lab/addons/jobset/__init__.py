"""JobSet: an operator with a CRD, a controller and webhooks, as its release installs it."""

from __future__ import annotations

from typing import Any

from ai_conformance.lab.addons.managers import Manager
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.workshop import GoModule

MODULE = GoModule(package=__name__)
SOURCE = "sigs.k8s.io/jobset"
IMAGE = "registry.k8s.io/jobset/jobset:v0.12.0"
NAMESPACE = "jobset-system"
EXAMPLE: dict[str, Any] = {
    "apiVersion": "jobset.x-k8s.io/v1alpha2",
    "kind": "JobSet",
    "metadata": {"name": "webhook", "namespace": "default"},
    "spec": {
        "replicatedJobs": [
            {
                "name": "one",
                "template": {
                    "spec": {
                        "template": {
                            "spec": {"restartPolicy": "Never", "containers": [{"name": "one", "image": "none"}]}
                        }
                    }
                },
            }
        ]
    },
}


MANAGER = Manager(
    name="jobset",
    module=MODULE,
    source=SOURCE,
    target=SOURCE,
    image=IMAGE,
    kustomization="config/default",
    namespace=NAMESPACE,
    deployment="jobset-controller-manager",
    example=EXAMPLE,
)

ADDON = Addon(
    name="jobset",
    summary="JobSet v0.12.0: groups of Jobs, with a webhook.",
    serves=("robust_controller",),
    memory_mib=52,
    prepare=MANAGER.prepare,
    install=MANAGER.install,
)
