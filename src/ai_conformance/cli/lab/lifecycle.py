"""Commands that make a lab and take it away."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import click

from ai_conformance.cli.lab.shared import (
    LabCommand,
    StepPrinter,
    addons_option,
    format_option,
    lab_options,
    name_option,
    options_of,
)
from ai_conformance.lab.errors import LabError, LabNotFoundError
from ai_conformance.lab.paths import cache_root
from ai_conformance.model.verdicts import ExitCode


@click.command(cls=LabCommand)
@name_option
@lab_options
@click.option("--state", type=click.Path(path_type=Path), help="Folder for the lab's files, removed by `down`.")
@addons_option
def up(name: str, state: Path | None, addons: str, **values: Any) -> None:
    """Bring a lab up; one that is half up or broken is made anew."""
    from ai_conformance.lab import bringing_up, doctor  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab.addons import operations, registry  # noqa: PLC0415 - as above
    from ai_conformance.lab.lab import Lab  # noqa: PLC0415 - as above

    options, wanted = options_of(name, values), registry.parse(addons)
    if os.geteuid() != 0:
        raise LabError("A lab needs root.", remedy=doctor.root().remedy)
    with StepPrinter(f"lab {name}") as printer:
        # What takes minutes comes first: a lab that waits for a build is memory wasted.
        operations.prepare(wanted, cache=cache_root(), progress=printer)
        record, already = bringing_up.up(options, state=state, progress=printer)
        if wanted:
            operations.install(Lab(record), wanted, cache=cache_root(), progress=printer)
    what = "is up already" if already else f"is up after {printer.elapsed_s:.1f} s"
    click.echo(f"Lab {name} {what}: Kubernetes {record.kubernetes}, {options.nodes} nodes.")
    click.echo(f"export KUBECONFIG={record.kubeconfig}")


@click.command(cls=LabCommand)
@name_option
def down(name: str) -> None:
    """Take a lab down; nothing of it is left. That there is none is no error."""
    from ai_conformance.lab import taking_down  # noqa: PLC0415 - keeps --help fast

    with StepPrinter(f"taking down lab {name}") as printer:
        try:
            taking_down.down(name)
        except LabNotFoundError as error:
            click.echo(error.what)
            return
    click.echo(f"Lab {name} is gone after {printer.elapsed_s:.1f} s.")


@click.command(cls=LabCommand)
@lab_options
@addons_option
def build(addons: str, **values: Any) -> None:
    """Only fetch and build what a lab and its add-ons need, into the cache."""
    from ai_conformance.lab import bringing_up  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab.addons import operations, registry  # noqa: PLC0415 - as above

    wanted = registry.parse(addons)
    with StepPrinter("building (minutes, the first time)") as printer:
        bringing_up.prepare(options_of("default", values), progress=printer)
        operations.prepare(wanted, cache=cache_root(), progress=printer)


@click.command(cls=LabCommand)
@lab_options
@format_option
@click.pass_context
def doctor(ctx: click.Context, /, output_format: str, **values: Any) -> None:
    """Check what a lab needs of this machine, and say how to get what is missing."""
    from ai_conformance.lab import doctor as examination  # noqa: PLC0415 - keeps --help fast

    findings = examination.examine(options=options_of("default", values))
    if output_format == "json":
        click.echo(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{'ok     ' if finding.ok else 'MISSING'}  {finding.name}: {finding.found}")
            if finding.remedy:
                click.echo(f"         -> {finding.remedy}")
    if not all(finding.ok for finding in findings):
        ctx.exit(ExitCode.NOT_EVALUATED)
