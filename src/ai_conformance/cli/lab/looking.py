"""Commands that look at a lab, or into a node of it."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys

import click

from ai_conformance.cli import failures
from ai_conformance.cli.lab.shared import (
    LabCommand,
    format_option,
    name_option,
)
from ai_conformance.lab.errors import LabNotFoundError, LabUsageError
from ai_conformance.model.verdicts import ExitCode

TAIL_DEFAULT = 100


@click.command(cls=LabCommand)
@name_option
@format_option
@click.pass_context
def status(ctx: click.Context, name: str, output_format: str) -> None:
    """Show components, memory, nodes, devices and faults. Exits with 1 unless all is well."""
    from ai_conformance.lab import registry  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab import status as looking  # noqa: PLC0415 - keeps --help fast

    seen = looking.look(registry.get(name))
    if output_format == "json":
        value = {**dataclasses.asdict(seen), "healthy": seen.healthy, "memory_bytes": seen.memory_bytes}
        click.echo(json.dumps(value, indent=2))
    else:
        click.echo(f"Lab {name}: {seen.phase}, Kubernetes {seen.kubernetes}, {seen.api_server}, state {seen.state}")
        for part in seen.components:
            memory = f"RSS {part.rss_bytes >> 20:4d} MiB  PSS {part.pss_bytes >> 20:4d} MiB"
            click.echo(f"  {part.name:26} {part.pid:8}  {memory if part.running else 'NOT RUNNING'}")
        click.echo(f"  {'in all (PSS, shared pages once)':36}  {seen.memory_bytes >> 20} MiB")
        for node in seen.nodes:
            offered = ", ".join(f"{key}: {value}" for key, value in node.allocatable.items())
            ready = "ready" if node.ready else "NOT READY"
            click.echo(f"  node {node.name}: {ready}; devices by DRA: {node.devices}; {offered}")
        if seen.api_problem:
            click.echo(f"  {seen.api_problem}")
        click.echo(f"  faults: {', '.join(seen.faults) or 'none'}")
    if not seen.healthy:
        ctx.exit(ExitCode.NOT_CONFORMANT)


@click.command(cls=LabCommand, name="list")
@format_option
def list_labs(output_format: str) -> None:
    """List the labs of this user."""
    from ai_conformance.lab import registry  # noqa: PLC0415 - keeps --help fast

    records = [record for name in registry.names() if (record := registry.find(name)) is not None]
    if output_format == "json":
        rows = [{"name": r.name, "phase": r.phase, "state": str(r.state), "kubernetes": r.kubernetes} for r in records]
        click.echo(json.dumps(rows, indent=2))
        return
    for record in records:
        click.echo(f"{record.name}  {record.phase}  {record.addresses.network}  {record.state}")


@click.command(cls=LabCommand)
@name_option
@click.option("--raw", is_flag=True, help="Print the content, not the path.")
def kubeconfig(name: str, raw: bool) -> None:
    """Print where the lab's own kubeconfig is; yours is never touched."""
    from ai_conformance.lab import registry  # noqa: PLC0415 - keeps --help fast

    path = registry.get(name).kubeconfig
    if not path.exists():
        raise LabNotFoundError(f"Lab {name!r} is not up.", remedy=f"Bring it up: ai-conformance lab up --name {name}")
    click.echo(path.read_text() if raw else path, nl=not raw)


@click.command(cls=LabCommand)
@click.argument("component")
@name_option
@click.option("--follow", "-f", is_flag=True, help="Go on as the log grows.")
@click.option("--tail", default=TAIL_DEFAULT, show_default=True, metavar="LINES", help="How many of the last lines.")
def logs(component: str, name: str, follow: bool, tail: int) -> None:
    """Print what a component logged: kube-apiserver, n1/kubelet, ..."""
    from ai_conformance.lab import registry  # noqa: PLC0415 - keeps --help fast

    record = registry.get(name)
    path = record.log(component)
    if not path.exists():
        folder = record.state / "logs"
        known = sorted(str(file.relative_to(folder).with_suffix("")) for file in folder.rglob("*.log"))
        raise LabUsageError(failures.unknown("component", component, known=known))
    command = ["tail", f"--lines={tail}", *(["--follow"] if follow else []), "--", str(path)]
    sys.stdout.flush()
    subprocess.run(command, check=False)


@click.command(cls=LabCommand, name="exec", context_settings={"ignore_unknown_options": True})
@click.argument("node")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@name_option
@click.pass_context
def exec_in_node(ctx: click.Context, node: str, command: tuple[str, ...], name: str) -> None:
    """Run a command inside a node: lab exec n1 -- ip addr"""
    from ai_conformance.lab.lab import Lab  # noqa: PLC0415 - keeps --help fast

    running = Lab.open(name)
    enter = running.launcher.enter(running.node(node).name)
    ctx.exit(subprocess.run([*enter, *command], check=False, env=running.launcher.environment()).returncode)
