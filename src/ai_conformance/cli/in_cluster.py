"""`ai-conformance in-cluster`: what is called inside the pod, by the Job's own manifest and by `fetch`."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

from ai_conformance.cli import failures, values
from ai_conformance.model.verdicts import ExitCode

if TYPE_CHECKING:
    from ai_conformance.engine.in_cluster.layout import Results


@click.group()
def in_cluster() -> None:
    """What is called inside the pod of a run; `ai-conformance manifest` and `fetch` do that.

    The results are in $SONOBUOY_RESULTS_DIR, by default /tmp/sonobuoy/results, and the file `done` there names the
    one to take, as a Sonobuoy plugin has to do it.
    """


@in_cluster.command()
@click.option(
    "--hold",
    "hold_s",
    type=values.duration,
    metavar="DURATION",
    help="How long to wait in the end for somebody who takes the results. Default: not at all.",
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def run(*, hold_s: float | None, options: tuple[str, ...]) -> int:
    """Run with OPTIONS of `ai-conformance run`, pack the results, and wait until they are taken.

    The exit code is that of the run.
    """
    from ai_conformance.engine.in_cluster import conducting  # noqa: PLC0415 - help does without

    try:
        return asyncio.run(conducting.conduct(options, results=_results(), hold_s=hold_s or 0.0, say=_say))
    except OSError as error:
        raise failures.not_evaluated(f"the results cannot be kept: {error}.") from error


@in_cluster.command()
def outcome() -> int:
    """Tell how the run ended, as JSON. Exit code 3 while it goes on: that is the pod's readiness."""
    try:
        click.echo(_results().outcome.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise failures.not_evaluated("the run has not ended") from error
    return ExitCode.OK


@in_cluster.command()
def send() -> int:
    """Write the bundle to the standard output."""
    try:
        with _results().bundle.open("rb") as bundle:
            shutil.copyfileobj(bundle, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except FileNotFoundError as error:
        raise failures.not_evaluated("there is no bundle") from error
    return ExitCode.OK


@in_cluster.command()
def release() -> int:
    """Say that the results were taken and that the pod may end."""
    from ai_conformance.engine.in_cluster import conducting  # noqa: PLC0415 - as above

    try:
        conducting.release(_results())
    except conducting.NobodyWaits as error:
        raise failures.not_evaluated(str(error)) from error
    return ExitCode.OK


def _results() -> Results:
    from ai_conformance.engine.in_cluster.layout import Results  # noqa: PLC0415 - as above

    return Results.of(os.environ)


def _say(text: str) -> None:
    click.echo(text)
