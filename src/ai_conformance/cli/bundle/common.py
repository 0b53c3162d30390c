"""What the commands about a bundle share: errors as messages, and how findings are printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ai_conformance.cli import failures
from ai_conformance.evidence.bundle.errors import BundleError
from ai_conformance.reports import escaping

if TYPE_CHECKING:
    from ai_conformance.evidence.bundle.verifying import Report

PATH = click.Path(path_type=Path)

format_option = click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print it."
)


class BundleCommand(click.Command):
    """A command that turns what the room reports into one message and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BundleError as error:
            # Paths in it are somebody else's.
            raise failures.Failure(escaping.one_line(str(error)), code=error.code) from error


def say(lines: Iterable[str]) -> None:
    """Print lines, of which none can move the cursor or hide another."""
    for line in lines:
        click.echo(escaping.escape(line))


def counted(findings: Sequence[object]) -> str:
    """How many findings there are."""
    return f"{len(findings)} finding{'' if len(findings) == 1 else 's'}"


def missing_evidence(paths: tuple[str, ...]) -> list[str]:
    """What to say of evidence that the record names and the run's folder did not hold; nothing where there is none."""
    if not paths:
        return []
    return [f"note: run.json names {len(paths)} files of evidence that are not there, {paths[0]} for one"]


def standing(report: Report) -> str:
    """Who vouches for a bundle, in one sentence."""
    if report.vouched:
        return f"Signed by {', '.join(report.vouched)}."
    if report.signers:
        return (
            f"Signed by {', '.join(report.signers)}. Whose {'key' if len(report.signers) == 1 else 'keys'} that is, "
            "the bundle cannot show: get the public key from its owner and give it with --key."
        )
    return "Nobody has signed it: the digests show that it is as it was packed, and nobody vouches for who packed it."
