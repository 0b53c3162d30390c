"""`ai-conformance fetch`: wait for a run in the cluster, show its log, bring its folder here."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_conformance.cli import connection, failures, manifest, options, recording, values
from ai_conformance.evidence.bundle.errors import BundleError
from ai_conformance.model.verdicts import ExitCode
from ai_conformance.reports import escaping

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_conformance.cli.options import Target
    from ai_conformance.engine.in_cluster.layout import Outcome


@click.command()
@options.target
@click.option("--namespace", default=manifest.NAME, show_default=True, help="Of the Job.")
@click.option("--name", default=manifest.NAME, show_default=True, help="Of the Job.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder for the run: new or empty.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=values.duration,
    default="2h",
    show_default=True,
    metavar="DURATION",
    help="How long to wait for the run to end.",
)
@click.option("--quiet", is_flag=True, help="Do not show the run's log.")
@click.option("--delete", is_flag=True, help="Remove the Job afterwards; its account, role and namespace stay.")
def fetch(
    *,
    kubeconfig: Path | None,
    context: str | None,
    namespace: str,
    name: str,
    output: Path,
    timeout_s: float,
    quiet: bool,
    delete: bool,
) -> int:
    """Wait until the run of a Job in the cluster has ended, and bring its folder here.

    The Job is one that `ai-conformance manifest` printed. What comes is checked against the digests that were made in
    the pod, which then may end. It can be called again: until the results have come whole, they stay in the pod.

    \b
    ai-conformance fetch --output results/1
    ai-conformance fetch --output results/1 --delete

    Exit codes: that of the run; 2 usage or no such Job, 3 no results, 4 interrupted.
    """
    recording.refuse_used(output)
    target = options.Target(kubeconfig=kubeconfig, context=context)
    with tempfile.TemporaryDirectory(prefix="ai-conformance-") as folder, connection.explained():
        return asyncio.run(
            _fetch(
                target,
                job=(namespace, name),
                output=output,
                timeout_s=timeout_s,
                show=_nothing if quiet else _show,
                delete=delete,
                temporary=Path(folder) / "run.bundle.tar",
            )
        )


async def _fetch(
    target: Target,
    *,
    job: tuple[str, str],
    output: Path,
    timeout_s: float,
    show: Callable[[str], None],
    delete: bool,
    temporary: Path,
) -> int:
    from ai_conformance.engine.in_cluster import fetching, following  # noqa: PLC0415 - help needs no client

    async with connection.connected(target, actor="fetch") as session:
        try:
            found = await following.job(session, job[1], namespace=job[0])
            pod = fetching.Pod(session, await following.done(session, found, timeout_s=timeout_s, say=_note, show=show))
            outcome = await pod.outcome()
            if not outcome.trouble:
                await pod.bring(outcome, temporary, say=_note)
                _unpacked(temporary, output=output, outcome=outcome)
            await pod.release(say=_note)
            if delete:
                await fetching.delete(session, found)
        except following.NoJob as error:
            raise failures.usage(str(error)) from error
        except following.NoResults as error:
            raise failures.not_evaluated(escaping.one_line(str(error))) from error
    if outcome.trouble:
        raise failures.Failure(escaping.one_line(f"the run left no results: {outcome.trouble}"), code=_code(outcome))
    return outcome.exit_code


def _code(outcome: Outcome) -> ExitCode:
    known = outcome.exit_code in set(ExitCode) and outcome.exit_code != ExitCode.OK
    return ExitCode(outcome.exit_code) if known else ExitCode.NOT_EVALUATED


def _unpacked(bundle: Path, *, output: Path, outcome: Outcome) -> None:
    from ai_conformance.evidence.bundle import unpacking  # noqa: PLC0415 - as above

    try:
        files = unpacking.unpack(bundle, output)
    except BundleError as error:
        raise failures.Failure(escaping.one_line(str(error)), code=error.code) from error
    click.echo(f"{files} files of the run are in {output}. Its exit code: {outcome.exit_code}.")


def _note(text: str) -> None:
    click.echo(escaping.one_line(text), err=True)


def _show(line: str) -> None:
    """A line of the run's log, which may hold anything; where it begins with blanks, they mean something."""
    click.echo(f"  | {escaping.escape(line)}")


def _nothing(_line: str) -> None:
    return
