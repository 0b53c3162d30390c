"""Which operators a cluster has, by their CRDs, and what is said where none of them can be judged."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ai_conformance.checks import outcomes
from ai_conformance.checks.operators import webhooks
from ai_conformance.checks.together import together
from ai_conformance.kube import resources

if TYPE_CHECKING:
    from ai_conformance.catalog import Operator
    from ai_conformance.checks.context import Context
    from ai_conformance.checks.operators.webhooks import Webhook

Object = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sight:
    """What was seen of the whole cluster: once, and what would be called wrong again (`definitions`, `admission`)."""

    definitions: Mapping[str, Object]
    """CRDs by name."""
    pods: Sequence[Object]
    services: Sequence[Object]
    slices: Sequence[Object]
    hooks: Sequence[Webhook]


async def look(ctx: Context) -> Sight:
    """Read what tells of operators: CRDs, pods, Services with their endpoints, admission webhooks."""
    definitions, pods, services, slices, validating, mutating = await together(
        ctx.session.list(one)
        for one in (
            resources.CUSTOM_RESOURCE_DEFINITION,
            resources.POD,
            resources.SERVICE,
            resources.ENDPOINT_SLICE,
            resources.VALIDATING_WEBHOOK_CONFIGURATION,
            resources.MUTATING_WEBHOOK_CONFIGURATION,
        )
    )
    return Sight(
        definitions=_by_name(definitions.items),
        pods=pods.items,
        services=services.items,
        slices=slices.items,
        hooks=webhooks.read((*validating.items, *mutating.items)),
    )


def _by_name(items: Sequence[Object]) -> Mapping[str, Object]:
    return {str(one["metadata"]["name"]): one for one in items}


async def definitions(ctx: Context, *, before: Sight) -> Sight:
    """The same with CRDs as they are now."""
    listed = await ctx.session.list(resources.CUSTOM_RESOURCE_DEFINITION)
    return dataclasses.replace(before, definitions=_by_name(listed.items))


async def admission(ctx: Context, *, before: Sight) -> Sight:
    """The same with admission webhooks, and the Services that they call, as they are now."""
    services, validating, mutating = await together(
        ctx.session.list(one)
        for one in (
            resources.SERVICE,
            resources.VALIDATING_WEBHOOK_CONFIGURATION,
            resources.MUTATING_WEBHOOK_CONFIGURATION,
        )
    )
    return dataclasses.replace(
        before, services=services.items, hooks=webhooks.read((*validating.items, *mutating.items))
    )


def own_webhooks(ctx: Context, *, operator: Operator, sight: Sight) -> list[Webhook]:
    """An operator's webhooks over its kind; what they refuse is the operator's to answer for from now on.

    Raises NotTested where which are its own cannot be told.
    """
    hooks = webhooks.own(sight.hooks, operator=operator, services=sight.services, pods=sight.pods)
    called = {one.where for one in hooks}
    ctx.judged_webhooks |= {one.name for one in sight.hooks if one.where in called}
    return hooks


@dataclasses.dataclass(frozen=True, kw_only=True)
class Found:
    """What there is: operators that can be judged, and in words those that cannot."""

    judged: tuple[Operator, ...]
    beside: tuple[str, ...]


def sort(
    definitions: Mapping[str, Object], *, known: Sequence[Operator], words: Sequence[str], wanted: Sequence[str] = ()
) -> Found:
    """Sort the CRDs of a cluster by the operators they belong to; ``wanted`` limits it to operators of these names.

    Raises NotTested where there are only operators that this version cannot judge, Blocked where there is none at all:
    that an operator can be installed is shown by one that is.
    """
    chosen = [one for one in known if not wanted or one.name in wanted]
    there = [one for one in chosen if one.crd in definitions]
    absent = [one.title for one in chosen if wanted and one not in there]
    if absent:
        raise outcomes.Blocked(
            f"{', '.join(absent)} was asked for with --operator and is not there: no CRD "
            f"{', '.join(one.crd for one in chosen if one not in there)}"
        )
    doubts = [(one, unjudged(one, definition=definitions[one.crd])) for one in there]
    judged = tuple(one for one, doubt in doubts if doubt is None)
    beside = [doubt for _, doubt in doubts if doubt is not None]
    if not wanted:
        beside += unknown(definitions, known=known, words=words)
    if judged:
        return Found(judged=judged, beside=tuple(beside))
    can = ", ".join(one.title for one in known if one.trial)
    if beside:
        raise outcomes.NotTested(f"this version cannot judge what is there: {'; '.join(beside)}; it judges {can}")
    groups = sorted({name.partition(".")[2] for name in definitions})
    others = f"; there are CRDs of {', '.join(groups[:12])}{' and more' if len(groups) > 12 else ''}" if groups else ""
    raise outcomes.Blocked(
        f"no AI operator is installed, so none can prove that one works here; looked for the CRDs of {can}{others}"
    )


def unjudged(operator: Operator, *, definition: Object) -> str | None:
    """Why an operator that is there cannot be judged; None where it can."""
    if operator.trial is None:
        return f"{operator.title} (CRD {operator.crd}), which is known by name only"
    served = [one["name"] for one in definition["spec"].get("versions") or () if one.get("served")]
    if served and not set(served) & {*operator.versions}:
        return (
            f"{operator.title} serves {operator.kind} as {', '.join(served)}, and what is known of it is "
            f"{', '.join(operator.versions)}"
        )
    return None


def unknown(definitions: Mapping[str, Object], *, known: Sequence[Operator], words: Sequence[str]) -> list[str]:
    """CRDs of no known operator whose names tell that it may be one for AI, by their group."""
    mine = {name for one in known for name in one.all_crds}
    groups = {one.group for one in known}
    seen: dict[str, list[str]] = {}
    for name in sorted(definitions):
        kind, _, group = name.partition(".")
        if (
            name not in mine
            and group not in groups
            and {*re.split(r"[.\-]", name)} & {*words, *(f"{w}s" for w in words)}
        ):
            seen.setdefault(group, []).append(kind)
    return [f"an unknown operator with the CRDs {', '.join(kinds)} of {group}" for group, kinds in seen.items()]
