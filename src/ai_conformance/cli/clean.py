"""`ai-conformance clean`: take away from a cluster what killed runs have left there, and nothing else."""

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
    from ai_conformance.kube.cleanup import Leftover
    from ai_conformance.kube.ledger import Entry, Ledger


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), required=False)
@options.target
@click.option("--all-runs", is_flag=True, help="Look through the cluster for what any run has left, without a folder.")
@click.option("--run-id", "run_ids", multiple=True, metavar="ID", help="With --all-runs: only this one; repeatable.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def clean(
    *,
    folder: Path | None,
    kubeconfig: Path | None,
    context: str | None,
    all_runs: bool,
    run_ids: tuple[str, ...],
    yes: bool,
) -> int:
    """Remove from the cluster what a killed run left there. DIR is the run's folder (its --output).

    Only objects that the run's ledger names are touched, and only if they are still the same objects: by UID, or by
    the run's label where the run was killed before it learnt the UID.

    Where the folder is lost, --all-runs finds by label what runs have left, lists it, and asks. A run that goes on from
    another machine is not told from one that was killed: name those to remove with --run-id.

    Exit codes: 0 all of it is gone, 2 usage, 3 something is left.
    """
    target = options.Target(kubeconfig=kubeconfig, context=context)
    if all_runs == (folder is not None):
        raise click.UsageError("name the folder of a run, or give --all-runs")
    if run_ids and not all_runs:
        raise click.UsageError("--run-id belongs to --all-runs")
    if folder is None:
        return asyncio.run(_clean_all(target=target, run_ids=run_ids, yes=yes))
    if folder.is_dir():
        recording.refuse_live(folder)
    ledger = _opened(folder)
    if not ledger.open_entries:
        click.echo(f"The run in {folder} has left nothing.")
        return ExitCode.OK
    click.echo(f"The run in {folder} made these and did not see them gone:")
    for entry in ledger.open_entries:
        click.echo("  " + _shown(entry))
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
    return _told(left)


async def _clean_all(*, target: Target, run_ids: tuple[str, ...], yes: bool) -> ExitCode:
    from ai_conformance.kube import leftovers  # noqa: PLC0415 - help needs no client

    with connection.explained():
        async with connection.connected(target, actor="clean") as session:
            found = await leftovers.find(session, kinds=_kinds())
            for said in found.trouble:
                click.echo(escaping.one_line(f"Warning: {said}"), err=True)
            traces = [one for one in found.traces if not run_ids or one.run in run_ids]
            if not traces:
                which = f"of {', '.join(run_ids)} " if run_ids else "of any run "
                click.echo(f"Nothing {which}was found on {session.server}.")
                return ExitCode.NOT_EVALUATED if found.trouble else ExitCode.OK
            for one in traces:
                click.echo(
                    f"Run {escaping.one_line(one.run)}, the last of it made at {one.newest:%Y-%m-%d %H:%M:%S} UTC:"
                )
                for entry in one.entries:
                    click.echo("  " + _shown(entry))
            if not yes:
                _ask(f"Remove these from {session.server} (context {session.context})?")
            left = await leftovers.remove(session, traces)
    return ExitCode.NOT_EVALUATED if found.trouble and not left else _told(left)


def _kinds() -> set[tuple[str, str]]:
    """(group, plural) of all that any check may make, and what controllers make of it."""
    from ai_conformance import catalog  # noqa: PLC0415 - as above
    from ai_conformance.checks import registry  # noqa: PLC0415

    checks = [registry.get(one.id) for one in catalog.load().all_requirements]
    uses = [*registry.COMMON_USES, *(use for check in checks if check for use in check.uses)]
    made = {(use.group, use.resource) for use in uses if "create" in use.verbs and not use.subresource}
    return made | {("", "pods"), ("resource.k8s.io", "resourceclaims")}


def _told(left: list[Leftover]) -> ExitCode:
    if not left:
        click.echo("All of it is gone.")
        return ExitCode.OK
    for one in left:
        click.echo(escaping.one_line(f"left: {one}"), err=True)
    raise failures.not_evaluated(f"{len(left)} objects are left; see above why, and run it again.")


def _shown(entry: Entry) -> str:
    place = f"{entry.namespace}/" if entry.namespace else ""
    return escaping.one_line(f"{entry.kind} {place}{entry.name}")


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
