"""`ai-conformance submission status`: certified products and how long they have left."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_conformance.cli.submission import common
from ai_conformance.submission.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from ai_conformance.submission.certified import Certificate


DAY = click.DateTime(["%Y-%m-%d"])


@click.command(cls=common.SubmissionCommand)
@common.program_option()
@click.option("--today", type=DAY, metavar="DATE", help="The day to count from.  [default: today, UTC]")
@click.option("--product", "products", multiple=True, metavar="NAME", help="Only folders of this name; repeatable.")
@click.option("--output-format", type=click.Choice(["text", "json", "icalendar"]), default="text", show_default=True)
def status(program: str, today: datetime | None, products: tuple[str, ...], output_format: str) -> None:
    """List certified products: release, day of the merge, days left.

    A certificate is good for a year from the merge, and said to be ending in its last 45 days.
    The day of a merge comes from the history of a git checkout (--program DIR); of an archive it is not known.
    """
    from ai_conformance.submission import certified  # noqa: PLC0415 - `--help` needs none of it

    copy = common.open_program(program)
    wanted = {name.lower() for name in products}
    found = [
        one for one in certified.certificates(copy.products(), dates(copy.root)) if not wanted or one.product in wanted
    ]
    day = (today or datetime.now(tz=UTC)).date()
    if output_format == "icalendar":
        from ai_conformance.submission.certified import calendar  # noqa: PLC0415 - heavy

        click.echo(calendar.to_bytes(found), nl=False)
    elif output_format == "json":
        click.echo(json.dumps({"today": day.isoformat(), "certificates": [_data(one, day) for one in found]}, indent=2))
    else:
        click.echo("\n".join(_text(found, day)))


def dates(root: Path) -> Mapping[str, date]:
    """The days of the merges as far as they can be known; says why where they cannot."""
    from ai_conformance.submission.certified import merges  # noqa: PLC0415 - as above

    try:
        found = merges.merge_dates(root)
    except Unavailable as error:
        click.echo(f"Warning: {error}", err=True)
        return {}
    if not found:
        checkout = (root / ".git").exists()
        why = "the history there adds no vX.Y/<product>/PRODUCT.yaml" if checkout else "it is no git checkout"
        click.echo(f"Warning: the days of the merges into {root} are not known: {why}", err=True)
    return found


def _data(one: Certificate, today: date) -> dict[str, object]:
    return {
        "folder": one.folder,
        "release": str(one.release),
        "product": one.name,
        "vendor": one.vendor or None,
        "merged": one.merged.isoformat() if one.merged else None,
        "ends": one.ends.isoformat() if one.ends else None,
        "days_left": one.days_left(today),
        "state": one.state(today).value,
    }


def _text(found: list[Certificate], today: date) -> list[str]:
    if not found:
        return ["No product is certified here."]
    rows = [("FOLDER", "PRODUCT", "MERGED", "ENDS", "DAYS", "STATE")]
    rows += [
        (
            one.folder,
            one.name if len(one.name) <= 40 else f"{one.name[:39]}…",
            one.merged.isoformat() if one.merged else "unknown",
            one.ends.isoformat() if one.ends else "unknown",
            str(one.days_left(today)) if one.ends else "-",
            one.state(today).value,
        )
        for one in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    counts = {state: sum(one.state(today) == state for one in found) for state in {one.state(today) for one in found}}
    return [*lines, "", ", ".join(f"{count} {state.value}" for state, count in sorted(counts.items()))]
