"""`ai-conformance requirements`: the checklist of a release at a glance, and which of it is automated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.model.releases import Release
    from ai_conformance.model.requirements import Requirement


@click.command()
@click.option("--release", metavar="RELEASE", help="Such as 1.37 or v1.37; by default the newest with a checklist.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def requirements(release: str | None, output_format: str) -> None:
    """List the requirements of a release: level, id, KAR, test name, and whether a check is automated."""
    from ai_conformance import catalog  # noqa: PLC0415 - `--help` reads no files

    facts = catalog.load()
    chosen = choose_release(facts, release)
    entries = [_entry(one, release=chosen) for one in facts.requirements(chosen)]
    announced = chosen not in facts.releases
    if output_format == "json":
        content = {"release": str(chosen), "announced": announced, "requirements": entries}
        click.echo(json.dumps(content, indent=2))
        return
    click.echo(_text(entries, release=chosen, announced=announced))


def choose_release(facts: Catalog, text: str | None) -> Release:
    """The release that was named, announced ones included, else the newest with a checklist. Raises Failure."""
    from ai_conformance.catalog import UnknownName  # noqa: PLC0415 - as above
    from ai_conformance.cli import failures  # noqa: PLC0415 - as above

    if text is None:
        return facts.releases[-1]
    try:
        return facts.release(text, announced=True)
    except UnknownName as error:
        raise failures.usage(str(error)) from error


def _entry(one: Requirement, *, release: Release) -> dict[str, object]:
    from ai_conformance.checks import registry  # noqa: PLC0415 - as above

    check = registry.get(one.id)
    level = one.level_in(release)
    return {
        "id": one.id,
        "title": one.title,
        "summary": one.summary,
        "category": one.category.value,
        "level": level.value if level else None,
        "kar": one.kar,
        "condition": one.condition or None,
        "artifact": check.artifact if check else one.artifact,
        "automated": check is not None,
    }


def _text(entries: list[dict[str, object]], *, release: Release, announced: bool) -> str:
    rows = [["LEVEL", "REQUIREMENT", "KAR", "AUTOMATED", "WHAT"]]
    rows += [
        [
            str(entry["level"]),
            str(entry["id"]) + ("*" if entry["condition"] else ""),
            str(entry["kar"] or "-"),
            "yes" if entry["automated"] else "no",
            str(entry["summary"]),
        ]
        for entry in entries
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    lines = [f"Kubernetes {release}: " + ("announced, the checklist is not out yet" if announced else "the checklist")]
    lines += [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]
    if any(entry["condition"] for entry in entries):
        lines.append("* only under a condition; `ai-conformance explain REQUIREMENT` names it.")
    return "\n".join(lines)
