"""secure_accelerator_access: who was granted an accelerator gets that one, and nobody else gets any.

On every class of accelerator nodes and by every mechanism at once. Two pods hold a device each; beside them stand
containers that asked for none. What each sees is judged with the other's view as the control: a container that sees
nothing proves something only where the granted one sees a device, and a refused number only where the own one opens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from ai_conformance.checks import outcomes, waits
from ai_conformance.checks.access import granting, making, records, refusing, stage
from ai_conformance.checks.access.scene import Scene
from ai_conformance.checks.access.sights import Observer
from ai_conformance.checks.access.stage import Neighbour, Site
from ai_conformance.checks.inventory import Mechanism
from ai_conformance.checks.metadata import INERT, ApiUse, CaseInfo, EvidenceInfo, Relaxed
from ai_conformance.checks.registry import check
from ai_conformance.kube import resources
from ai_conformance.kube.isolation import PodSecurity
from ai_conformance.kube.mirror import Mirror
from ai_conformance.model.records import CaseKind

if TYPE_CHECKING:
    from ai_conformance.checks.context import Case, Context
    from ai_conformance.checks.inventory import Supply

_NEGATIVE = CaseKind.NEGATIVE
_DRA = "resource.k8s.io"
_Subject = TypeVar("_Subject", Site, Neighbour)

CASES = (
    CaseInfo(
        name="PositiveAccessTest",
        kind=CaseKind.POSITIVE,
        proves="a container that was granted one accelerator sees exactly one device, the allocated one, and opens it",
    ),
    CaseInfo(
        name="ControlOwnDeviceOpensByNumber",
        kind=CaseKind.CONTROL,
        proves="a container opens its own device by a node that it makes itself, so such nodes do work there",
    ),
    CaseInfo(
        name="ForeignDeviceCannotBeOpened",
        kind=_NEGATIVE,
        proves="a container cannot open another pod's device by a node that it makes itself",
    ),
    CaseInfo(name="DisjointDevices", kind=_NEGATIVE, proves="no two pods on a node hold the same device"),
    CaseInfo(
        name="NegativeIsolationTest",
        kind=_NEGATIVE,
        proves="a pod without a request on the same node sees no accelerator and cannot open the granted one",
    ),
    CaseInfo(
        name="MultiContainerIsolationTest",
        kind=_NEGATIVE,
        proves="the other container of the granted pod sees no accelerator and cannot open the granted one",
    ),
    CaseInfo(
        name="InitContainerIsolation",
        kind=_NEGATIVE,
        proves="an init container of the granted pod that requests none sees no accelerator",
    ),
    CaseInfo(
        name="EphemeralContainerIsolation",
        kind=_NEGATIVE,
        proves="an ephemeral container in the granted pod sees no accelerator and cannot open the granted one",
    ),
    CaseInfo(
        name="ForeignNamespaceClaim",
        kind=_NEGATIVE,
        proves="a pod that names the ResourceClaim of another namespace is not run",
    ),
    CaseInfo(
        name="EnvironmentBypass",
        kind=_NEGATIVE,
        proves="an environment variable that lists devices gives an unrequesting container none",
    ),
    CaseInfo(
        name="VolumeMountBypass",
        kind=_NEGATIVE,
        proves="mounts that list devices give an unrequesting container none",
    ),
    CaseInfo(
        name="AnnotationBypass",
        kind=_NEGATIVE,
        proves="an annotation that lists devices gives an unrequesting pod none",
    ),
)

USES = (
    ApiUse(group="", resource="pods", verbs=("create", "get", "list", "watch", "delete", "deletecollection")),
    ApiUse(group="", resource="pods", subresource="exec", verbs=("get", "create")),
    ApiUse(group="", resource="pods", subresource="log", verbs=("get",)),
    ApiUse(group="", resource="pods", subresource="ephemeralcontainers", verbs=("patch",)),
    ApiUse(group="", resource="pods", verbs=("list",), own_namespace=False),
    ApiUse(group=_DRA, resource="resourceclaims", verbs=("get", "list", "watch")),
    ApiUse(group=_DRA, resource="resourceclaims", verbs=("list",), own_namespace=False),
    ApiUse(group=_DRA, resource="resourceslices", verbs=("list",), own_namespace=False),
    ApiUse(group=_DRA, resource="deviceclasses", verbs=("list",), own_namespace=False),
    ApiUse(group=_DRA, resource="resourceclaimtemplates", verbs=INERT),
)

_OF_SITE: tuple[tuple[str, Callable[[Scene, Site, Case], Awaitable[None]]], ...] = (
    ("PositiveAccessTest", granting.positive),
    ("ControlOwnDeviceOpensByNumber", granting.control),
    ("ForeignDeviceCannotBeOpened", granting.foreign),
    ("DisjointDevices", granting.disjoint),
    ("NegativeIsolationTest", refusing.negative),
    ("MultiContainerIsolationTest", refusing.sibling),
    ("InitContainerIsolation", refusing.init),
    ("EphemeralContainerIsolation", refusing.ephemeral),
)
_OF_DRA = (("ForeignNamespaceClaim", refusing.foreign_namespace),)
_OF_NEIGHBOUR: tuple[tuple[str, Callable[[Scene, Neighbour, Case], Awaitable[None]]], ...] = (
    ("EnvironmentBypass", refusing.environment_bypass),
    ("VolumeMountBypass", refusing.volume_bypass),
    ("AnnotationBypass", refusing.annotation_bypass),
)


@check(
    "secure_accelerator_access",
    artifact="TestSecureAcceleratorAccess",
    summary="A container gets the accelerator that it was granted, and no container gets any other.",
    cases=CASES,
    uses=USES,
    waits=(
        waits.INVENTORY_SETTLED,
        waits.RESERVATION,
        waits.POD_RUNNING,
        waits.CLAIM_ALLOCATED,
        waits.EPHEMERAL_CONTAINER,
        waits.REFUSAL,
        waits.POD_GONE,
    ),
    evidence=(
        EvidenceInfo(
            name="*-claim.json", content="the claim of a pod that holds a device through DRA, with the allocation"
        ),
        EvidenceInfo(
            name="*-pod.json", content="a pod that holds a device of a device plugin, with what was allocated"
        ),
        EvidenceInfo(name="*.log", content="the devices that a container saw, and what came of opening them"),
        EvidenceInfo(name="foreign-*.json", content="the pod that named a claim of another namespace"),
    ),
    relaxed=(
        Relaxed(
            level=PodSecurity.BASELINE,
            why="containers make device nodes of their own (CAP_MKNOD, as root), as most platforms let any pod do",
        ),
        Relaxed(
            suffix="elsewhere",
            level=PodSecurity.PRIVILEGED,
            why="and mount the host's /dev/null, by which a legacy runtime would take mounts for a list of devices",
        ),
    ),
    needs="two free accelerators on some nodes of each class of accelerator nodes, for each mechanism",
    on_fail=(
        "Let the driver hand out the allocated device and no other, by the device cgroup and not by the path alone; "
        "let the container runtime take devices from the kubelet only (CDI), not from variables, mounts or annotations."
    ),
    on_blocked="Free two accelerators on the nodes that are named, and let the probe image be pulled; then run anew.",
)
async def secure_accelerator_access(ctx: Context) -> None:
    """All cases at once, on sampled nodes of every class."""
    inventory = await ctx.accelerators()
    supplies = inventory.sampled(nodes_per_class=ctx.options.nodes_per_class)
    if not supplies:
        raise outcomes.Blocked(inventory.nothing_found())
    for supply in supplies:
        await _without_site(ctx, supply)
    sites, neighbours = stage.planned(supplies)
    if not sites:
        return
    if not any(site.supply.mechanism is Mechanism.DRA for site in sites):
        await _without_dra(ctx)
    async with ctx.reservations.hold(parts=[site.supply.part(2) for site in sites]):
        own, elsewhere = await making.namespaces(ctx)
        made = stage.Stage(namespace=own, elsewhere=elsewhere, sites=sites, neighbours=neighbours)
        await _play(ctx, made)


async def _without_site(ctx: Context, supply: Supply) -> None:
    """Record a supply that nothing can be tried on."""
    if supply.vendor is not None and supply.free > 0:
        return
    async with ctx.case(CASES[0].name, expected=CASES[0].proves, variant=supply.label):
        if supply.vendor is None:
            raise outcomes.NotTested(f"the vendor of {supply.name} is not known: how its devices look cannot be told")
        raise outcomes.Blocked(f"two free {supply.name} are needed on node {supply.node}: {supply}")


async def _without_dra(ctx: Context) -> None:
    """Record what is about claims where there is nothing to claim."""
    for name, _ in _OF_DRA:
        async with ctx.case(name, expected=ctx.metadata.case(name).proves):
            raise outcomes.NotApplicable("no accelerator is to be had by DRA here, so there are no claims of it")


async def _play(ctx: Context, made: stage.Stage) -> None:
    async with (
        Mirror.open(ctx.session, resources.POD, namespace=made.namespace) as own_pods,
        Mirror.open(ctx.session, resources.POD, namespace=made.elsewhere) as other_pods,
        records.claims_of(ctx, made) as claims,
    ):
        await making.make(ctx, made)
        own = Observer(ctx, namespace=made.namespace, view=own_pods)
        elsewhere = Observer(ctx, namespace=made.elsewhere, view=other_pods)
        await _all_cases(ctx, made, own=own, elsewhere=elsewhere, claims=claims)
        # Accelerators are given back only when they are free: whoever reserves them next counts on it.
        await ctx.workspace.vacate(views=(own_pods, other_pods))


async def _all_cases(
    ctx: Context, made: stage.Stage, *, own: Observer, elsewhere: Observer, claims: Mirror | None
) -> None:
    try:
        async with asyncio.TaskGroup() as tasks:
            scene = Scene(ctx, stage=made, own=own, elsewhere=elsewhere, claims=claims, tasks=tasks)
            for site in made.sites:
                more = _OF_DRA if site.supply.mechanism is Mechanism.DRA else ()
                for name, body in (*_OF_SITE, *more):
                    tasks.create_task(_case(scene, name, site.supply.label, body=body, subject=site))
            for neighbour in made.neighbours:
                for name, attempt in _OF_NEIGHBOUR:
                    tasks.create_task(_case(scene, name, neighbour.label, body=attempt, subject=neighbour))
    except BaseExceptionGroup as several:  # a case's own outcome never gets here; of bugs the first tells enough
        raise several.exceptions[0] from None


async def _case(
    scene: Scene,
    name: str,
    variant: str,
    *,
    body: Callable[[Scene, _Subject, Case], Awaitable[None]],
    subject: _Subject,
) -> None:
    expected = scene.ctx.metadata.case(name).proves
    async with scene.ctx.case(name, expected=expected, variant=variant) as case:
        await body(scene, subject, case)
