"""What an add-on is."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ai_conformance.lab.addons.site import Site
    from ai_conformance.lab.addons.workshop import Workshop


@dataclasses.dataclass(frozen=True, kw_only=True)
class Addon:
    """Something that is built once, installed into a lab, and taken away again."""

    name: str
    summary: str
    """One sentence: what it is, with its version."""
    serves: tuple[str, ...]
    """The requirements that are tried with it."""
    needs: tuple[str, ...] = ()
    """Add-ons that have to be there first."""
    needs_one_of: tuple[str, ...] = ()
    """Add-ons of which one has to be there first; where none is, nor is asked for, the first of them comes along."""
    extra: bool = False
    """Whether its requirements can be tried without it: another like it, or one more of several."""
    memory_mib: int
    """Resident memory of all that it runs, as measured in an idle lab."""
    prepare: Callable[[Workshop], None]
    """Fetch and build what it needs into the cache; called again, it is quick. Raises `LabError`."""
    install: Callable[[Site], Awaitable[None]]
    """Bring it into the lab; returns when it works. What it makes through the site is removed without its help."""
    leave: Callable[[Site], Awaitable[None]] | None = None
    """What has to be taken away while its processes still run, before all else; can be repeated."""
