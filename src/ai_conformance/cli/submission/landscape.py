"""`ai-conformance submission landscape`: what to change in the CNCF landscape after a merge, and what has expired."""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_conformance.cli.submission import common, status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_conformance.submission.landscape import Change, Plan

_TODAY = click.option("--today", type=status.DAY, metavar="DATE", help="The day to count from.  [default: today, UTC]")
_PRODUCT = click.option(
    "--product", "names", multiple=True, metavar="NAME", help="Only folders of this name; repeatable."
)


@click.group()
def landscape() -> None:
    """Plan what has to change in the CNCF landscape. Nothing is sent and no file is written."""


@landscape.command(cls=common.SubmissionCommand)
@common.program_option()
@common.landscape_option()
@_PRODUCT
@_TODAY
@click.option("--output-format", type=click.Choice(["patch", "text", "json"]), default="patch", show_default=True)
def plan(program: str, landscape: Path, names: tuple[str, ...], today: datetime | None, output_format: str) -> None:
    """Print a patch that lists every certified product and no other.

    The patch goes to standard output (`git apply`), what it does for which product to standard error. It was applied
    and read again: it changes nothing else.
    """
    before, made = _plan(program, landscape, names, today)
    if output_format == "json":
        click.echo(
            json.dumps({"changes": [_data(one) for one in made.changes], "patch": _patch(before, made)}, indent=2)
        )
        return
    click.echo("\n".join(_text(made.changes)), err=output_format == "patch")
    if output_format == "patch":
        click.echo(_patch(before, made), nl=False)


@landscape.command(cls=common.SubmissionCommand)
@common.program_option()
@common.landscape_option()
@_TODAY
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def expired(program: str, landscape: Path, today: datetime | None, output_format: str) -> None:
    """List what the landscape shows and no certificate holds for any more; exit code 1 if there is anything.

    Entries that match no product of the program's repository are listed too: a person has to look at them.
    """
    from ai_conformance.submission.landscape import ChangeKind  # noqa: PLC0415 - `--help` needs none of it

    _, made = _plan(program, landscape, (), today)
    wanted = (ChangeKind.REMOVED_PATH, ChangeKind.REMOVED_ITEM, ChangeKind.UNMATCHED)
    found = [one for one in made.changes if one.kind in wanted]
    if output_format == "json":
        click.echo(json.dumps([_data(one) for one in found], indent=2))
    else:
        click.echo("\n".join(_text(found)) if found else "Every entry among the certified products has a certificate.")
    if any(one.kind is not ChangeKind.UNMATCHED for one in found):
        raise click.exceptions.Exit(1)


def _plan(program: str, landscape: Path, names: tuple[str, ...], today: datetime | None) -> tuple[str, Plan]:
    from ai_conformance.submission import certified  # noqa: PLC0415 - as above
    from ai_conformance.submission import landscape as room  # noqa: PLC0415 - as above
    from ai_conformance.submission.landscape import products  # noqa: PLC0415 - as above

    copy = common.open_program(program)
    wanted = {name.lower() for name in names}
    found = certified.certificates(copy.products(), status.dates(copy.root))
    kept = [one for one in found if not wanted or one.product in wanted]
    text = common.read_landscape(landscape)
    day: date = (today or datetime.now(tz=UTC)).date()
    made = room.plan(text, products.products(kept), today=day)
    if wanted:
        # Whatever is none of the chosen products matches none of them.
        chosen = tuple(one for one in made.changes if one.kind is not room.ChangeKind.UNMATCHED)
        made = dataclasses.replace(made, changes=chosen)
    return text, made


def _patch(before: str, made: Plan) -> str:
    # Not by `splitlines`, for which a line ends at more than a line feed.
    lines = [re.findall(r"[^\n]*\n|[^\n]+", text) for text in (before, made.text)]
    parts = difflib.unified_diff(lines[0], lines[1], "a/landscape.yml", "b/landscape.yml")
    missing = "\n\\ No newline at end of file\n"
    return "".join(one if one.endswith("\n") else one + missing for one in parts)


def _text(changes: Iterable[Change]) -> list[str]:
    lines = [_line(one) for one in sorted(changes, key=lambda one: (one.kind.value, one.product.lower()))]
    return lines or ["There is nothing to do."]


def _line(change: Change) -> str:
    place = f" (line {change.line}: {change.item})" if change.item else ""
    look = "; its name is only similar, please look" if change.by_name else ""
    return f"{change.kind.value:13} {change.product}{place}{look}"


def _data(change: Change) -> dict[str, object]:
    return {
        "kind": change.kind.value,
        "product": change.product,
        "item": change.item or None,
        "line": change.line,
        "by_name": change.by_name,
    }
