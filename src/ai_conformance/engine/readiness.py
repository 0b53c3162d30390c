"""What a plan needs of a cluster and whether it is there: permissions, images, accelerators. Nothing is made."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ai_conformance.checks import inventory
from ai_conformance.engine import permissions
from ai_conformance.kube import errors

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.checks.inventory import Inventory
    from ai_conformance.checks.metadata import ApiUse
    from ai_conformance.checks.options import Options
    from ai_conformance.engine.plan import Plan
    from ai_conformance.kube.session import Session


@dataclasses.dataclass(frozen=True, kw_only=True)
class Permission:
    """One verb on one resource."""

    verb: str
    group: str
    """Empty for the core group."""
    resource: str
    """With its subresource, as RBAC writes it: ``pods/log``."""
    own_namespace: bool
    """Whether it is used in the run's own namespaces only. As these do not exist yet, it is asked for everywhere."""
    allowed: bool

    def __str__(self) -> str:
        where = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {where}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class NeededImage:
    """An image of the plan, and the reference under which this run pulls it."""

    name: str
    reference: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Readiness:
    """What was found."""

    accelerators: Inventory | None
    """None where reading them was not allowed."""
    needing_accelerators: tuple[str, ...]
    """Requirements of the plan of which nothing can be tried without accelerators."""
    permissions: tuple[Permission, ...]
    images: tuple[NeededImage, ...]
    trouble: tuple[str, ...] = ()
    """Why something could not be found out."""

    @property
    def missing(self) -> tuple[str, ...]:
        """What keeps the plan from being run in full, a sentence each."""
        return tuple(self._missing())

    def _missing(self) -> Iterator[str]:
        yield from self.trouble
        for one in self.permissions:
            if not one.allowed:
                where = "the run's own namespaces" if one.own_namespace else "the whole cluster"
                yield f"no permission to {one} in {where}"
        if self.needing_accelerators and self.accelerators is not None and not self.accelerators.supplies:
            yield f"{self.accelerators.nothing_found()} (needed by {', '.join(self.needing_accelerators)})"


async def find(session: Session, *, plan: Plan, catalog: Catalog, options: Options) -> Readiness:
    """Ask the cluster, side by side. Raises `KubeError` where it cannot be asked at all."""
    found, asked = await asyncio.gather(
        _accelerators(session, plan=plan, catalog=catalog, options=options), _permissions(session, plan=plan)
    )
    accelerators, trouble = found
    return Readiness(
        accelerators=accelerators,
        needing_accelerators=tuple(
            item.requirement.id for item in plan.running if item.check and item.check.accelerators_required
        ),
        permissions=asked,
        images=tuple(
            NeededImage(name=name, reference=options.image(name, default=catalog.image(name))) for name in plan.images
        ),
        trouble=trouble,
    )


async def _accelerators(
    session: Session, *, plan: Plan, catalog: Catalog, options: Options
) -> tuple[Inventory | None, tuple[str, ...]]:
    if not plan.running:
        return None, ()
    try:
        return await inventory.take(session, catalog=catalog, options=options), ()
    except (errors.Forbidden, errors.DiscoveryIncomplete) as error:
        # Nobody misses them where no check of the plan reads them.
        read = any(use.resource == "resourceslices" for use in plan.uses)
        return None, ((f"the accelerators cannot be read: {error}",) if read else ())


async def _permissions(session: Session, *, plan: Plan) -> tuple[Permission, ...]:
    if not plan.running:
        return ()
    by_plural: dict[tuple[str, str], ApiUse] = {(use.group, use.plural): use for use in plan.uses}

    async def ask(group: str, plural: str, verb: str, *, own_namespace: bool) -> Permission:
        use = by_plural[group, plural]
        allowed = await session.may(verb, group=group, plural=use.resource, subresource=use.subresource)
        return Permission(verb=verb, group=group, resource=plural, own_namespace=own_namespace, allowed=allowed)

    wanted = permissions.needed(plan)
    return tuple(
        await asyncio.gather(
            *(ask(one.group, one.resource, one.verb, own_namespace=one.own_namespace) for one in wanted)
        )
    )
