"""The manifests of the check's pods."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import device_probe, grants
from ai_conformance.checks.access import stage as stages
from ai_conformance.checks.access.stage import Neighbour, Site

if TYPE_CHECKING:
    from ai_conformance.catalog import Vendor

Object = dict[str, Any]

MAKES_NODES = ("MKNOD",)
"""Capabilities of a container that tries numbers: allowed by Pod Security baseline, a runtime's default."""


_TOLD = "/told"
"""Where the containers of a holder's pod find what the granted one tells them (an empty volume that they share)."""
_SHARED: Object = {"name": "told", "mountPath": _TOLD}
NUMBERS = f"{_TOLD}/numbers"
"""The file with the numbers of the granted container's devices."""


def reporting(script: str) -> str:
    """A script whose output is the container's termination message, and its log should the message be too long."""
    return f"{{\n{script}\n}} | tee /dev/termination-log"


def looking(vendor: Vendor) -> str:
    """The scan of a container that ends when it has looked."""
    return reporting(device_probe.scan(globs=vendor.device_globs, control=vendor.control_globs))


def listening(vendor: Vendor) -> str:
    """The scan of a container that opens what the granted one of its pod tells it, and then ends."""
    globs, control = vendor.device_globs, vendor.control_globs
    return reporting(device_probe.scan(globs=globs, control=control, hear=NUMBERS))


def holders(site: Site, *, namespace: str, image: str, template: str | None, makes_nodes: bool = True) -> list[Object]:
    """The pods with an accelerator each: the first has its granted container between two that are not."""
    capabilities = MAKES_NODES if makes_nodes else ()

    def pod(
        name: str, *, parts: Sequence[grants.Part], init: Sequence[grants.Part] = (), volumes: Sequence[Object] = ()
    ) -> Object:
        return grants.probe(
            name,
            namespace,
            image=image,
            supply=site.supply,
            template=template,
            node=site.supply.node,
            parts=parts,
            init=init,
            volumes=volumes,
        )

    holder = grants.Part(name=stages.HOLDER, granted=True, root_capabilities=capabilities)
    telling = dataclasses.replace(holder, mounts=(_SHARED,))
    sibling = grants.Part(
        name=stages.SIBLING, script=listening(site.vendor), mounts=(_SHARED,), root_capabilities=capabilities
    )
    early = grants.Part(name=stages.INIT, script=looking(site.vendor))
    shared = {"name": _SHARED["name"], "emptyDir": {}}
    made = [pod(site.first, parts=(telling, sibling), init=(early,), volumes=(shared,))]
    if site.second is not None:
        made.append(pod(site.second, parts=(holder,)))
    return made


def plain(neighbour: Neighbour, *, namespace: str, image: str, host_path: bool, makes_nodes: bool = True) -> Object:
    """The pod that requests nothing and tries a variable and a list of mounts.

    A runtime that takes mounts for a list of devices does so for mounts of /dev/null (NVIDIA Container Toolkit), which
    takes a hostPath volume; without it the list is made of an empty volume.
    """
    bypass = neighbour.vendor.bypass
    parts = [grants.Part(name=stages.PLAIN, root_capabilities=MAKES_NODES if makes_nodes else ())]
    if bypass.environment:
        parts.append(grants.Part(name=stages.ENVIRONMENT, script=looking(neighbour.vendor), env=bypass.environment))
    volumes: list[Object] = []
    if bypass.volume_mounts:
        mounts = [{"name": "list", "mountPath": path} for path in bypass.volume_mounts]
        parts.append(grants.Part(name=stages.VOLUME, script=looking(neighbour.vendor), mounts=mounts))
        source: Object = {"hostPath": {"path": "/dev/null", "type": "CharDevice"}} if host_path else {"emptyDir": {}}
        volumes.append({"name": "list", **source})
    return grants.probe(
        neighbour.plain,
        namespace,
        image=image,
        supply=neighbour.supply,
        node=neighbour.node,
        parts=parts,
        volumes=volumes,
    )


def annotated(neighbour: Neighbour, *, namespace: str, image: str) -> Object:
    """The pod that requests nothing and names devices in an annotation."""
    return grants.probe(
        neighbour.annotated,
        namespace,
        image=image,
        supply=neighbour.supply,
        node=neighbour.node,
        parts=(grants.Part(name=stages.ANNOTATED, script=looking(neighbour.vendor)),),
        annotations=neighbour.vendor.bypass.annotations,
    )


def ephemeral(name: str, *, vendor: Vendor, image: str, makes_nodes: bool = True) -> Object:
    """A container for a first holder's pod that runs already; such a container cannot have resources or claims."""
    capabilities = MAKES_NODES if makes_nodes else ()
    part = grants.Part(name=name, script=listening(vendor), mounts=(_SHARED,), root_capabilities=capabilities)
    made: Object = grants.probe(name, "", image=image, parts=(part,))["spec"]["containers"][0]
    del made["resources"]
    return made
