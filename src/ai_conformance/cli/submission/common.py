"""What the commands about a submission share: the option for the program's copy, and errors as messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ai_conformance.catalog.errors import CatalogError, UnknownName
from ai_conformance.cli import failures
from ai_conformance.model.verdicts import ExitCode
from ai_conformance.reports import escaping
from ai_conformance.submission.errors import SubmissionError

if TYPE_CHECKING:
    from ai_conformance.model.releases import Release
    from ai_conformance.submission.program_copy import ProgramCopy

_Function = TypeVar("_Function", bound=Callable[..., Any])

FOLDER = click.Path(path_type=Path)


class SubmissionCommand(click.Command):
    """A command that turns what the room reports into one message and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except SubmissionError as error:
            raise failures.Failure(str(error), code=error.code) from error
        except (CatalogError, UnknownName) as error:
            raise failures.Failure(str(error), code=ExitCode.USAGE) from error


def program_option(*, required: bool = True) -> Callable[[_Function], _Function]:
    """``--program``, as every command has it."""
    return click.option(
        "--program",
        required=required,
        metavar="DIR|URL",
        envvar="AI_CONFORMANCE_PROGRAM",
        help="The program's repository: a folder, or the URL of an archive of it (.tar.gz, .zip).",
    )


def open_program(where: str) -> ProgramCopy:
    """The copy that `--program` names; says what is done while it is downloaded."""
    from ai_conformance.submission import program_copy  # noqa: PLC0415 - `--help` needs none of it

    return program_copy.open_copy(where, tell=lambda sentence: click.echo(sentence, err=True))


def release_of(text: str) -> Release:
    """A release that is written like one; whether there is a checklist of it, the program's copy knows."""
    from ai_conformance.model.releases import Release  # noqa: PLC0415 - as above

    try:
        return Release.parse(text)
    except ValueError as error:
        raise failures.usage(f"--release: {error}") from error


def printable(text: str) -> str:
    """A text of somebody else for a terminal: nothing in it can move the cursor or hide a line."""
    return escaping.escape(text)
