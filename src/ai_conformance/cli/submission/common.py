"""What the commands about a submission share: the option for the program's copy, and errors as messages."""

from __future__ import annotations

import errno
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
    from ai_conformance.submission.folders import ProductFolder
    from ai_conformance.submission.program_copy import ProgramCopy

_Function = TypeVar("_Function", bound=Callable[..., Any])

FOLDER = click.Path(path_type=Path)
_MAX_LANDSCAPE_BYTES = 64 * 1024 * 1024


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
        except OSError as error:
            if error.errno == errno.ENOSPC and error.filename is None:
                sentence = f"the output cannot be written: {error.strerror}"
                raise failures.Failure(sentence, code=ExitCode.NOT_EVALUATED) from error
            if error.filename is None:
                raise
            # Whatever file it is, the command line led to it.
            raise failures.usage(f"{error.filename}: {error.strerror}") from error


def program_option(*, required: bool = True) -> Callable[[_Function], _Function]:
    """``--program``, as every command has it."""
    return click.option(
        "--program",
        required=required,
        metavar="DIR|URL",
        envvar="AI_CONFORMANCE_PROGRAM",
        help="The program's repository: a folder, or the URL of an archive of it (.tar.gz, .zip).",
    )


def product_bytes(place: ProductFolder) -> bytes:
    """PRODUCT.yaml of a folder. Raises SubmissionError, which names the folder: a command may have been given two."""
    from ai_conformance.submission import documents  # noqa: PLC0415 - `--help` needs none of it
    from ai_conformance.submission.folders import FolderError, Missing  # noqa: PLC0415 - as above

    try:
        return place.read(place.product_file.name, limit_bytes=documents.MAX_BYTES)
    except Missing:
        raise SubmissionError(f"there is no {place.product_file}; `submission init` begins one") from None
    except FolderError as error:
        raise SubmissionError(f"{place.path}: {error}") from None


def folder_argument(function: _Function) -> _Function:
    """FOLDER, by default the one that the user is in."""
    return click.argument("folder", type=FOLDER, default=".", metavar="[FOLDER]")(function)


def landscape_option(*, required: bool = True) -> Callable[[_Function], _Function]:
    """``--landscape``, from which the certified products and the members of the CNCF are known."""
    return click.option(
        "--landscape",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        required=required,
        metavar="FILE",
        help="The CNCF landscape's file, landscape.yml of its repository"
        + ("." if required else "; vendorName is looked up among the members there."),
    )


def read_landscape(file: Path) -> str:
    """The landscape's text. Raises SubmissionError where it cannot be it."""
    from ai_conformance.submission.landscape import LandscapeError  # noqa: PLC0415 - `--help` needs none of it

    try:
        if file.stat().st_size > _MAX_LANDSCAPE_BYTES:
            raise LandscapeError(f"{file} is larger than {_MAX_LANDSCAPE_BYTES} bytes; is it the landscape's file?")
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise LandscapeError(f"{file} is not UTF-8; is it the landscape's file?") from None
    except OSError as error:
        raise LandscapeError(f"{file} cannot be read: {error.strerror}") from None


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
