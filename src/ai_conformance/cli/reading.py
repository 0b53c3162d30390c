"""What commands that only read runs share: errors as messages, and output that is bytes."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import click

from ai_conformance.cli import failures


class ReadingCommand(click.Command):
    """A command that turns what the reports' room raises into one message and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        from ai_conformance.reports import run_folder, writer  # noqa: PLC0415 - `--help` needs neither

        try:
            return super().invoke(ctx)
        except run_folder.NoRun as error:
            raise failures.usage(f"{error}.") from error
        except writer.AlreadyThere as error:
            raise failures.usage(f"{error}.") from error
        except writer.CannotWrite as error:
            raise failures.not_evaluated(f"{error}.") from error
        except BrokenPipeError:
            raise
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            raise failures.not_evaluated(f"the output cannot be written: {error.strerror}.") from error


def print_bytes(content: bytes) -> None:
    """To standard output as they are, whatever its encoding is: a file of another format must not be changed by it."""
    click.echo(content, nl=False)


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to one file that is there."""
    try:
        return one.samefile(other)
    except OSError:
        return False
