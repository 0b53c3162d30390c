"""prometheus-operator and a Prometheus that it runs: workloads are declared by PodMonitors and ServiceMonitors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ai_conformance.kube import errors
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.resources import Resource
from ai_conformance.lab import packages
from ai_conformance.lab.addons import prometheus
from ai_conformance.lab.addons.manifests import adapted
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.site import READY_S, Site
from ai_conformance.lab.addons.workshop import GoModule, Workshop
from ai_conformance.lab.errors import LabError

Object = dict[str, Any]

MODULE = GoModule(package=__name__)
SOURCE = "github.com/prometheus-operator/prometheus-operator"
IMAGE = "lab.ai-conformance.invalid/prometheus-operator:v0.93.0"
RELOADER_IMAGE = "lab.ai-conformance.invalid/prometheus-config-reloader:v0.93.0"
NAMESPACE = "prometheus-operator"
OPERATOR = "prometheus-operator"
NAME = "lab"
GROUP = "monitoring.coreos.com"
CHOSEN = {"release": NAME}
"""The label that monitors need to be chosen, as in the platforms that the community's chart installs."""
# What it serves in the lab; Alertmanager, Thanos and agents would be as large again, for the API server too.
_DEFINITIONS = ("podmonitors", "probes", "prometheuses", "prometheusrules", "scrapeconfigs", "servicemonitors")
_KINDS = ("ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "Deployment", "ServiceAccount")
_PROMETHEUS = Resource(group=GROUP, version="v1", plural="prometheuses", kind="Prometheus", namespaced=True)


def prepare(workshop: Workshop) -> None:
    """Build the operator and what reloads Prometheus' configuration, and their images; read the manifests."""
    prometheus.prepare(workshop)
    _images(workshop)
    _manifests(workshop)


def _images(workshop: Workshop) -> list[Any]:
    programs = ((IMAGE, "operator"), (RELOADER_IMAGE, "prometheus-config-reloader"))
    return [
        workshop.image(tag, workshop.program(MODULE, target=f"{SOURCE}/cmd/{name}", name=name), path=f"bin/{name}")
        for tag, name in programs
    ]


def _manifests(workshop: Workshop) -> list[Object]:
    patterns = [f"example/prometheus-operator-crd/{GROUP}_{plural}.yaml" for plural in _DEFINITIONS]
    patterns += ["example/rbac/prometheus-operator/*.yaml", "example/rbac/prometheus/*.yaml"]
    return workshop.manifests(MODULE, source=SOURCE, patterns=patterns, name="manifests")


async def install(site: Site) -> None:
    """As the project's own example does it, in a namespace of its own; ready when its Prometheus is."""
    await site.import_images(prometheus.image(site.workshop), *_images(site.workshop))
    objects = [one for one in _manifests(site.workshop) if one["kind"] in _KINDS]
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    await site.apply([namespace, *in_the_lab(objects)])
    await site.available(OPERATOR, namespace=NAMESPACE)
    found = packages.of_newer_suite(site.workshop.cache, "prometheus") / "prometheus/version"
    await site.apply([instance(version=found.read_text())])
    await _answers(site)


def in_the_lab(objects: Iterable[Object]) -> list[Object]:
    """The example's objects in our namespace; the operator without limits, and without kubelets, which are not ours."""
    made = adapted(objects, image=IMAGE, containers=(OPERATOR,))
    for obj in made:
        if obj["kind"] in ("Deployment", "ServiceAccount"):
            obj["metadata"]["namespace"] = NAMESPACE
        for subject in obj.get("subjects", ()):
            subject["namespace"] = NAMESPACE
        if obj["kind"] == "Deployment":
            (container,) = obj["spec"]["template"]["spec"]["containers"]
            container["resources"].pop("limits", None)
            container["args"] = [
                f"--prometheus-config-reloader={RELOADER_IMAGE}",
                *(
                    one
                    for one in container["args"]
                    if not one.startswith(("--kubelet", "--prometheus-config-reloader"))
                ),
            ]
    return made


def selectors(**changed: Any) -> Object:
    """Which monitors the Prometheus chooses: those with its label, in every namespace; or as changed (None: none)."""
    sound = {
        "podMonitorSelector": {"matchLabels": CHOSEN},
        "podMonitorNamespaceSelector": {},
        "serviceMonitorSelector": {"matchLabels": CHOSEN},
        "serviceMonitorNamespaceSelector": {},
        "enforcedSampleLimit": None,
    }
    return sound | changed


def instance(*, version: str) -> Object:
    """The Prometheus; ``version`` is the distribution's, such as 3.5.3+ds1-6."""
    spec = {
        "image": prometheus.IMAGE,
        "imagePullPolicy": "IfNotPresent",
        # The operator writes configurations that this version understands.
        "version": version.partition("+")[0].partition("-")[0].strip(),
        "replicas": 1,
        "serviceAccountName": "prometheus",
        "scrapeInterval": "1s",
        "scrapeTimeout": "1s",
        "resources": {"requests": {"cpu": "20m", "memory": "100Mi"}},
        "securityContext": {"runAsUser": 65534, "runAsGroup": 65534, "fsGroup": 65534, "runAsNonRoot": True},
        **{key: value for key, value in selectors().items() if value is not None},
    }
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Prometheus",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": spec,
    }


async def _answers(site: Site) -> None:
    """Wait until the operator says that the Prometheus is available."""

    def done(view: Mirror) -> bool | None:
        conditions = (view.objects.get((NAMESPACE, NAME)) or {}).get("status", {}).get("conditions", ())
        return True if any(one["type"] == "Available" and one["status"] == "True" for one in conditions) else None

    async with Mirror.open(site.session, _PROMETHEUS, namespace=NAMESPACE) as view:
        try:
            await view.until(done, timeout_s=READY_S, waiting_for=f"Prometheus {NAME} to be available")
        except errors.TimedOut as late:
            raise LabError(
                f"Prometheus {NAME} in namespace {NAMESPACE} did not become available within {READY_S:.0f} s.",
                remedy=f"{late.last}. `kubectl -n {NAMESPACE} get prometheus,pods,events` shows more.",
            ) from late


ADDON = Addon(
    name="prometheus-operator",
    summary="prometheus-operator v0.93.0 with a Prometheus: collects by PodMonitors and ServiceMonitors.",
    serves=("ai_service_metrics",),
    extra=True,
    memory_mib=180,
    prepare=prepare,
    install=install,
)
