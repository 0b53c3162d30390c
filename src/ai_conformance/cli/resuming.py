"""`run --resume DIR`: the options that the run had, what it left taken away, and its finished checks kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ai_conformance import __version__
from ai_conformance.cli import failures, recording
from ai_conformance.engine import resumption
from ai_conformance.engine.resumption import Begun, CannotResume
from ai_conformance.reports import escaping

if TYPE_CHECKING:
    from ai_conformance.engine.run import Runner
    from ai_conformance.model.records import ClusterRecord

# Which cluster is not written down, nor whose credentials; how long a run may take is no part of what it does.
_MAY_DIFFER = {
    "resume": "--resume",
    "kubeconfig": "--kubeconfig",
    "context": "--context",
    "image_pull_secret": "--image-pull-secret",
    "timeout_s": "--timeout",
}
_OF_THE_FIRST = ("--output=", "--timeout=")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Resumed:
    """A run that is taken up, and where it is."""

    folder: Path
    run: Begun


@contextmanager
def context(ctx: click.Context, *, folder: Path) -> Iterator[click.Context]:
    """The context of the same command with the options that the run in a folder had. Raises `failures.Failure`."""
    given = [
        name
        for name in ctx.params
        if name not in _MAY_DIFFER and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if given:
        names = {one.name: one.opts[0] for one in ctx.command.params}
        superfluous = ", ".join(sorted(names[one] for one in given))
        raise failures.usage(f"a run is taken up with the options that it had: leave out {superfluous}")
    begun = _begun(folder)
    arguments = [one for one in begun.command if not one.startswith(_OF_THE_FIRST)]
    for name, option in _MAY_DIFFER.items():
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            arguments.append(f"{option}={_shown(ctx.params[name])}")
    again = ctx.command.make_context(ctx.info_name, arguments, parent=ctx.parent)
    again.obj = Resumed(folder=folder, run=begun)
    with again:
        yield again


def _shown(value: object) -> str:
    return f"{value:g}s" if isinstance(value, float) else str(value)


def _begun(folder: Path) -> Begun:
    recording.refuse_live(folder)
    if _ended(folder):
        raise failures.usage(f"the run in {folder} has ended; begin a new one with run --output DIR")
    try:
        return resumption.read(folder / recording.JOURNAL)
    except CannotResume as error:
        raise failures.usage(str(error)) from error


def _ended(folder: Path) -> bool:
    """Whether the run came to its end by itself, with every check decided."""
    from ai_conformance.reports import run_json, writer  # noqa: PLC0415 - help needs none

    try:
        record = run_json.read_run((folder / writer.RUN_JSON).read_bytes())
    except (OSError, run_json.UnreadableRun):
        return False
    return not record.interrupted and not any(one.automated and one.verdict.value == "ERROR" for one in record.checks)


async def take_up(runner: Runner, *, begun: Resumed, cluster: ClusterRecord, kept: recording.Recording) -> None:
    """Take away what was left, set aside what was half done, and tell the runner what to keep."""
    from ai_conformance.kube import workspace  # noqa: PLC0415 - help needs no client

    run = begun.run
    try:
        run.must_be_of(cluster_uid=cluster.uid, server_version=cluster.server_version, tool_version=__version__)
    except CannotResume as error:
        raise failures.usage(str(error)) from error
    kept.open()
    now = datetime.now(UTC)
    kept.note(resumption.RESUMED)
    left = await workspace.clean(runner.session.acting_as("clean"), runner.ledger)
    if left:
        for one in left:
            click.echo(escaping.one_line(f"left: {one}"), err=True)
        raise failures.not_evaluated(
            f"{len(left)} objects of the run in {begun.folder} could not be removed; see above why, and resume it anew."
        )
    for requirement in run.unfinished:
        runner.evidence.set_aside(requirement, under=str(len(run.resumed_at) + 1))
    runner.run_id = run.run_id
    runner.started_at = run.started_at
    runner.resumed_at = (*run.resumed_at, now)
    runner.kept = run.finished
    runner.evidence.redacted.counts.update(run.redacted)
