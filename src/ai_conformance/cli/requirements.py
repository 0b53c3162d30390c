"""`ai-conformance requirements`: the checklist of a release as facts."""

from __future__ import annotations

import json

import click

from ai_conformance import catalog
from ai_conformance.checks import registry
from ai_conformance.cli import failures


@click.command()
@click.option(
    "--release", default=None, metavar="RELEASE", help="Kubernetes release, such as 1.37; the newest if left out."
)
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def requirements(release: str | None, output_format: str) -> None:
    """List the requirements of a release: level, id, what it asks for, and whether it is automated."""
    facts = catalog.load()
    try:
        chosen = facts.release(release) if release else facts.releases[-1]
    except catalog.UnknownName as error:
        raise failures.usage(str(error)) from None
    rows = [
        {
            "id": one.id,
            "level": str(one.level_in(chosen)),
            "category": one.category.value,
            "title": one.title,
            "kar": one.kar,
            "test": one.artifact,
            "automated": registry.get(one.id) is not None,
        }
        for one in facts.requirements(chosen)
    ]
    if output_format == "json":
        click.echo(json.dumps({"release": str(chosen), "requirements": rows}, indent=2))
        return
    click.echo(f"Kubernetes {chosen}: {len(rows)} requirements")
    for row in rows:
        automated = "automated" if row["automated"] else "by a person"
        click.echo(f"  {row['level']:<7}{row['id']:<28}{automated:<13}{row['title']}")
