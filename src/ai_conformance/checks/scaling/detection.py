"""Which autoscalers a cluster has, by the catalog's signs; and a sentence for what was looked for in vain."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes
from ai_conformance.kube import errors, resources

if TYPE_CHECKING:
    from ai_conformance.catalog import Autoscaler
    from ai_conformance.checks.context import Context
    from ai_conformance.kube.discovery import Discovery

Object = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sign:
    """An autoscaler of the catalog, and what tells that it is there."""

    autoscaler: Autoscaler
    seen: str

    def __str__(self) -> str:
        return f"{self.autoscaler.title} ({self.seen})"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Found:
    """All signs."""

    present: tuple[Sign, ...]
    possible: tuple[Sign, ...]
    """Of pools that can be scaled, where nothing tells whether they are."""
    looked_for: str


async def look(ctx: Context, *, nodes: Sequence[Object]) -> Found:
    """Ask the cluster for every sign."""
    known = ctx.catalog.autoscalers
    discovery = await ctx.session.discover()
    deployments = (await ctx.session.list(resources.DEPLOYMENT)).items
    config_maps = [name for one in known for name in one.config_maps if await _is_there(ctx, name)]
    return decided(known, discovery=discovery, deployments=deployments, config_maps=config_maps, nodes=nodes)


async def _is_there(ctx: Context, name: str) -> bool:
    namespace, _, own = name.partition("/")
    try:
        await ctx.session.get(resources.CONFIG_MAP, own, namespace)
    except errors.NotFound:
        return False
    return True


def decided(
    known: Sequence[Autoscaler],
    *,
    discovery: Discovery,
    deployments: Sequence[Object],
    config_maps: Sequence[str],
    nodes: Sequence[Object],
) -> Found:
    """The signs among what was read; pure."""
    present, possible = [], []
    for one in known:
        seen = [
            *_kinds(one, discovery),
            *(f"ConfigMap {name}" for name in one.config_maps if name in config_maps),
            *_deployments(one, deployments),
        ]
        if seen:
            present.append(Sign(autoscaler=one, seen=", ".join(seen)))
        labelled = [f"nodes with the label {key}" for key in one.node_labels if any(_has(node, key) for node in nodes)]
        if labelled:
            possible.append(Sign(autoscaler=one, seen=", ".join(labelled)))
    return Found(present=tuple(present), possible=tuple(possible), looked_for=_looked_for(known))


def required(found: Found, *, named_pool: str) -> None:
    """Raises NotApplicable where there is no sign of any autoscaler, NotTested where there may be one.

    A pool that the user names says that there is one.
    """
    if found.present or named_pool:
        return
    if found.possible:
        raise outcomes.NotTested(
            f"{'; '.join(map(str, found.possible))}: whether they are scaled cannot be seen from here; "
            "name the pool with --autoscaler-node-pool-label KEY=VALUE where they are"
        )
    raise outcomes.NotApplicable(f"no cluster autoscaler of any known kind; looked for {found.looked_for}")


def _kinds(one: Autoscaler, discovery: Discovery) -> list[str]:
    return [
        f"{kind} of {resource.api_version}"
        for kind in one.kinds
        if (resource := discovery.find(one.group, kind)) is not None
    ]


def _deployments(one: Autoscaler, deployments: Sequence[Object]) -> list[str]:
    return [
        f"Deployment {each['metadata']['namespace']}/{each['metadata']['name']}"
        for each in deployments
        if any(_image_name(container) in one.images for container in each["spec"]["template"]["spec"]["containers"])
    ]


def _image_name(container: Object) -> str:
    last = str(container.get("image", "")).rpartition("/")[2]
    return last.partition("@")[0].partition(":")[0]


def _has(node: Object, key: str) -> bool:
    return key in (node["metadata"].get("labels") or {})


def _looked_for(known: Sequence[Autoscaler]) -> str:
    words = []
    for one in known:
        signs = [
            *([f"{', '.join(one.kinds)} of {one.group}"] if one.kinds else []),
            *(f"ConfigMap {name}" for name in one.config_maps),
            *(f"Deployments of the image {image}" for image in one.images),
            *(f"nodes labelled {key}" for key in one.node_labels),
        ]
        words.append(f"{one.title}: {', '.join(signs)}")
    return "; ".join(words)
