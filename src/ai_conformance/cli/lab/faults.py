"""Commands that break a lab on purpose, and mend it."""

from __future__ import annotations

import json

import click

from ai_conformance.cli.lab.shared import (
    LabGroup,
    format_option,
    name_option,
)


@click.group(cls=LabGroup)
def fault() -> None:
    """Break the lab on purpose, to see that checks notice."""


@fault.command(name="list")
@name_option
@format_option
def list_faults(name: str, output_format: str) -> None:
    """List the faults and which of them are active."""
    from ai_conformance.lab import registry  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab.faults import operations  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab.faults.registry import FAULTS  # noqa: PLC0415 - keeps --help fast

    record = registry.find(name)
    active = {entry.name for entry in operations.active(record.state)} if record is not None else set()
    if output_format == "json":
        rows = [{"name": f.name, "summary": f.summary, "active": f.name in active} for f in FAULTS]
        click.echo(json.dumps(rows, indent=2))
        return
    for known in FAULTS:
        click.echo(f"{'*' if known.name in active else ' '} {known.name:32} {known.summary}")


@fault.command()
@click.argument("fault_name", metavar="FAULT")
@click.option("--node", "nodes", multiple=True, metavar="NODE", help="Only on this node; may be repeated.")
@name_option
def apply(fault_name: str, nodes: tuple[str, ...], name: str) -> None:
    """Bring a fault about; returns when it has taken effect."""
    from ai_conformance.lab.faults import operations  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab.lab import Lab  # noqa: PLC0415 - keeps --help fast

    operations.apply(Lab.open(name), fault_name, nodes=nodes)
    click.echo(f"{fault_name} is in effect on lab {name}.")


@fault.command()
@click.argument("fault_name", metavar="[FAULT]", required=False)
@name_option
def clear(fault_name: str | None, name: str) -> None:
    """Undo one fault, or all."""
    from ai_conformance.lab.faults import operations  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab.lab import Lab  # noqa: PLC0415 - keeps --help fast

    cleared = operations.clear(Lab.open(name), fault_name)
    click.echo(f"Cleared: {', '.join(entry.name for entry in cleared) or 'nothing was active'}.")
