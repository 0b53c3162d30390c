"""Where the lab keeps things: a cache that only grows and is shared, and one state folder per lab that ``down``
removes."""

from __future__ import annotations

import os
from pathlib import Path

from ai_conformance.lab.errors import LabUsageError

HIDDEN_IN_NODES = (Path("/run"), Path("/var/run"), Path("/var/lib"), Path("/var/log"))
"""A node has its own of these, so nothing that its components have to read may lie below them."""


def cache_root() -> Path:
    """``$AI_CONFORMANCE_CACHE``, else the user's cache folder. Everything in it is keyed by version and may be
    deleted."""
    own = os.environ.get("AI_CONFORMANCE_CACHE")
    root = Path(own) if own else _base("XDG_CACHE_HOME", ".cache") / "ai-conformance"
    return visible_in_nodes(root.absolute(), option="AI_CONFORMANCE_CACHE")


def registry_root() -> Path:
    """Where the names of all labs of this user are written down, also of those with ``--state`` elsewhere."""
    return (_base("XDG_STATE_HOME", ".local/state") / "ai-conformance" / "labs").absolute()


def default_state(name: str) -> Path:
    """The state folder of a lab for which none was chosen."""
    return (_base("XDG_STATE_HOME", ".local/state") / "ai-conformance" / "lab" / name).absolute()


def visible_in_nodes(path: Path, *, option: str) -> Path:
    """Return ``path``, or refuse it if a node would not see it.

    Raises:
        LabUsageError: the path lies below one of HIDDEN_IN_NODES.
    """
    for hidden in HIDDEN_IN_NODES:
        if path.resolve().is_relative_to(hidden.resolve()):
            raise LabUsageError(
                f"{path} lies below {hidden}, which every node of the lab replaces by its own.",
                remedy=f"Choose another folder with {option}.",
            )
    return path


def _base(variable: str, fallback: str) -> Path:
    value = os.environ.get(variable)
    return Path(value) if value else Path.home() / fallback
