"""`ai-conformance explain`: what is proved for a requirement, how, on what, and what to do about its verdict.

From the catalog's entry and, where there is a check, from what that check declares; there is no second text to keep.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from ai_conformance.checks.waits import Profile

if TYPE_CHECKING:
    from ai_conformance.checks.metadata import CheckMetadata
    from ai_conformance.lab.faults.model import Fault
    from ai_conformance.model.requirements import Requirement

_WIDTH = 100
_BY_HAND = (
    "No check is automated yet, so a run reports NOT_TESTED. A person has to try it and to attest to it; a submission "
    "then links evidence of one's own, such as public documentation or a log."
)


@click.command()
@click.argument("requirement")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(requirement: str, output_format: str) -> None:
    """Tell what is proved for REQUIREMENT (an id such as gang_scheduling), how, and what to do about its verdict."""
    from ai_conformance import catalog  # noqa: PLC0415 - `--help` reads no files
    from ai_conformance.checks import registry  # noqa: PLC0415 - as above
    from ai_conformance.cli import failures  # noqa: PLC0415 - as above

    try:
        entry = catalog.load().requirement(requirement)
    except catalog.UnknownName as error:
        raise failures.usage(str(error)) from error
    check = registry.get(entry.id)
    if output_format == "json":
        click.echo(json.dumps(_data(entry, check), indent=2))
    else:
        click.echo("\n".join(_text(entry, check)))


def _data(entry: Requirement, check: CheckMetadata | None) -> dict[str, object]:
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
                for one in check.uses
            ],
            "kinds": list(_kinds(check)),
            "images": list(check.images),
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
                for one in _faults(entry)
            ],
        }
    return content


def _text(entry: Requirement, check: CheckMetadata | None) -> Iterator[str]:
    yield f"{entry.id}: {entry.title}"
    yield from _paragraph(entry.summary)
    yield ""
    levels = [f"{release} {level.value}" for release, level in entry.levels.items()]
    levels += [f"{release} {level.value} (announced)" for release, level in entry.announced.items()]
    yield from _field("Levels", ", ".join(levels))
    yield from _field(
        "Proposal", f"KAR-{entry.kar:04d}" if entry.kar is not None else "older than the proposals (KARs)"
    )
    if entry.condition:
        yield from _field(
            "Applies", f"if {entry.condition}; otherwise NOT_APPLICABLE, with the observation that shows it"
        )
    if entry.artifact:
        proposed = " (proposed, not merged yet)" if entry.artifact_proposed else ""
        yield from _field("Program's test", entry.artifact + proposed)
    yield ""
    if check is None:
        yield from _paragraph(_BY_HAND)
        return
    yield from _field("Proved here", check.summary)
    yield from _field("Test name", check.artifact)
    yield from _field("On what", check.needs)
    yield ""
    yield "Cases"
    for case in check.cases:
        yield from _field(f"  {case.kind.value}", f"{case.name}: {case.proves}")
    if check.kinds is not None:
        yield ""
        yield "Kinds that it knows; where several are there, the first is judged unless an option names another"
        for kind in _kinds(check):
            name, _, text = kind.partition(": ")
            yield from _field(f"  {name}", text)
    yield ""
    yield "Faults that it is tried with (ai-conformance lab fault apply NAME), and its verdict"
    for fault in _faults(entry):
        asked = f" (with {' '.join(fault.options)})" if fault.options else ""
        yield from _field(f"  {fault.breaks[entry.id]}", f"{fault.name}: {fault.summary}{asked}")
    yield ""
    yield "API verbs"
    for use in check.uses:
        where = "in its own namespaces" if use.own_namespace else "in the whole cluster"
        named = f"{use.plural}.{use.group}" if use.group else use.plural
        yield from _field(f"  {named}", f"{', '.join(use.verbs)} ({where})")
    yield from _field("Images", ", ".join(check.images) or "none")
    yield ""
    yield f"Waits, in seconds ({', '.join(profile.value for profile in Profile)})"
    for wait in check.waits:
        durations = ", ".join(f"{wait.seconds(profile):g}" for profile in Profile)
        yield from _field(f"  {wait.name}", f"{durations}: {wait.reason}")
    yield ""
    yield from _field("On FAIL", check.on_fail)
    yield from _field("On BLOCKED", check.on_blocked)


def _kinds(check: CheckMetadata) -> tuple[str, ...]:
    from ai_conformance import catalog  # noqa: PLC0415 - `--help` reads no files

    return check.kinds(catalog.load()) if check.kinds is not None else ()


def _faults(entry: Requirement) -> list[Fault]:
    from ai_conformance.lab.faults.registry import FAULTS  # noqa: PLC0415 - `--help` reads none of them

    return [fault for fault in FAULTS if entry.id in fault.breaks]


def _paragraph(text: str) -> Iterable[str]:
    return textwrap.wrap(text, width=_WIDTH)


def _field(name: str, text: str) -> Iterable[str]:
    # Names of one column; a longer one takes the room that it needs.
    label = f"{name}: " if len(name) >= 15 else f"{name}:".ljust(16)
    return textwrap.wrap(
        " ".join(text.split()), width=_WIDTH, initial_indent=label, subsequent_indent=" " * 16, break_on_hyphens=False
    )
