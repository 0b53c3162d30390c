"""LeaderWorkerSet: an operator for groups of pods with a leader, as its release installs it."""

from __future__ import annotations

from ai_conformance.lab.addons.managers import Manager
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.workshop import GoModule

SOURCE = "sigs.k8s.io/lws"
_POD = {"spec": {"containers": [{"name": "one", "image": "none"}]}}
MANAGER = Manager(
    name="lws",
    module=GoModule(package=__name__),
    source=SOURCE,
    target=f"{SOURCE}/cmd",
    image="registry.k8s.io/lws/lws:v0.9.0",
    kustomization="config/default",
    namespace="lws-system",
    deployment="lws-controller-manager",
    example={
        "apiVersion": "leaderworkerset.x-k8s.io/v1",
        "kind": "LeaderWorkerSet",
        "metadata": {"name": "webhook", "namespace": "default"},
        "spec": {"replicas": 1, "leaderWorkerTemplate": {"size": 1, "workerTemplate": _POD}},
    },
)

ADDON = Addon(
    name="lws",
    summary="LeaderWorkerSet v0.9.0: groups of pods with a leader, with a webhook.",
    serves=("robust_controller",),
    extra=True,
    memory_mib=110,
    prepare=MANAGER.prepare,
    install=MANAGER.install,
)
