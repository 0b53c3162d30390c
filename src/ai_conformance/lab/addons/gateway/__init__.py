"""Envoy Gateway: an implementation of the Gateway API, with a GatewayClass whose Gateways get a cluster address."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.pods import condition
from ai_conformance.kube.resources import Resource
from ai_conformance.lab import commands
from ai_conformance.lab.addons import programs
from ai_conformance.lab.addons.gateway import deployments, envoy, rights
from ai_conformance.lab.addons.gateway.names import CLASS, GATEWAY_API, IMAGE, NAME, NAMESPACE, VERSION
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.site import READY_S, Site
from ai_conformance.lab.addons.workshop import GoModule, Workshop

MODULE = GoModule(package=__name__)
SOURCE = "github.com/envoyproxy/gateway"
_GATEWAY_API_SOURCE = "sigs.k8s.io/gateway-api"
_PROGRAM = "usr/local/bin/envoy-gateway"
_CLASSES = Resource(group=GATEWAY_API, version="v1", plural="gatewayclasses", kind="GatewayClass", namespaced=False)


def prepare(workshop: Workshop) -> None:
    """Build Envoy Gateway, fetch Envoy, make the images, read the CRDs; the programs' image is for faults alone."""
    _program(workshop)
    _images(workshop)
    _definitions(workshop)


def _program(workshop: Workshop) -> Path:
    return workshop.program(MODULE, target=f"{SOURCE}/cmd/envoy-gateway", name=NAME)


def _images(workshop: Workshop) -> list[Path]:
    controller = workshop.image(IMAGE, _program(workshop), path=_PROGRAM)
    return [controller, envoy.image(workshop.cache), programs.image(workshop)]


def _definitions(workshop: Workshop) -> list[dict[str, Any]]:
    """The CRDs of the Gateway API (the release that Envoy Gateway is made for) and Envoy Gateway's own."""
    standard = workshop.manifests(
        MODULE, source=_GATEWAY_API_SOURCE, patterns=["config/crd/standard/*.yaml"], name="gateway-api"
    )
    own = workshop.manifests(
        MODULE, source=SOURCE, patterns=["charts/gateway-helm/charts/crds/crds/generated/*.yaml"], name="own"
    )
    return [*standard, *own]


async def install(site: Site) -> None:
    """CRDs, certificates, the controller and its class; ready when the class is accepted."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    await asyncio.gather(
        site.import_images(*_images(site.workshop)), site.apply([namespace, *_definitions(site.workshop)])
    )
    await asyncio.to_thread(_certificates, site)
    await site.apply(
        [
            *rights.account(),
            deployments.config_map(None),
            deployments.service(),
            deployments.controller(),
            *deployments.gateway_class(),
        ]
    )
    await site.available(NAME, namespace=NAMESPACE)
    async with Mirror.open(site.session, _CLASSES) as view:
        await view.until(_accepted, timeout_s=READY_S, waiting_for=f"GatewayClass {CLASS} to be accepted")


def _certificates(site: Site) -> None:
    """Those of the control plane and of its proxies: Secrets, which go with the namespace."""
    environment = {"KUBECONFIG": str(site.lab.kubeconfig), "ENVOY_GATEWAY_NAMESPACE": NAMESPACE}
    command = [str(_program(site.workshop)), "certgen", "--disable-topology-injector"]
    commands.run(command, environment=environment, timeout_s=120)


def _accepted(view: Mirror) -> bool | None:
    accepted = condition(view.get(CLASS) or {}, "Accepted") or {}
    return True if accepted.get("status") == "True" else None


ADDON = Addon(
    name="gateway",
    summary=f"Envoy Gateway {VERSION} with Envoy {envoy.VERSION}: a Gateway API implementation.",
    serves=("ai_inference",),
    needs=("dns",),
    memory_mib=113,
    prepare=prepare,
    install=install,
)
