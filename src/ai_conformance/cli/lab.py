"""``ai-conformance lab``: a real Kubernetes with fake accelerators on this machine. Presentation only."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ai_conformance.cli import failures
from ai_conformance.lab.errors import LabError, LabNotFoundError, LabUsageError
from ai_conformance.model.verdicts import ExitCode

if TYPE_CHECKING:
    from ai_conformance.lab.options import LabOptions

TAIL_DEFAULT = 100


class LabCommand(click.Command):
    """A command that turns what the lab reports into one message and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except LabUsageError as error:
            raise failures.Failure(str(error), code=ExitCode.USAGE) from error
        except LabNotFoundError as error:
            raise failures.Failure(str(error), code=ExitCode.NOT_CONFORMANT) from error
        except LabError as error:
            raise failures.Failure(str(error), code=ExitCode.NOT_EVALUATED) from error
        except PermissionError as error:
            raise failures.Failure(
                f"Not permitted: {error}. A lab needs root; `ai-conformance lab doctor` checks it.",
                code=ExitCode.NOT_EVALUATED,
            ) from error


class LabGroup(click.Group):
    """A group all of whose commands are LabCommands."""

    command_class = LabCommand
    group_class = type


@click.group(cls=LabGroup)
def lab() -> None:
    """A real Kubernetes with fake accelerators on this machine: no Docker, no VM, no image registry.

    Needs Linux and root; `lab doctor` says what is missing.
    """


def name_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--name, as every command has it."""
    return click.option("--name", default="default", show_default=True, metavar="NAME", help="Which lab.")(function)


def output_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--output, for people or programs."""
    return click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)(function)


def lab_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """What `up` and `doctor` and `build` take to describe a lab."""
    for option in (
        click.option("--vendor", type=click.Choice(["lab", "nvidia"]), default="lab", show_default=True,
                     help="In whose dress the accelerators appear."),
        click.option("--mechanism", type=click.Choice(["dra", "device-plugin", "both"]), default="both",
                     show_default=True, help="How nodes offer accelerators."),
        click.option("--accelerators", type=int, default=4, show_default=True,
                     help="Accelerators per node and mechanism."),
        click.option("--nodes", type=int, default=2, show_default=True),
        click.option("--kubernetes-binaries", type=click.Path(path_type=Path, exists=True, file_okay=False),
                     help="A folder of official server binaries, instead of building them."),
        click.option("--kubernetes", default="1.37", show_default=True, metavar="VERSION",
                     help="Kubernetes to build: 1.37, 1.36, or the exact patch."),
    ):  # fmt: skip
        function = option(function)
    return function


def _options(name: str, values: dict[str, Any]) -> LabOptions:
    from ai_conformance.lab.accelerators.flavours import Mechanism, Vendor  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab.options import LabOptions  # noqa: PLC0415 - keeps --help fast

    return LabOptions(
        name=name,
        kubernetes=values["kubernetes"],
        kubernetes_binaries=values["kubernetes_binaries"],
        nodes=values["nodes"],
        accelerators=values["accelerators"],
        mechanism=Mechanism(values["mechanism"]),
        vendor=Vendor(values["vendor"]),
    )


class StepPrinter:
    """Prints each step with the time since the start; on a terminal with a spinner while the next one goes on."""

    def __init__(self, what: str) -> None:
        self._started = time.monotonic()
        self._what = what
        self._status: Any = None

    def __enter__(self) -> StepPrinter:
        if sys.stderr.isatty():
            from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it

            self._status = Console(stderr=True).status(self._what)
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def __call__(self, step: str) -> None:
        """One step is done."""
        click.echo(f"{self.elapsed_s:6.1f} s  {step}", err=True)

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._started


@lab.command()
@name_option
@lab_options
@click.option("--state", type=click.Path(path_type=Path), help="Folder for the lab's files, removed by `down`.")
def up(name: str, state: Path | None, **values: Any) -> None:
    """Bring a lab up; one that is half up or broken is made anew."""
    from ai_conformance.lab import bringing_up, doctor  # noqa: PLC0415 - keeps --help fast

    options = _options(name, values)
    if os.geteuid() != 0:
        raise LabError("A lab needs root.", remedy=doctor.root().remedy)
    with StepPrinter(f"lab {name}") as printer:
        record, already = bringing_up.up(options, state=state, progress=printer)
    what = "is up already" if already else f"is up after {printer.elapsed_s:.1f} s"
    click.echo(f"Lab {name} {what}: Kubernetes {record.kubernetes}, {options.nodes} nodes.")
    click.echo(f"export KUBECONFIG={record.kubeconfig}")


@lab.command()
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


@lab.command()
@lab_options
def build(**values: Any) -> None:
    """Only fetch and build what a lab needs, into the cache."""
    from ai_conformance.lab import bringing_up  # noqa: PLC0415 - keeps --help fast

    with StepPrinter("building (minutes, the first time)") as printer:
        bringing_up.prepare(_options("default", values), progress=printer)


@lab.command()
@lab_options
@output_option
@click.pass_context
def doctor(ctx: click.Context, /, output: str, **values: Any) -> None:
    """Check what a lab needs of this machine, and say how to get what is missing."""
    from ai_conformance.lab import doctor as examination  # noqa: PLC0415 - keeps --help fast

    findings = examination.examine(options=_options("default", values))
    if output == "json":
        click.echo(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{'ok     ' if finding.ok else 'MISSING'}  {finding.name}: {finding.found}")
            if finding.remedy:
                click.echo(f"         -> {finding.remedy}")
    if not all(finding.ok for finding in findings):
        ctx.exit(ExitCode.NOT_EVALUATED)


@lab.command()
@name_option
@output_option
@click.pass_context
def status(ctx: click.Context, name: str, output: str) -> None:
    """Show components, memory, nodes, devices and faults. Exits with 1 unless all is well."""
    from ai_conformance.lab import registry  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab import status as looking  # noqa: PLC0415 - keeps --help fast

    seen = looking.look(registry.get(name))
    if output == "json":
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


@lab.command(name="list")
@output_option
def list_labs(output: str) -> None:
    """List the labs of this user."""
    from ai_conformance.lab import registry  # noqa: PLC0415 - keeps --help fast

    records = [record for name in registry.names() if (record := registry.find(name)) is not None]
    if output == "json":
        rows = [{"name": r.name, "phase": r.phase, "state": str(r.state), "kubernetes": r.kubernetes} for r in records]
        click.echo(json.dumps(rows, indent=2))
        return
    for record in records:
        click.echo(f"{record.name}  {record.phase}  {record.addresses.network}  {record.state}")


@lab.command()
@name_option
@click.option("--raw", is_flag=True, help="Print the content, not the path.")
def kubeconfig(name: str, raw: bool) -> None:
    """Print where the lab's own kubeconfig is; yours is never touched."""
    from ai_conformance.lab import registry  # noqa: PLC0415 - keeps --help fast

    path = registry.get(name).kubeconfig
    if not path.exists():
        raise LabNotFoundError(f"Lab {name!r} is not up.", remedy=f"Bring it up: ai-conformance lab up --name {name}")
    click.echo(path.read_text() if raw else path, nl=not raw)


@lab.command()
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


@lab.command(name="exec", context_settings={"ignore_unknown_options": True})
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


@lab.group(cls=LabGroup)
def fault() -> None:
    """Break the lab on purpose, to see that checks notice."""


@fault.command(name="list")
@name_option
@output_option
def list_faults(name: str, output: str) -> None:
    """List the faults and which of them are active."""
    from ai_conformance.lab import registry  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab.faults import operations  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab.faults.registry import FAULTS  # noqa: PLC0415 - keeps --help fast

    record = registry.find(name)
    active = {entry.name for entry in operations.active(record.state)} if record is not None else set()
    if output == "json":
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
