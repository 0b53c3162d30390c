"""A lab that has some add-ons for a while."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ai_conformance.lab.addons import operations
from ai_conformance.lab.addons.ledger import installed
from ai_conformance.lab.addons.registry import with_needs
from ai_conformance.lab.lab import Lab
from ai_conformance.lab.paths import cache_root


@contextlib.contextmanager
def having(lab: Lab, *names: str) -> Iterator[Lab]:
    """The lab with these add-ons and what they need; what was not there goes at the end, the last first."""
    there = installed(lab.state)
    operations.install(lab, names, cache=cache_root(), progress=lambda _: None)
    try:
        yield lab
    finally:
        came = [name for name in installed(lab.state) if name not in there]
        for addon in reversed(with_needs(came)):
            if addon.name in came:
                operations.remove(lab, addon.name, progress=lambda _: None)
