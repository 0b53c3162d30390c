"""Pods that name the claim of another namespace: one for each first holder with a claim, all watched in one window."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

from ai_conformance.checks import grants, outcomes, waits
from ai_conformance.checks.inventory import Mechanism
from ai_conformance.kube import errors, pods

if TYPE_CHECKING:
    from ai_conformance.checks.access.sights import Observer
    from ai_conformance.checks.access.stage import Site, Stage
    from ai_conformance.checks.context import Context
    from ai_conformance.kube.mirror import Mirror


@dataclasses.dataclass(frozen=True, kw_only=True)
class Intruder:
    """One such pod and what became of it, or why that is not known."""

    pod: str
    claim: str = ""
    """The claim that it names."""
    node: str | None = None
    """Where it was placed; None where the scheduler refused it all the time."""
    trouble: outcomes.Outcome | errors.KubeError | None = None


async def tried(ctx: Context, stage: Stage, *, own: Observer, elsewhere: Observer) -> dict[str, Intruder]:
    """Make all of them and watch them; by the name of the first holder. Troubles are kept, none is raised."""
    sites = [site for site in stage.sites if site.supply.mechanism is Mechanism.DRA]
    made = await asyncio.gather(*(_made(ctx, stage, site, own=own) for site in sites))
    names = [one.pod for one in made if one.trouble is None]
    placed: dict[str, str] = {}

    def all_placed(view: Mirror) -> bool | None:
        """Takes down who was placed, after every event. Who was placed stays so: only if all are, waiting is over."""
        nodes = {name: pods.node_name(view.get(name) or {}) for name in names}
        placed.update({name: node for name, node in nodes.items() if node})
        return True if len(placed) == len(names) else None

    trouble: errors.KubeError | None = None
    try:
        if names:
            watching_for = f"{', '.join(names)} to stay unplaced"
            await elsewhere.view.throughout(all_placed, seconds=ctx.seconds(waits.REFUSAL), watching_for=watching_for)
    except errors.KubeError as error:
        trouble = error
    seen = [dataclasses.replace(one, node=placed.get(one.pod), trouble=one.trouble or trouble) for one in made]
    return {site.first: one for site, one in zip(sites, seen, strict=True)}


async def _made(ctx: Context, stage: Stage, site: Site, *, own: Observer) -> Intruder:
    name = f"foreign-{site.first}"
    try:
        claim = await own.claim_name(site.first)
        pod = grants.probe(
            name,
            stage.elsewhere,
            image=ctx.image("probe"),
            supply=site.supply,
            claim=claim,
            node=site.supply.node,
        )
        await ctx.workspace.create(pod)
    except (outcomes.Outcome, errors.KubeError) as trouble:
        return Intruder(pod=name, trouble=trouble)
    return Intruder(pod=name, claim=claim)
