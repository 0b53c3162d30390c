"""The group `ai-conformance bundle`: where its commands live."""

from __future__ import annotations

import click

from ai_conformance.cli.lazy import LazyGroup

_ROOM = "ai_conformance.cli.bundle"
_COMMANDS = {
    # name: (module, attribute, one line of help), in the order in which they are needed
    "create": (f"{_ROOM}.create", "create", "Pack a run's folder with the digests of all its files."),
    "sign": (f"{_ROOM}.sign", "sign", "Vouch for a bundle with a key, or as who you are."),
    "verify": (f"{_ROOM}.verify", "verify", "Tell what was altered, and who vouches for it."),
    "show": (f"{_ROOM}.show", "show", "Show whose run it is, its verdicts, and who signed."),
}


@click.command(cls=LazyGroup, table=_COMMANDS)
def bundle() -> None:
    """Pack a run for others, sign it, and tell whether it is what was packed.

    \b
    ai-conformance bundle create results/mine
    ai-conformance bundle sign results/mine.bundle.tar --key key.pem
    ai-conformance bundle verify results/mine.bundle.tar --key public.pem

    No cluster is needed for any of it, and no network but where Sigstore is asked for.
    """
