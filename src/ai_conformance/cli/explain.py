"""`ai-conformance explain`: what is proved for a requirement, how, on what, and what to do about its verdict.

What is told is put together in `explanation`, from what the check declares; there is no second text to keep.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from ai_conformance.checks.waits import Profile
from ai_conformance.cli import explanation

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.checks.metadata import CheckMetadata
    from ai_conformance.cli.explanation import Explanation
    from ai_conformance.model.requirements import Requirement

_WIDTH = 100


@click.command()
@click.argument("requirement")
@click.option("--output-format", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def explain(requirement: str, output_format: str) -> None:
    """Tell what is proved for REQUIREMENT (an id such as gang_scheduling), how, and what to do about its verdict."""
    from ai_conformance import catalog  # noqa: PLC0415 - `--help` reads no files
    from ai_conformance.checks import registry  # noqa: PLC0415 - as above
    from ai_conformance.cli import failures  # noqa: PLC0415 - as above

    try:
        facts = catalog.load()
        entry = facts.requirement(requirement)
    except catalog.UnknownName as error:
        raise failures.usage(str(error)) from error
    check = registry.get(entry.id)
    if output_format == "json":
        click.echo(json.dumps(_data(entry, check, facts=facts), indent=2))
    elif output_format == "markdown":
        from ai_conformance.cli import pages  # noqa: PLC0415 - as above

        click.echo("\n".join(pages.lines(explanation.of(entry, facts=facts))), nl=False)
    else:
        click.echo("\n".join(_text(explanation.of(entry, facts=facts))))


def _data(entry: Requirement, check: CheckMetadata | None, *, facts: Catalog) -> dict[str, object]:
    content: dict[str, object] = {
        "id": entry.id,
        "title": entry.title,
        "summary": entry.summary,
        "category": entry.category.value,
        "kar": entry.kar,
        "condition": entry.condition or None,
        "levels": {str(release): level.value for release, level in entry.levels.items()},
        "announced": {str(release): level.value for release, level in entry.announced.items()},
        "program_test": entry.artifact,
        "program_test_proposed": entry.artifact_proposed,
        "automated": check is not None,
    }
    if check is not None:
        content["check"] = {
            "artifact": check.artifact,
            "summary": check.summary,
            "needs": check.needs,
            "cases": [{"name": one.name, "kind": one.kind.value, "proves": one.proves} for one in check.cases],
            "uses": [
                {"group": one.group, "resource": one.plural, "verbs": list(one.verbs), "cluster": not one.own_namespace}
                for one in check.all_uses
            ],
            "namespaces": [
                {"suffix": one.suffix, "pod_security": one.level.value, "why": one.why} for one in check.relaxed
            ],
            "network": check.network.value,
            "kinds": list(check.kinds(facts)) if check.kinds is not None else [],
            "images": list(check.images),
            "evidence": [{"name": one.name, "content": one.content} for one in check.evidence],
            "waits": [
                {
                    "name": one.name,
                    "reason": one.reason,
                    "seconds": {profile.value: one.seconds(profile) for profile in Profile},
                }
                for one in check.waits
            ],
            "on_fail": check.on_fail,
            "on_blocked": check.on_blocked,
            "faults": [
                {
                    "name": one.name,
                    "summary": one.summary,
                    "verdict": one.breaks[entry.id],
                    "options": list(one.options),
                }
                for one in explanation.faults(entry)
            ],
        }
    return content


def _text(told: Explanation) -> Iterator[str]:
    yield f"{told.id}: {told.title}"
    yield from _paragraph(told.summary)
    yield ""
    for fact in told.facts:
        yield from _field(fact.name, fact.text)
    if not told.parts:
        yield ""
        yield from _paragraph(explanation.BY_HAND)
    for part in told.parts:
        yield ""
        if isinstance(part, explanation.Table):
            yield part.title
            for name, *rest in part.rows:
                yield from _field(f"  {name}", ": ".join(rest))
        else:
            for one in part.fields:
                yield from _field(one.name, one.text)


def _paragraph(text: str) -> Iterable[str]:
    return textwrap.wrap(text, width=_WIDTH)


def _field(name: str, text: str) -> Iterable[str]:
    # Names of one column; a longer one takes the room that it needs.
    label = f"{name}: " if len(name) >= 15 else f"{name}:".ljust(16)
    return textwrap.wrap(
        " ".join(text.split()), width=_WIDTH, initial_indent=label, subsequent_indent=" " * 16, break_on_hyphens=False
    )
