"""Operators as add-ons: one manager built from its Go module, installed as its own release installs it.

What they have in common: a program, an image of it under the release's name, the release's manifests, a Deployment that
becomes available, and webhooks. That pods are ready says nothing of these: some managers are ready before they have a
certificate, so an add-on works when a sound object is accepted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ai_conformance.lab.addons.manifests import adapted
from ai_conformance.lab.addons.site import ServicePort, Site
from ai_conformance.lab.addons.workshop import GoModule, Workshop


@dataclasses.dataclass(frozen=True, kw_only=True)
class Manager:
    """How one operator is built and installed."""

    name: str
    """Of the program, for messages."""
    module: GoModule
    source: str
    """Path of the Go module that has the manifests, too."""
    target: str
    """Import path of the program."""
    image: str
    """The name that the release gives it."""
    kustomization: str
    """Path below the module; or, where that has line breaks, a kustomization of our own that names it {module}."""
    besides: tuple[Mapping[str, Any], ...] = ()
    """Objects of our own."""
    namespace: str
    deployment: str
    container: str = "manager"
    example: Mapping[str, Any]
    """An object that the webhooks accept."""

    def archive(self, workshop: Workshop) -> Path:
        """The image, with the program in it."""
        program = workshop.program(self.module, target=self.target, name=self.name)
        return workshop.image(self.image, program)

    def manifests(self, workshop: Workshop) -> list[dict[str, Any]]:
        """As the release has them."""
        found = workshop.kustomized(self.module, source=self.source, path=self.kustomization, name="manifests")
        return [*(dict(one) for one in self.besides), *found]

    def prepare(self, workshop: Workshop) -> None:
        """Build the manager and its image, and read its manifests."""
        self.archive(workshop)
        self.manifests(workshop)

    async def install(self, site: Site) -> None:
        """Returns when its webhooks answer."""
        await site.import_images(self.archive(site.workshop))
        await self.apply(site, self.manifests(site.workshop))

    async def apply(self, site: Site, objects: list[dict[str, Any]]) -> None:
        """Bring the manifests in, and wait until they work."""
        await site.apply(adapted(objects, image=self.image, containers=(self.container,)))
        await site.available(self.deployment, namespace=self.namespace)
        await site.listening(webhook_ports(objects))
        await site.webhook_answers(self.example)


def webhook_ports(objects: Sequence[Mapping[str, Any]]) -> set[ServicePort]:
    """Where webhook configurations among the objects have Services called, which are among them as well."""
    called = {
        (one["service"]["namespace"], one["service"]["name"], one["service"].get("port", _HTTPS))
        for obj in objects
        if obj["kind"] in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
        for hook in obj.get("webhooks") or ()
        if "service" in (one := hook["clientConfig"])
    }
    return {
        ServicePort(namespace=namespace, service=name, port=port.get("name", ""))
        for obj in objects
        if obj["kind"] == "Service"
        for port in obj["spec"]["ports"]
        for namespace, name in [(obj["metadata"]["namespace"], obj["metadata"]["name"])]
        if (namespace, name, port["port"]) in called
    }


_HTTPS = 443
"""What a webhook's Service is called at where its configuration names no port."""
