"""Commands that bring operators, autoscalers, monitoring and gateways into a lab, and take them out."""

from __future__ import annotations

import json

import click

from ai_conformance.cli.lab.shared import LabGroup, StepPrinter, format_option, name_option


@click.group(cls=LabGroup)
def addon() -> None:
    """What users run on top of Kubernetes: operators, autoscalers, monitoring, gateways."""


@addon.command(name="list")
@name_option
@format_option
def list_addons(name: str, output_format: str) -> None:
    """List the add-ons, what each is for, and which are in the lab."""
    from ai_conformance.lab import registry as labs  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab.addons.ledger import installed  # noqa: PLC0415 - as above
    from ai_conformance.lab.addons.registry import ADDONS  # noqa: PLC0415 - as above

    record = labs.find(name)
    there = installed(record.state) if record is not None else {}
    if output_format == "json":
        rows = [
            {
                "name": one.name,
                "summary": one.summary,
                "serves": list(one.serves),
                "needs": list(one.needs),
                "needs_one_of": list(one.needs_one_of),
                "extra": one.extra,
                "memory_mib": one.memory_mib,
                "installed": there.get(one.name, False),
            }
            for one in ADDONS
        ]
        click.echo(json.dumps(rows, indent=2))
        return
    for one in ADDONS:
        mark = {True: "*", False: "!"}.get(there[one.name]) if one.name in there else " "
        needed = [*one.needs, *([" or ".join(one.needs_one_of)] if one.needs_one_of else [])]
        needs = f"; needs {', '.join(needed)}" if needed else ""
        extra = "; extra" if one.extra else ""
        serves = ", ".join(one.serves)
        click.echo(f"{mark} {one.name:16} {one.summary} For {serves}{needs}{extra}; {one.memory_mib} MiB.")
    if False in there.values():
        click.echo("! is half installed: install it again, or remove it.")


@addon.command()
@click.argument("names", metavar="NAME[,NAME...]|musts|all")
@name_option
def install(names: str, name: str) -> None:
    """Build add-ons, the first time, and bring them into the lab with what they need; returns when they work."""
    from ai_conformance.lab.addons import operations  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab.addons import registry as addons  # noqa: PLC0415 - as above
    from ai_conformance.lab.lab import Lab  # noqa: PLC0415 - as above
    from ai_conformance.lab.paths import cache_root  # noqa: PLC0415 - as above

    wanted = addons.parse(names)
    lab = Lab.open(name)
    with StepPrinter(f"installing {names}") as printer:
        operations.install(lab, wanted, cache=cache_root(), progress=printer)


@addon.command()
@click.argument("addon_name", metavar="NAME")
@name_option
def remove(addon_name: str, name: str) -> None:
    """Take an add-on out of the lab: its objects, its processes, its custom resources."""
    from ai_conformance.lab.addons import operations  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab.lab import Lab  # noqa: PLC0415 - as above

    with StepPrinter(f"removing {addon_name}") as printer:
        if not operations.remove(Lab.open(name), addon_name, progress=printer):
            click.echo(f"Lab {name} has no {addon_name}.")
