"""The group `ai-conformance submission`: where its commands live."""

from __future__ import annotations

import click

from ai_conformance.cli.lazy import LazyGroup

_ROOM = "ai_conformance.cli.submission"
_COMMANDS = {
    # name: (module, attribute, one line of help), in the order in which a vendor needs them
    "init": (f"{_ROOM}.init", "init", "Begin a product's folder from a release's official checklist."),
    "upgrade": (f"{_ROOM}.upgrade", "upgrade", "Carry a product's folder to the next release."),
    "fill": (f"{_ROOM}.fill", "fill", "Take the verdicts of a run into PRODUCT.yaml."),
    "check": (f"{_ROOM}.check", "check", "Judge folders by the program's rules and by stricter ones."),
    "pack": (f"{_ROOM}.pack", "pack", "Put the artifacts of one run into the folder, and nothing private."),
    "diff": (f"{_ROOM}.diff", "diff", "Show what changed between two submissions, per requirement."),
    "landscape": (f"{_ROOM}.landscape", "landscape", "Plan the entry in the CNCF landscape after a merge."),
    "status": (f"{_ROOM}.status", "status", "List certified products and how long they have left."),
}


@click.command(cls=LazyGroup, table=_COMMANDS)
def submission() -> None:
    """Make, check and pack a folder vX.Y/<product>/ for the Kubernetes AI Conformance program.

    \b
    ai-conformance submission init v1.37/acme --release 1.37 --program ai-conformance/
    ai-conformance submission fill v1.37/acme --run results/mine
    ai-conformance submission pack v1.37/acme --run results/mine
    ai-conformance submission check v1.37/acme --program ai-conformance/

    No cluster is needed for any of it, and the network only where --program names a URL or --online is given.
    """
