"""Kubeflow Trainer: an operator that makes JobSets of training jobs, installed as its release does beside JobSet.

The release's own kustomization brings JobSet along from an address in the network; here JobSet is the add-on before it.
"""

from __future__ import annotations

from ai_conformance.lab.addons.managers import Manager
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.workshop import GoModule

SOURCE = "github.com/kubeflow/trainer/v2"
NAMESPACE = "kubeflow-system"
_KUSTOMIZATION = """
namespace: kubeflow-system
resources:
  - {module}/manifests/base/crds
  - {module}/manifests/base/manager
  - {module}/manifests/base/rbac
  - {module}/manifests/base/webhook
generatorOptions: {disableNameSuffixHash: true}
secretGenerator:
  - name: kubeflow-trainer-webhook-cert
configMapGenerator:
  - name: kubeflow-trainer-public
    literals: [kubeflow_trainer_version=v2.3.0]
"""
_POD = {"spec": {"restartPolicy": "Never", "containers": [{"name": "node", "image": "none"}]}}
_JOB = {"name": "node", "template": {"spec": {"template": _POD}}}

MANAGER = Manager(
    name="trainer",
    module=GoModule(package=__name__),
    source=SOURCE,
    target=f"{SOURCE}/cmd/trainer-controller-manager",
    image="lab.ai-conformance.invalid/trainer/trainer-controller-manager:v2.3.0",
    kustomization=_KUSTOMIZATION,
    besides=({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},),
    namespace=NAMESPACE,
    deployment="kubeflow-trainer-controller-manager",
    # A TrainJob is refused without its runtime; a runtime needs nothing.
    example={
        "apiVersion": "trainer.kubeflow.org/v1alpha1",
        "kind": "TrainingRuntime",
        "metadata": {"name": "webhook", "namespace": "default"},
        "spec": {"mlPolicy": {"numNodes": 1}, "template": {"spec": {"replicatedJobs": [_JOB]}}},
    },
)

ADDON = Addon(
    name="trainer",
    summary="Kubeflow Trainer v2.3.0: training jobs as JobSets, with webhooks.",
    serves=("robust_controller",),
    needs=("jobset",),
    extra=True,
    memory_mib=50,
    prepare=MANAGER.prepare,
    install=MANAGER.install,
)
