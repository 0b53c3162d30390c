"""`ai-conformance submission diff`: what changed between two submissions, per requirement."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_conformance.cli.submission.common import FOLDER, SubmissionCommand, printable, product_bytes
from ai_conformance.model.verdicts import ExitCode

if TYPE_CHECKING:
    from ai_conformance.submission.making.diff import Change
    from ai_conformance.submission.product import Product


@click.command(cls=SubmissionCommand)
@click.argument("before", type=FOLDER)
@click.argument("after", type=FOLDER)
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--exit-code", is_flag=True, help="Exit with 1 where anything differs.")
@click.pass_context
def diff(ctx: click.Context, before: Path, after: Path, output_format: str, exit_code: bool) -> None:
    """Show what changed from BEFORE to AFTER (folders or PRODUCT.yaml files), requirement by requirement.

    For two releases of a product, or two versions of one. Evidence is compared as a set; white space does not count.
    """
    from ai_conformance.submission.making import diff as comparing  # noqa: PLC0415 - `--help` needs none of it

    changes = comparing.compare(_product(before), _product(after))
    if output_format == "json":
        click.echo(json.dumps({"changes": [dataclasses.asdict(one) for one in changes]}, indent=2))
    else:
        for subject, group in itertools.groupby(changes, key=lambda one: one.subject):
            click.echo(printable(subject))
            for change in group:
                for line in _lines(change):
                    click.echo(f"  {printable(line)}")
        if not changes:
            click.echo("Nothing differs.")
    if exit_code and changes:
        ctx.exit(ExitCode.NOT_CONFORMANT)


def _product(path: Path) -> Product:
    """The file may have problems (a key that is there twice): a reviewer wants to see the difference all the same."""
    from ai_conformance.submission import documents, folders, product  # noqa: PLC0415 - as above

    place = folders.folder(path)
    document = documents.parse(product_bytes(place), source=str(place.product_file))
    for problem in document.problems:
        click.echo(f"{document.source}:{problem.line}:{problem.column}: {problem.sentence}", err=True)
    return product.view(document)


def _lines(change: Change) -> Iterator[str]:
    if not change.field:
        yield f"{change.kind.value}  {change.before or change.after}"
        return
    yield f"{change.field}: {change.kind.value}"
    if change.before:
        yield from (f"  - {line}" for line in change.before.splitlines())
    if change.after:
        yield from (f"  + {line}" for line in change.after.splitlines())
