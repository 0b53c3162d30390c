"""`ai-conformance clean`: take away from a cluster what the ledger of a killed run names, and nothing else."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_conformance.cli import connection, failures, options, recording
from ai_conformance.model.verdicts import ExitCode
from ai_conformance.reports import escaping

if TYPE_CHECKING:
    from ai_conformance.cli.options import Target
    from ai_conformance.kube.ledger import Ledger


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@options.target
@click.option("--yes", is_flag=True, help="Do not ask.")
def clean(*, folder: Path, kubeconfig: Path | None, context: str | None, yes: bool) -> int:
    """Remove from the cluster what a killed run left there. DIR is the run's folder (its --output).

    Only objects that the run's ledger names are touched, and only if they are still the same objects: by UID, or by
    the run's label where the run was killed before it learnt the UID.

    Exit codes: 0 all of it is gone, 2 usage, 3 something is left.
    """
    if folder.is_dir():
        recording.refuse_live(folder)
    ledger = _opened(folder)
    if not ledger.open_entries:
        click.echo(f"The run in {folder} has left nothing.")
        return ExitCode.OK
    click.echo(f"The run in {folder} made these and did not see them gone:")
    for entry in ledger.open_entries:
        place = f"{entry.namespace}/" if entry.namespace else ""
        click.echo("  " + escaping.one_line(f"{entry.kind} {place}{entry.name}"))
    target = options.Target(kubeconfig=kubeconfig, context=context)
    return asyncio.run(_clean(ledger, target=target, yes=yes))


async def _clean(ledger: Ledger, *, target: Target, yes: bool) -> ExitCode:
    from ai_conformance.kube import workspace  # noqa: PLC0415 - an empty ledger needs no client

    with connection.explained():
        async with connection.connected(target, actor="clean") as session:
            _refuse_another(await session.cluster_uid(), folder=ledger.path.parent, server=session.server)
            if not yes:
                _ask(f"Remove what is left of these from {session.server} (context {session.context})?")
            left = await workspace.clean(session, ledger)
    ledger.close()
    if not left:
        click.echo("All of it is gone.")
        return ExitCode.OK
    for one in left:
        click.echo(escaping.one_line(f"left: {one}"), err=True)
    raise failures.not_evaluated(f"{len(left)} objects are left; see above why, and run it again.")


def _refuse_another(uid: str, *, folder: Path, server: str) -> None:
    """On another cluster nothing of the ledger would be found, and all of it would be noted down as gone."""
    if recording.cluster_uid(folder) not in (None, uid):
        raise failures.usage(
            f"{server} is not the cluster that the run in {folder} was on; choose that one with --kubeconfig or "
            "--context."
        )


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        raise failures.usage("nobody is here to ask; give --yes to remove them.")
    click.confirm(question, abort=True)


def _opened(folder: Path) -> Ledger:
    from ai_conformance.kube.ledger import Ledger  # noqa: PLC0415 - help needs none

    path = folder / recording.LEDGER if folder.is_dir() else folder
    if path.name != recording.LEDGER or not path.is_file():
        # A run that made nothing has no ledger; any other folder is a mistake that must not look like a success.
        if folder.is_dir() and (folder / recording.JOURNAL).is_file():
            return Ledger(path)
        raise failures.usage(f"{folder} is not the folder of a run (it has no {recording.LEDGER}).")
    with connection.explained():
        return Ledger(path)
