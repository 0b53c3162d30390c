"""Karpenter with its kwok provider: an autoscaler, and a pool of accelerator nodes that begins with none.

The provider makes Node objects without machines; `lab.node_pool` makes the machines. Karpenter runs on the host, as
some managed platforms run their autoscaler: no pod of it is in the cluster.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ai_conformance.kube import errors, resources
from ai_conformance.kube.mirror import Mirror
from ai_conformance.kube.pods import condition
from ai_conformance.lab import node_pool
from ai_conformance.lab.accelerators.flavours import flavour_of, node_labels
from ai_conformance.lab.addons import exporter
from ai_conformance.lab.addons.karpenter import offers
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.addons.site import READY_S, Site
from ai_conformance.lab.addons.workshop import GoModule, Workshop
from ai_conformance.lab.errors import LabError, LabUsageError
from ai_conformance.lab.files import write_json
from ai_conformance.lab.options import LabOptions
from ai_conformance.lab.paths import cache_root, registry_root

MODULE = GoModule(package=__name__)
SOURCE = "sigs.k8s.io/karpenter"
COMPONENT = "karpenter"
POOL = "accel"
"""Short: the provider's names for nodes begin with it, and become labels, which have 63 characters."""
NODE_CLASS = "lab"
TAINT_VALUE = "present"
_GROUP, _VERSION = "karpenter.sh", "v1"
_CLASS_GROUP = "karpenter.kwok.sh"
IDLE_S = 5
"""How long a node is empty before it goes; minutes on a real platform."""
NODE_POOLS = resources.Resource(group=_GROUP, version=_VERSION, plural="nodepools", kind="NodePool", namespaced=False)


def prepare(workshop: Workshop) -> None:
    """Build Karpenter and read its CRDs."""
    _program(workshop)
    _definitions(workshop)


def _program(workshop: Workshop) -> Path:
    return workshop.program(MODULE, target=".", name="karpenter")


def _definitions(workshop: Workshop) -> list[dict[str, Any]]:
    patterns = ("kwok/charts/crds/*.yaml", "kwok/apis/crds/*.yaml")
    return workshop.manifests(MODULE, source=SOURCE, patterns=patterns, name="crds")


async def install(site: Site) -> None:
    """CRDs, the two processes, the pool; ready when Karpenter says that the pool is."""
    options = site.lab.options
    if not options.accelerators:
        raise LabUsageError(
            "A lab without accelerators has no pool of them to scale.", remedy="Give it some: --accelerators."
        )
    await site.apply(_definitions(site.workshop))
    folder = site.lab.state / "components" / COMPONENT
    write_json(folder / "instance-types.json", offers.instance_types(options))
    write_json(folder / "slices.json", offers.slices(options))
    site.start(COMPONENT, [str(_program(site.workshop))], environment=_environment(site, folder))
    site.start(
        node_pool.COMPONENT,
        [sys.executable, "-m", "ai_conformance.lab.node_pool", "--lab", site.lab.name],
        environment=_surroundings(),
    )
    await site.apply([_node_class(), pool(options)])

    def ready(view: Mirror) -> bool | None:
        said = condition(view.get(POOL) or {}, "Ready")
        return True if said is not None and said["status"] == "True" else None

    async with Mirror.open(site.session, NODE_POOLS) as view:
        await view.until(ready, timeout_s=READY_S, waiting_for=f"Karpenter to find NodePool {POOL} ready")


async def leave(site: Site) -> None:
    """Without the pool Karpenter takes its nodes away, and then their machines go; nobody else would."""

    def gone(view: Mirror) -> bool | None:
        return None if view.objects else True

    found = await site.session.discover()
    kind = found.find(_GROUP, "NodePool")
    if kind is not None:
        await site.session.delete(kind, POOL)
    try:
        async with Mirror.open(site.session, resources.NODE, label_selector=node_pool.POOL_LABEL) as view:
            await view.until(gone, timeout_s=READY_S, waiting_for="the pool's nodes to go")
    except errors.TimedOut as late:
        raise LabError(
            f"Nodes of the pool stay: {late.last}.", remedy="`ai-conformance lab down` removes them in any case."
        ) from late


def _environment(site: Site, folder: Path) -> dict[str, str]:
    return {
        "KUBECONFIG": str(site.lab.kubeconfig),
        "DISABLE_LEADER_ELECTION": "true",
        # Any free port: several labs may be up, and nobody asks.
        "METRICS_PORT": "0",
        "HEALTH_PROBE_PORT": "0",
        "IGNORE_DRA_REQUESTS": "false",
        # A node is kept for the pod it was made for during twice as long as pods are collected, at least ten seconds.
        "BATCH_MAX_DURATION": "2s",
        "INSTANCE_TYPES_FILE_PATH": str(folder / "instance-types.json"),
        "LAB_RESOURCE_SLICES_FILE": str(folder / "slices.json"),
    }


def _surroundings() -> dict[str, str]:
    """Where this process finds labs and what was built, for one that has a small environment of the lab's own."""
    return {
        "PYTHONPATH": str(Path(__file__).resolve().parents[4]),
        "AI_CONFORMANCE_CACHE": str(cache_root()),
        "XDG_STATE_HOME": str(registry_root().parents[1]),
    }


def _node_class() -> dict[str, Any]:
    return {
        "apiVersion": f"{_CLASS_GROUP}/v1alpha1",
        "kind": "KWOKNodeClass",
        "metadata": {"name": NODE_CLASS},
        "spec": {},
    }


def pool(options: LabOptions) -> dict[str, Any]:
    """The NodePool: accelerator nodes, tainted as such nodes usually are, from none to as many as are asked for."""
    flavour = flavour_of(options.vendor)
    labels = node_labels(options.vendor, node_index=options.nodes, count=options.accelerators)
    kept_empty = {exporter.KEPT_AWAY: "true"}  # its image and its folder are on the lab's first nodes only
    spec = {
        "nodeClassRef": {"group": _CLASS_GROUP, "kind": "KWOKNodeClass", "name": NODE_CLASS},
        "requirements": [
            {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": [offers.INSTANCE_TYPE]},
            {"key": "karpenter.sh/capacity-type", "operator": "In", "values": [offers.CAPACITY_TYPE]},
        ],
        "taints": [{"key": flavour.extended_resource, "value": TAINT_VALUE, "effect": "NoSchedule"}],
        # Nothing is bound to the node before its kubelet is there and its devices are.
        "startupTaints": [{"key": node_pool.STARTING, "effect": "NoSchedule"}],
        "expireAfter": "Never",
    }
    return {
        "apiVersion": f"{_GROUP}/{_VERSION}",
        "kind": "NodePool",
        "metadata": {"name": POOL},
        "spec": {
            "template": {"metadata": {"labels": {**labels, **kept_empty}}, "spec": spec},
            "disruption": {"consolidationPolicy": "WhenEmpty", "consolidateAfter": f"{IDLE_S}s"},
        },
    }


ADDON = Addon(
    name="karpenter",
    summary="Karpenter v1.14.1: a pool of accelerator nodes, each of them real, from none and back to none.",
    serves=("cluster_autoscaling",),
    memory_mib=120,
    prepare=prepare,
    install=install,
    leave=leave,
)
