"""All add-ons, and which others each needs."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ai_conformance.lab.addons import custom_metrics, exporter, jobset, karpenter, prometheus
from ai_conformance.lab.addons.model import Addon
from ai_conformance.lab.errors import LabUsageError

ADDONS: tuple[Addon, ...] = (jobset.ADDON, exporter.ADDON, prometheus.ADDON, custom_metrics.ADDON, karpenter.ADDON)
ALL, NONE = "all", "none"


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
    """The names in ``a,b``, ``all`` or ``none``, in the order of the registry. Raises `LabUsageError`."""
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    if wanted in ([], [NONE]):
        return ()
    chosen = {addon.name for addon in ADDONS} if wanted == [ALL] else {find(name).name for name in wanted}
    return tuple(addon.name for addon in ADDONS if addon.name in chosen)


def with_needs(names: Iterable[str]) -> tuple[Addon, ...]:
    """These add-ons and all that they need, each after what it needs."""
    ordered: dict[str, Addon] = {}

    def add(name: str) -> None:
        addon = find(name)
        for need in addon.needs:
            add(need)
        ordered.setdefault(name, addon)

    for name in names:
        add(name)
    return tuple(ordered.values())


def dependants(name: str) -> tuple[Addon, ...]:
    """The add-ons that need this one, by themselves or through others."""
    return tuple(one for one in ADDONS if one.name != name and name in {need.name for need in with_needs([one.name])})
