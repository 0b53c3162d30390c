"""What the commands of ``ai-conformance lab`` have in common: their options, their errors, how they show progress."""

from __future__ import annotations

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


def name_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--name, as every command has it."""
    return click.option("--name", default="default", show_default=True, metavar="NAME", help="Which lab.")(function)


def format_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--output-format, for people or programs."""
    return click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)(
        function
    )


def addons_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """--addons, for the commands that build or bring up."""
    return click.option(
        "--addons",
        default="none",
        show_default=True,
        metavar="NAME[,NAME...]|musts|all|none",
        help="What to install on top; `lab addon list` names them. musts: what all MUSTs need, without the extras.",
    )(function)


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


def options_of(name: str, values: dict[str, Any]) -> LabOptions:
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
