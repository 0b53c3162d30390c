"""metrics-server: what each pod and node uses, from the kubelets, as the API metrics.k8s.io.

Its release skips the proof of who a server is on both sides; here both have certificates of the lab's authority.
"""

from __future__ import annotations

import copy
from typing import Any

from ai_conformance.lab.addons import serving
from ai_conformance.lab.addons.manifests import adapted
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.site import Site
from ai_conformance.lab.addons.workshop import GoModule, Workshop
from ai_conformance.lab.lab import Lab

SOURCE = "sigs.k8s.io/metrics-server"
NAME = "metrics-server"
NAMESPACE = "kube-system"
IMAGE = "lab.ai-conformance.invalid/metrics-server:v0.9.0"
_MODULE = GoModule(package=__name__)
_KEYS = "/etc/metrics-server"
_AUTHORITY = "/etc/kubelets"
_ARGS = (
    f"--tls-cert-file={_KEYS}/tls.crt",
    f"--tls-private-key-file={_KEYS}/tls.key",
    f"--kubelet-certificate-authority={_AUTHORITY}/ca.crt",
    "--kubelet-preferred-address-types=InternalIP",
    "--kubelet-use-node-status-port",
    "--secure-port=10250",
    # A request may not take as long as the time between two.
    "--metric-resolution=10s",
    "--kubelet-request-timeout=5s",
)


def prepare(workshop: Workshop) -> None:
    """Build the server and its image, and read its manifests."""
    _image(workshop)
    _manifests(workshop)


def _image(workshop: Workshop) -> Any:
    program = workshop.program(_MODULE, target=f"{SOURCE}/cmd/{NAME}", name=NAME)
    return workshop.image(IMAGE, program, path=NAME)


def _manifests(workshop: Workshop) -> list[dict[str, Any]]:
    return workshop.kustomized(_MODULE, source=SOURCE, path="manifests/base", name="manifests")


async def install(site: Site) -> None:
    """Returns when it tells of every node."""
    await site.import_images(_image(site.workshop))
    objects = adapted(_manifests(site.workshop), image=IMAGE, containers=(NAME,))
    await site.apply(
        [
            serving.secret(site.lab, name=NAME, namespace=NAMESPACE),
            *(_in_the_lab(obj, site.lab) for obj in objects),
        ]
    )
    await site.available(NAME, namespace=NAMESPACE)

    async def tells() -> bool:
        answer = await site.session.request("GET", "/apis/metrics.k8s.io/v1beta1/nodes")
        return len(answer.json()["items"]) == len(site.lab.nodes)

    await site.answers(tells, what="the use of every node to be measured")


def _in_the_lab(obj: dict[str, Any], lab: Lab) -> dict[str, Any]:
    made = copy.deepcopy(obj)
    if made["kind"] == "APIService":
        del made["spec"]["insecureSkipTLSVerify"]
        made["spec"]["caBundle"] = serving.authority(lab)
    if made["kind"] == "Deployment":
        pod = made["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        container["args"] = list(_ARGS)
        container["readinessProbe"].update(initialDelaySeconds=1, periodSeconds=1, failureThreshold=60)
        container["volumeMounts"] += [
            {"name": "keys", "mountPath": _KEYS, "readOnly": True},
            {"name": "kubelets", "mountPath": _AUTHORITY, "readOnly": True},
        ]
        pod["volumes"] += [
            {"name": "keys", "secret": {"secretName": NAME}},
            {"name": "kubelets", "configMap": {"name": "kube-root-ca.crt"}},
        ]
    return made


ADDON = Addon(
    name=NAME,
    summary="metrics-server v0.9.0: what pods and nodes use of CPU and memory, for `kubectl top` and autoscalers.",
    serves=("pod_autoscaling",),
    extra=True,
    memory_mib=66,
    prepare=prepare,
    install=install,
)
