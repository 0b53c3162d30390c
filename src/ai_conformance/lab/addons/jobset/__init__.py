"""JobSet: an operator with a CRD, a controller and webhooks, as its release installs it."""

from __future__ import annotations

from typing import Any

from ai_conformance.lab.addons.manifests import adapted
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.site import Site
from ai_conformance.lab.addons.workshop import GoModule, Workshop

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


def prepare(workshop: Workshop) -> None:
    """Build the manager and its image, and read its manifests."""
    workshop.image(IMAGE, workshop.program(MODULE, target=SOURCE, name="jobset"))
    workshop.kustomized(MODULE, source=SOURCE, path="config/default", name="manifests")


async def install(site: Site) -> None:
    """As the release does it, with our image under its name."""
    workshop = site.workshop
    await site.import_images(workshop.image(IMAGE, workshop.program(MODULE, target=SOURCE, name="jobset")))
    objects = workshop.kustomized(MODULE, source=SOURCE, path="config/default", name="manifests")
    await site.apply(adapted(objects, image=IMAGE))
    await site.available("jobset-controller-manager", namespace=NAMESPACE)
    await site.webhook_answers(EXAMPLE)


ADDON = Addon(
    name="jobset",
    summary="JobSet v0.12.0: groups of Jobs, with a webhook.",
    serves=("robust_controller",),
    memory_mib=52,
    prepare=prepare,
    install=install,
)
