"""`ai-conformance explain`: what is proved for a requirement and how, from the same metadata that the run uses."""

from __future__ import annotations

import click

from ai_conformance import catalog
from ai_conformance.checks import registry
from ai_conformance.checks.waits import Profile
from ai_conformance.cli import failures


@click.command()
@click.argument("requirement")
def explain(requirement: str) -> None:
    """Tell what is proved for REQUIREMENT, how, on what, and what to do when it does not pass."""
    facts = catalog.load()
    try:
        entry = facts.requirement(requirement)
    except catalog.UnknownName as error:
        raise failures.usage(str(error)) from None
    click.echo(f"{entry.id}: {entry.title}\n\n{entry.summary}\n")
    levels = [f"{release} {level}" for release, level in sorted(entry.levels.items())]
    levels += [f"{release} {level} (announced)" for release, level in sorted(entry.announced.items())]
    click.echo(f"Levels: {', '.join(levels)}")
    if entry.kar is not None:
        click.echo(f"Proposal: KAR {entry.kar}")
    if entry.condition:
        click.echo(f"Applies if {entry.condition}.")
    check = registry.get(entry.id)
    if check is None:
        click.echo("\nNot automated yet: every run lists it as NOT_TESTED, and a person has to attest.")
        return
    click.echo(f"Test: {check.artifact}\nNeeds: {check.needs}\n\n{check.summary}\n\nCases")
    for case in check.cases:
        click.echo(f"  {case.name} ({case.kind})\n      {case.proves}")
    click.echo("\nAPI verbs")
    for use in check.uses:
        where = "its own namespaces" if use.own_namespace else "the whole cluster"
        group = f" ({use.group})" if use.group else ""
        click.echo(f"  {use.plural}{group}: {', '.join(use.verbs)} in {where}")
    click.echo("\nWaits (seconds: lab, default, slow-cloud)")
    for wait in check.waits:
        durations = ", ".join(f"{wait.seconds(one):g}" for one in (Profile.LAB, Profile.DEFAULT, Profile.SLOW_CLOUD))
        click.echo(f"  {wait.name} ({durations}): {wait.reason}")
    click.echo(f"\nOn FAIL\n  {check.on_fail}\n\nOn BLOCKED\n  {check.on_blocked}")
