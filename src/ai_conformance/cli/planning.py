"""From the options to a plan, in two steps: what can be wrong without a cluster, and what needs its version."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from ai_conformance.cli import failures
from ai_conformance.model.releases import Release

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_conformance.catalog import Catalog
    from ai_conformance.cli.options import Settings
    from ai_conformance.cli.selection import Selection
    from ai_conformance.engine.plan import Plan
    from ai_conformance.kube.actor import ServerVersion


@dataclasses.dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan and what the user should know about how it came to be."""

    plan: Plan
    notes: tuple[str, ...]


def check(settings: Settings) -> None:
    """Look up every name before a cluster is asked. Raises `failures.Failure` that offers the nearest name."""
    from ai_conformance.catalog import UnknownName, load  # noqa: PLC0415

    catalog = load()
    try:
        _known(catalog, release=settings.release, requirements=(*settings.requirements, *settings.skip))
        for name in settings.checks.operators:
            catalog.operator(name)
        references = {image.reference for image in catalog.images}
        for name in settings.checks.image_map:
            if name not in references:
                catalog.image(name)
    except UnknownName as error:
        raise failures.usage(str(error)) from error


def _known(catalog: Catalog, *, release: str | None, requirements: Sequence[str]) -> None:
    if release is not None:
        catalog.release(release)
    for name in requirements:
        catalog.requirement(name)


def without_cluster(
    *,
    release: str | None,
    requirements: Sequence[str],
    skip: Sequence[str],
    chosen: Selection | None,
    disruptive: bool,
    pull_secret: bool = False,
) -> Plan:
    """The plan for a release, by default the newest one. Raises `failures.Failure`."""
    from ai_conformance.catalog import UnknownName, load  # noqa: PLC0415
    from ai_conformance.engine import plan  # noqa: PLC0415

    catalog = load()
    try:
        _known(catalog, release=release, requirements=(*requirements, *skip))
        return plan.make(
            catalog,
            release=catalog.release(release) if release else catalog.releases[-1],
            requirements=requirements,
            skip=skip,
            pattern=chosen.pattern if chosen else None,
            disruptive=disruptive,
            pull_secret=pull_secret,
        )
    except (UnknownName, plan.NothingSelected) as error:
        raise failures.usage(str(error)) from error


def make(settings: Settings, *, catalog: Catalog, version: ServerVersion) -> Planned:
    """The plan for a cluster of this version. Raises `failures.Failure`."""
    from ai_conformance.engine import plan  # noqa: PLC0415

    release, notes = _release(settings, catalog=catalog, version=version)
    chosen = settings.selection
    if chosen is not None and chosen.has_subtests:
        notes += (f"--run {chosen.text}: a check is always run whole; what follows the slash leaves out no case.",)
    try:
        made = plan.make(
            catalog,
            release=release,
            requirements=settings.requirements,
            skip=settings.skip,
            pattern=chosen.pattern if chosen else None,
            disruptive=settings.checks.disruptive,
            pull_secret=bool(settings.checks.pull_secret),
        )
    except plan.NothingSelected as error:
        raise failures.usage(str(error)) from error
    return Planned(plan=made, notes=notes)


def _release(settings: Settings, *, catalog: Catalog, version: ServerVersion) -> tuple[Release, tuple[str, ...]]:
    server = Release(version.major, version.minor)
    newest = catalog.releases[-1]
    if settings.release is None:
        if server in catalog.releases:
            return server, ()
        if server > newest:
            return newest, (f"This version knows no checklist of Kubernetes {server}; that of {newest} is used.",)
        raise failures.usage(
            f"the cluster runs Kubernetes {version.git_version}; there is no checklist before {catalog.releases[0]}. "
            "Upgrade the cluster."
        )
    release = catalog.release(settings.release)
    if server < release:
        raise failures.usage(
            f"the cluster runs Kubernetes {version.git_version}, which is older than the release {release} that it "
            f"would be judged by. Choose --release {server} or upgrade the cluster."
        )
    if server > release:
        return release, (f"The cluster runs Kubernetes {server} and is judged by the checklist of {release}.",)
    return release, ()
