"""`ai-conformance run`: execute the plan on a cluster, show it as it goes, leave verdicts and evidence in a folder."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ai_conformance.cli import connection, display, failures, fleet, options, planning, recording, resuming
from ai_conformance.cli.interruption import Interruption
from ai_conformance.engine import events
from ai_conformance.model.verdicts import ExitCode

if TYPE_CHECKING:
    from ai_conformance.cli.options import Settings
    from ai_conformance.cli.resuming import Resumed
    from ai_conformance.engine.plan import Plan
    from ai_conformance.engine.run import Runner
    from ai_conformance.evidence.redaction import Rule
    from ai_conformance.kube.session import Session
    from ai_conformance.model.records import RunRecord

Display = display.Live | display.Lines


@click.command()
@options.target
@options.selected
@options.timeout
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Folder for verdicts, evidence and artifacts; new or empty. Default: results/<date and time>.",
)
@click.option(
    "--resume",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Take up the run of this folder, which was killed or interrupted, with the options that it had.",
)
@click.option(
    "--redact-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML file with rules of your own for what evidence must not show; see docs/evidence.md.",
)
@click.option("--contexts", metavar="A,B,...", help="Run on these contexts side by side, a folder each.")
@click.option("--all-contexts", is_flag=True, help="Run on all contexts of the kubeconfig side by side.")
@click.pass_context
def run(
    ctx: click.Context,
    /,
    *,
    output: Path | None,
    resume: Path | None,
    contexts: str | None,
    all_contexts: bool,
    redact_file: Path | None,
    timeout_s: float,
    **parameters: Any,
) -> int:
    """Run the checks against a cluster and leave verdicts with evidence.

    Everything that is made in the cluster is in namespaces of its own or bears the run's label, is written down before
    it is made, and is removed at the end, on Ctrl-C too.

    \b
    ai-conformance run --output results/1
    ai-conformance run --requirement gang_scheduling --profile slow-cloud
    ai-conformance run --run 'TestSecure.*' --accelerator-type nvidia.com/gpu
    ai-conformance run --resume results/1
    ai-conformance run --contexts east,west --output results/fleet

    Exit codes: 0 conformant, 1 not conformant, 2 usage, 3 could not be judged (which a MUST without an automated
    check is as well), 4 interrupted.
    """
    begun = ctx.obj if isinstance(ctx.obj, resuming.Resumed) else None
    if resume is not None and begun is None:
        with resuming.context(ctx, folder=resume) as again:
            return int(run.invoke(again))
    settings = options.settings(**parameters)
    if begun is None:
        folder = output or Path("results") / datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        recording.refuse_used(folder)
    else:
        folder = begun.folder
        settings = dataclasses.replace(settings, release=begun.run.release)
    planning.check(settings)
    if contexts is not None or all_contexts:
        names = fleet.chosen(settings.target, names=contexts, every=all_contexts)
        return fleet.run(names, folder=folder, target=settings.target, parameters=ctx.params)
    command = begun.run.command if begun else options.in_force(ctx.params)
    rules = recording.own_rules(redact_file)
    return asyncio.run(_run(settings, folder=folder, timeout_s=timeout_s, command=command, begun=begun, rules=rules))


async def _run(
    settings: Settings,
    *,
    folder: Path,
    timeout_s: float,
    command: tuple[str, ...],
    begun: Resumed | None,
    rules: tuple[Rule, ...],
) -> ExitCode:
    from ai_conformance.evidence.observing import Observed  # noqa: PLC0415 - help and bad options need no client
    from ai_conformance.kube.recording.recorder import Recorder  # noqa: PLC0415 - as above
    from ai_conformance.kube.recording.writing import RecordingWire  # noqa: PLC0415 - as above
    from ai_conformance.kube.transcript import Transcript  # noqa: PLC0415 - as above

    interruption = Interruption(say=lambda text: click.echo(text, err=True))
    kept = recording.Recording(folder, on_trouble=interruption.stop, rules=rules)
    transcript = Transcript(kept.request)
    recorder = Recorder(sink=kept.observation, redaction=Observed(rules=rules), observer=kept.exchange)
    try:
        with interruption.handling(), connection.explained():
            async with connection.connected(
                settings.target,
                actor="run",
                transcript=transcript,
                kept=lambda wire: RecordingWire(wire, recorder=recorder),
            ) as session:
                return await _conducted(
                    session,
                    settings=settings,
                    kept=kept,
                    note=recorder.note,
                    timeout_s=timeout_s,
                    command=command,
                    by=interruption,
                    begun=begun,
                    rules=rules,
                )
    except asyncio.CancelledError:
        # Only before the run has begun: afterwards it deals with interruptions itself, and then none is taken.
        if kept.trouble:
            raise failures.not_evaluated(f"{kept.trouble}. Nothing was created; free some space.") from None
        raise failures.Failure("interrupted before anything was created.", code=ExitCode.INTERRUPTED) from None
    finally:
        kept.close()


async def _conducted(
    session: Session,
    *,
    settings: Settings,
    kept: recording.Recording,
    note: Callable[[str, Any], None],
    timeout_s: float,
    command: tuple[str, ...],
    by: Interruption,
    begun: Resumed | None,
    rules: tuple[Rule, ...],
) -> ExitCode:
    from ai_conformance import catalog  # noqa: PLC0415 - as above
    from ai_conformance.engine.run import Runner  # noqa: PLC0415
    from ai_conformance.evidence.recorder import Evidence  # noqa: PLC0415
    from ai_conformance.kube.ledger import Ledger  # noqa: PLC0415

    facts = catalog.load()
    version = await session.version()
    planned = planning.make(settings, catalog=facts, version=version)
    ledger = Ledger(kept.folder / recording.LEDGER)
    shown = _display(planned.plan)

    def listener(event: Any) -> None:
        kept.event(event)
        shown(event)

    runner = Runner(
        plan=planned.plan,
        session=session,
        catalog=facts,
        options=settings.checks,
        ledger=ledger,
        evidence=Evidence(kept.folder, rules=rules),
        listener=listener,
        timeout_s=timeout_s,
        command=command,
        note=note,
    )
    cluster = await runner.prepare()
    if begun is None:
        kept.open()
        kept.started(runner.run_id, cluster=cluster, release=planned.plan.release, command=command)
    else:
        await resuming.take_up(runner, begun=begun, cluster=cluster, kept=kept)
    with shown:
        shown.note(
            f"Run {runner.run_id}: Kubernetes {version.git_version} at {session.server} (context {session.context}), "
            f"checklist {planned.plan.release}, {len(planned.plan.running)} of {len(planned.plan.items)} requirements."
        )
        for one in planned.notes:
            shown.note(one)
        if begun is not None:
            shown.note(f"Taken up again: {len(runner.kept)} finished checks are kept.")
        for check in runner.kept.values():
            shown(events.CheckFinished(record=check))
        record = await runner.execute()
    ledger.close()
    return _finished(record, runner=runner, kept=kept, by=by)


def _finished(record: RunRecord, *, runner: Runner, kept: recording.Recording, by: Interruption) -> ExitCode:
    """Tell the verdicts, write the reports, and find the exit code."""
    from ai_conformance.engine import conclusion  # noqa: PLC0415
    from ai_conformance.reports import writer  # noqa: PLC0415

    by.over()
    kept.note("RunFinished", interrupted=record.interrupted)
    trouble = f"{kept.trouble}. Free some space, or give another folder with --output." if kept.trouble else ""
    try:
        writer.write_all(record, kept.folder)
    except writer.CannotWrite as error:
        trouble = trouble or str(error)
    _summarise(record, folder=kept.folder)
    left = runner.ledger.open_entries
    if left:
        click.echo(
            f"{len(left)} object(s) may be left in the cluster. Remove them: ai-conformance clean {kept.folder}",
            err=True,
        )
    if trouble and not by.times:
        raise failures.not_evaluated(f"{trouble.rstrip('.')}. The verdicts above are not kept: run anew.")
    return conclusion.exit_code(record)


def _display(plan: Plan) -> Display:
    names = [item.requirement.id for item in plan.running]
    if sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415 - a pipe does not pay for it

        console = Console()
        if not console.is_dumb_terminal:
            return display.Live(names, console=console)
    return display.Lines(names, echo=click.echo)


def _summarise(record: RunRecord, *, folder: Path) -> None:
    from ai_conformance.reports import terminal  # noqa: PLC0415

    if sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415

        Console().print(terminal.summary(record, folder=folder))
    else:
        click.echo(terminal.plain(record, folder=folder), nl=False)
