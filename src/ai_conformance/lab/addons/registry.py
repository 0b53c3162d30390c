"""All add-ons, and which others each needs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ai_conformance import catalog
from ai_conformance.lab.addons import (
    custom_metrics,
    dns,
    exporter,
    gateway,
    jobset,
    karpenter,
    kuberay,
    kueue,
    lws,
    metrics_server,
    prometheus,
    prometheus_operator,
    trainer,
)
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.errors import LabUsageError
from ai_conformance.model.requirements import Level

ADDONS: tuple[Addon, ...] = (
    jobset.ADDON,
    lws.ADDON,
    trainer.ADDON,
    kuberay.ADDON,
    kueue.ADDON,
    exporter.ADDON,
    prometheus.ADDON,
    prometheus_operator.ADDON,
    custom_metrics.ADDON,
    metrics_server.ADDON,
    dns.ADDON,
    gateway.ADDON,
    karpenter.ADDON,
)
ALL, MUSTS, NONE = "all", "musts", "none"


def find(name: str) -> Addon:
    """The add-on of that name.

    Raises:
        LabUsageError: there is none; the nearest name is offered.
    """
    for addon in ADDONS:
        if addon.name == name:
            return addon
    known = [addon.name for addon in ADDONS]
    near = difflib.get_close_matches(name, known, n=1)
    raise LabUsageError(
        f"There is no add-on {name!r}.",
        remedy=f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}.",
    )


def parse(text: str) -> tuple[str, ...]:
    """The names in ``a,b``, ``musts``, ``all`` or ``none``, in the order of the registry. Raises `LabUsageError`."""
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    if wanted in ([], [NONE]):
        return ()
    if wanted == [ALL]:
        chosen = {addon.name for addon in ADDONS}
    elif wanted == [MUSTS]:
        chosen = _for_musts()
    else:
        chosen = {find(name).name for name in wanted}
    return tuple(addon.name for addon in ADDONS if addon.name in chosen)


def _for_musts() -> set[str]:
    """What it takes to try all that is a MUST in the newest release, and no more than that."""
    facts = catalog.load()
    newest = facts.releases[-1]
    musts = {one.id for one in facts.requirements(newest) if one.level_in(newest) is Level.MUST}
    return {addon.name for addon in ADDONS if not addon.extra and musts.intersection(addon.serves)}


def with_needs(names: Iterable[str], *, there: Iterable[str] = ()) -> tuple[Addon, ...]:
    """These add-ons and all that they need, each after what it needs; ``there`` is what a lab has already."""
    wanted, present = list(names), set(there)
    ordered: dict[str, Addon] = {}

    def add(name: str) -> None:
        addon = find(name)
        chosen = [one for one in addon.needs_one_of if one in wanted]
        if addon.needs_one_of and not chosen and not present.intersection(addon.needs_one_of):
            chosen = [addon.needs_one_of[0]]
        for need in (*addon.needs, *chosen):
            add(need)
        ordered.setdefault(name, addon)

    for name in wanted:
        add(name)
    return tuple(ordered.values())


def dependants(name: str, *, there: Iterable[str] = ()) -> tuple[Addon, ...]:
    """The add-ons that need this one, by themselves or through others, in a lab that has ``there``."""
    remaining = set(there) - {name}

    def needs_it(addon: Addon) -> bool:
        one_of = name in addon.needs_one_of and not remaining.intersection(addon.needs_one_of)
        return one_of or name in addon.needs or any(needs_it(find(need)) for need in addon.needs)

    return tuple(one for one in ADDONS if one.name != name and needs_it(one))
