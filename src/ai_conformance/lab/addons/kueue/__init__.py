"""Kueue: a queue of jobs and pods that admits groups as a whole where its flavour has a topology.

The platform's part is set up here: a Topology of single nodes, a ResourceFlavor with it, a ClusterQueue for everybody
with far more quota than the lab has. LocalQueues are their users' own. Quota never holds a group back here: what does
is the topology.
"""

from __future__ import annotations

from typing import Any

from ai_conformance.kube import errors, pods, resources
from ai_conformance.kube.mirror import Mirror
from ai_conformance.lab.accelerators.flavours import flavour_of
from ai_conformance.lab.addons.manifests import adapted
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.site import READY_S, Site
from ai_conformance.lab.addons.workshop import GoModule, Workshop
from ai_conformance.lab.errors import LabError

MODULE = GoModule(package=__name__)
SOURCE = "sigs.k8s.io/kueue"
IMAGE = "lab.ai-conformance.invalid/kueue:v0.19.2"
NAMESPACE = "kueue-system"
DEPLOYMENT = "kueue-controller-manager"
API = "kueue.x-k8s.io/v1beta2"
QUEUE = "everybody"
FLAVOR = "nodes"
_CERTIFICATES = "kueue-webhook-server-cert"
_WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
_UNUSED = "APIService"
"""An aggregated API whose server is down stops every namespace from going away, and nothing here asks this one."""
_QUOTA = {"cpu": "1k", "memory": "1Ti"}
_DEVICES = "1k"


def setup(*, accelerator: str) -> list[dict[str, Any]]:
    """What an administrator makes once: topology, flavour, queue."""
    return [
        {
            "apiVersion": API,
            "kind": "Topology",
            "metadata": {"name": "single-nodes"},
            "spec": {"levels": [{"nodeLabel": "kubernetes.io/hostname"}]},
        },
        {
            "apiVersion": API,
            "kind": "ResourceFlavor",
            "metadata": {"name": FLAVOR},
            "spec": {"nodeLabels": {"kubernetes.io/os": "linux"}, "topologyName": "single-nodes"},
        },
        cluster_queue(accelerator=accelerator, flavor=FLAVOR),
    ]


def cluster_queue(*, accelerator: str, flavor: str) -> dict[str, Any]:
    """The queue of everybody, whose members get everything from one flavour."""
    quota = {**_QUOTA, accelerator: _DEVICES}
    shares = [{"name": name, "nominalQuota": amount} for name, amount in quota.items()]
    return {
        "apiVersion": API,
        "kind": "ClusterQueue",
        "metadata": {"name": QUEUE},
        "spec": {
            "namespaceSelector": {},
            "resourceGroups": [
                {"coveredResources": list(quota), "flavors": [{"name": flavor, "resources": shares}]},
            ],
        },
    }


def prepare(workshop: Workshop) -> None:
    """Build the manager and its image, and read its manifests."""
    workshop.image(IMAGE, _program(workshop))
    _manifests(workshop)


def _program(workshop: Workshop) -> Any:
    return workshop.program(MODULE, target=f"{SOURCE}/cmd/kueue", name="kueue")


def _manifests(workshop: Workshop) -> list[dict[str, Any]]:
    return workshop.kustomized(MODULE, source=SOURCE, path="config/default", name="manifests")


async def install(site: Site) -> None:
    """As the release does it, with our image; then the administrator's part.

    Until the manager answers, its webhooks may be left unasked: other add-ons come at the same time, with Deployments
    and pods that nobody could make otherwise.
    """
    workshop = site.workshop
    await site.import_images(workshop.image(IMAGE, _program(workshop)))
    objects = [obj for obj in adapted(_manifests(workshop), image=IMAGE) if obj["kind"] != _UNUSED]
    await site.apply([lenient(obj) for obj in objects])
    await _certified(site)
    await site.available(DEPLOYMENT, namespace=NAMESPACE)
    await site.answers(lambda: _takes_in(site), what="the webhooks of Kueue to answer")
    await site.apply([obj for obj in objects if obj["kind"] in _WEBHOOKS])
    made = setup(accelerator=flavour_of(site.lab.options.vendor).extended_resource)
    await site.apply(made)
    await _active(site)


def lenient(obj: dict[str, Any]) -> dict[str, Any]:
    """A webhook configuration whose webhooks may be left unasked; anything else as it is."""
    if obj["kind"] not in _WEBHOOKS:
        return obj
    return {**obj, "webhooks": [{**one, "failurePolicy": "Ignore"} for one in obj["webhooks"]]}


async def _takes_in(site: Site) -> bool:
    """Whether a pod with a queue's name is marked as Kueue's (server dry run)."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "webhook", "namespace": "default", "labels": {"kueue.x-k8s.io/queue-name": "none"}},
        "spec": {"containers": [{"name": "one", "image": "none"}]},
    }
    made = await site.session.create(pod, dry_run=True)
    return "kueue.x-k8s.io/managed" in made["metadata"].get("labels", {})


async def _certified(site: Site) -> None:
    """Start the manager anew once it has written its certificate.

    It has mounted the empty Secret, and the kubelet would show it the filled one only a minute or two later.
    """

    def filled(view: Mirror) -> bool | None:
        data = (view.objects.get((NAMESPACE, _CERTIFICATES)) or {}).get("data") or {}
        return True if data.get("tls.crt") else None

    async with Mirror.open(site.session, resources.SECRET, namespace=NAMESPACE) as view:
        try:
            await view.until(filled, timeout_s=READY_S, waiting_for="Kueue's certificate")
        except errors.TimedOut as late:
            raise LabError(f"Kueue has not written its certificate within {READY_S:.0f} s.") from late
    for pod in (await site.session.list(resources.POD, NAMESPACE)).items:
        if not pods.is_ready(pod):
            await site.session.delete(resources.POD, pod["metadata"]["name"], NAMESPACE, uid=pod["metadata"]["uid"])


async def _active(site: Site) -> None:
    """The queue takes workloads."""
    queue = await site.session.resource_of(cluster_queue(accelerator="any", flavor=FLAVOR))

    def active(view: Mirror) -> bool | None:
        condition = pods.condition(view.objects.get((None, QUEUE)) or {}, "Active")
        return True if condition and condition.get("status") == "True" else None

    async with Mirror.open(site.session, queue) as view:
        await view.until(active, timeout_s=READY_S, waiting_for=f"ClusterQueue {QUEUE} to be active")


ADDON = Addon(
    name="kueue",
    summary="Kueue v0.19.2: queues that admit groups of pods as a whole, with a Topology of single nodes.",
    serves=("gang_scheduling", "robust_controller"),
    extra=True,
    memory_mib=127,
    prepare=prepare,
    install=install,
)
