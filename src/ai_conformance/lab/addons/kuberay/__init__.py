"""KubeRay: an operator of Ray clusters, as its release installs it: without webhooks, in the namespace default.

No Ray is there: the pods that it makes are those that a check gives it.
"""

from __future__ import annotations

from ai_conformance.lab.addons.managers import Manager
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.workshop import GoModule

SOURCE = "github.com/ray-project/kuberay/ray-operator"
_POD = {"spec": {"containers": [{"name": "ray", "image": "none"}]}}

MANAGER = Manager(
    name="kuberay",
    module=GoModule(package=__name__),
    source=SOURCE,
    target=SOURCE,
    image="lab.ai-conformance.invalid/kuberay/operator:v1.6.1",
    kustomization="config/default",
    namespace="default",
    deployment="kuberay-operator",
    container="kuberay-operator",
    example={
        "apiVersion": "ray.io/v1",
        "kind": "RayCluster",
        "metadata": {"name": "accepted", "namespace": "default"},
        "spec": {"headGroupSpec": {"rayStartParams": {}, "template": _POD}},
    },
)

ADDON = Addon(
    name="kuberay",
    summary="KubeRay v1.6.1: Ray clusters of a head and workers; no webhooks, as its release comes.",
    serves=("robust_controller",),
    extra=True,
    memory_mib=60,
    prepare=MANAGER.prepare,
    install=MANAGER.install,
)
