"""dra_support: dynamic resource allocation is served in full, and a claim gives exactly what it was allocated.

The API is tried with objects of our own; devices are tried on some nodes of every class of accelerator nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.dra import story, writing
from ai_conformance.checks.dra.allocation import Site
from ai_conformance.checks.inventory import Mechanism
from ai_conformance.checks.metadata import ApiUse, CaseInfo, EvidenceInfo
from ai_conformance.checks.registry import check
from ai_conformance.checks.together import together
from ai_conformance.kube import resources
from ai_conformance.kube.mirror import Mirror
from ai_conformance.model.records import CaseKind

if TYPE_CHECKING:
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.inventory import Inventory
    from ai_conformance.kube.resources import Resource

GROUP = "resource.k8s.io"
KINDS = ("DeviceClass", "ResourceSlice", "ResourceClaimTemplate", "ResourceClaim")
VERBS = frozenset({"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"})
STATUS_VERBS = frozenset({"get", "patch", "update"})

CASES = (
    CaseInfo(
        name="ApiIsServedWithAllVerbs",
        kind=CaseKind.POSITIVE,
        proves="all kinds of resource.k8s.io are served with all verbs, the status of claims included",
    ),
    CaseInfo(
        name="ObjectsCanBeWritten",
        kind=CaseKind.POSITIVE,
        proves="an object of each kind can be created, read, updated, patched and deleted, with effect",
    ),
    CaseInfo(
        name="AnnouncedDevicesAreUsable",
        kind=CaseKind.POSITIVE,
        proves="complete pools offer devices that a DeviceClass selects and a node can reach",
    ),
    CaseInfo(
        name="ClaimIsAllocated",
        kind=CaseKind.POSITIVE,
        proves="a claim from a template is allocated a device and reserved for its pod, whose container sees that one",
    ),
    CaseInfo(
        name="UnsatisfiableClaimIsRefused",
        kind=CaseKind.NEGATIVE,
        proves="a claim that no device satisfies stays unallocated and its pod is unschedulable for that",
    ),
    CaseInfo(
        name="ExclusiveDeviceIsNotShared",
        kind=CaseKind.NEGATIVE,
        proves="of two pods that want the same device one waits until the other is gone",
    ),
)

USES = (
    ApiUse(group="", resource="pods", verbs=("create", "get", "list", "watch", "delete")),
    ApiUse(group="", resource="pods", verbs=("list",), own_namespace=False),
    ApiUse(group="", resource="pods", subresource="exec", verbs=("create", "get")),
    ApiUse(
        group=GROUP, resource="resourceclaims", verbs=("create", "get", "list", "watch", "update", "patch", "delete")
    ),
    ApiUse(group=GROUP, resource="resourceclaims", subresource="status", verbs=("update",)),
    # Kubernetes 1.37 asks for this beside the status where an allocation is written, and asks it of the whole cluster.
    ApiUse(group=GROUP, resource="resourceclaims", subresource="binding", verbs=("update",), own_namespace=False),
    ApiUse(group=GROUP, resource="resourceclaims", verbs=("list",), own_namespace=False),
    ApiUse(group=GROUP, resource="resourceclaimtemplates", verbs=("create", "get", "update", "patch", "delete")),
    *(
        ApiUse(
            group=GROUP,
            resource=kind,
            verbs=("create", "get", "list", "update", "patch", "delete"),
            own_namespace=False,
        )
        for kind in ("deviceclasses", "resourceslices")
    ),
)


@check(
    "dra_support",
    artifact="TestDRASupport",
    summary="Devices are announced, claimed, allocated and handed over through resource.k8s.io.",
    cases=CASES,
    uses=USES,
    waits=(
        waits.INVENTORY_SETTLED,
        waits.POD_RUNNING,
        waits.POD_GONE,
        waits.CLAIM_ALLOCATED,
        waits.REFUSAL_SEEN,
        waits.REFUSAL,
    ),
    evidence=(
        EvidenceInfo(name="manifests.json", content="the objects by which every verb was tried"),
        EvidenceInfo(name="pod.json", content="the pod, as the API had it"),
        EvidenceInfo(name="claim.json", content="its claim, with the allocation"),
        EvidenceInfo(name="seen.txt.log", content="the devices that its container saw"),
    ),
    needs="one free device that a DRA driver publishes",
    on_fail="Serve resource.k8s.io in full; see the driver's log on the node that is named.",
    on_blocked="Install a DRA driver for the cluster's accelerators, or free one device, and run anew.",
)
async def dra_support(ctx: Context) -> None:
    """The API first; then, side by side, objects of our own and the devices there are."""
    discovery = await ctx.session.discover()
    served = {kind: discovery.find(GROUP, kind) for kind in KINDS}
    kinds = {kind: resource for kind, resource in served.items() if resource is not None}
    async with ctx.case(
        "ApiIsServedWithAllVerbs", expected=f"{GROUP} serves {', '.join(KINDS)} with all verbs"
    ) as case:
        missing = _missing(kinds)
        if missing:
            raise outcomes.Failed(f"of {GROUP} are not served: {'; '.join(missing)}")
        versions = ", ".join(discovery.versions(GROUP))
        case.observe(
            f"{GROUP} ({versions}) serves {', '.join(str(one.plural) for one in kinds.values())} with all verbs"
        )
    if len(kinds) < len(KINDS):
        return
    namespace = await ctx.workspace.namespace()
    async with (
        Mirror.open(ctx.session, resources.POD, namespace=namespace) as pods,
        Mirror.open(ctx.session, kinds["ResourceClaim"], namespace=namespace) as claims,
    ):
        site = Site(ctx=ctx, namespace=namespace, claim=kinds["ResourceClaim"], pods=pods, claims=claims)
        await together((_written(ctx, kinds=kinds, namespace=namespace), _devices(site)))


def _missing(kinds: dict[str, Resource]) -> list[str]:
    """A sentence for each kind that is not served, or not with all verbs."""
    missing = [f"{kind} at all" for kind in KINDS if kind not in kinds]
    for kind, resource in kinds.items():
        verbs = VERBS - resource.verbs
        if verbs:
            missing.append(f"{kind} with {', '.join(sorted(verbs))}")
    if "ResourceClaim" in kinds:
        verbs = STATUS_VERBS - kinds["ResourceClaim"].subresources.get("status", frozenset())
        if verbs:
            missing.append(f"the status of ResourceClaim with {', '.join(sorted(verbs))}")
    return missing


async def _written(ctx: Context, *, kinds: dict[str, Resource], namespace: str) -> None:
    expected = "every verb has its effect on an object of each kind"
    async with ctx.case("ObjectsCanBeWritten", expected=expected) as case:
        api_version = kinds["ResourceClaim"].api_version
        manifests = writing.manifests(run_id=ctx.workspace.run_id, namespace=namespace, api_version=api_version)
        case.keep("manifests.json", manifests)
        done = await together(
            writing.exercise(ctx, resource=kinds[kind], manifest=manifest) for kind, manifest in manifests.items()
        )
        case.observe("; ".join(done))


async def _devices(site: Site) -> None:
    """What is announced, and then claims on a sample of every class of nodes."""
    inventory = await site.ctx.accelerators()
    expected = "at least one device can be claimed, and no pool is broken"
    async with site.ctx.case("AnnouncedDevicesAreUsable", expected=expected) as case:
        case.observe(_announced(inventory))
    sample = inventory.sampled(nodes_per_class=site.ctx.options.nodes_per_class)
    supplies = [supply for supply in sample if supply.mechanism is Mechanism.DRA]
    refused_with: set[str] = set()
    stories = []
    for supply in supplies:
        stories.append(story.claimed(site, supply=supply))
        if supply.name not in refused_with:  # once for each DeviceClass: the scheduler decides it, no node does
            refused_with.add(supply.name)
            stories.append(story.refused(site, supply=supply))
    await together(stories)


def _announced(inventory: Inventory) -> str:
    """What can be claimed. Raises Failed for what is announced in vain, else Blocked or NotTested where nothing is."""
    supplies = inventory.of(Mechanism.DRA)
    if inventory.broken_pools or (inventory.unusable and not supplies):
        raise outcomes.Failed("; ".join(inventory.unusable))
    if not supplies and inventory.unrecognised:
        raise outcomes.NotTested("; ".join(inventory.unrecognised))
    if not supplies:
        raise outcomes.Blocked(inventory.nothing_found())
    return "; ".join(map(str, supplies))
