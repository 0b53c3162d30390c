"""`ai-conformance submission fill`: take the verdicts of a run into PRODUCT.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_conformance.cli.submission.common import FOLDER, SubmissionCommand, folder_argument, printable, product_bytes
from ai_conformance.model.verdicts import ExitCode

if TYPE_CHECKING:
    from ai_conformance.submission.making.fill import Filled


@click.command(cls=SubmissionCommand)
@folder_argument
@click.option("--run", "run_folder", type=FOLDER, required=True, metavar="DIR", help="The run's folder.")
@click.option("--force", is_flag=True, help="Replace status and notes that say something else.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.pass_context
def fill(ctx: click.Context, folder: Path, run_folder: Path, force: bool, dry_run: bool) -> None:
    """Take the verdicts of a run into the PRODUCT.yaml of FOLDER, by default the one you are in.

    PASS becomes Implemented with links into the run's artifacts, NOT_APPLICABLE becomes N/A with what was seen as a
    draft of the note; nothing else becomes Implemented. What a person wrote stays, and so do comments, quotes and
    order. The exit code is 1 where the file says Implemented and the run says otherwise.
    """
    from ai_conformance.submission import documents, folders  # noqa: PLC0415 - `--help` needs none of it
    from ai_conformance.submission.making import files, runs  # noqa: PLC0415 - as above
    from ai_conformance.submission.making import fill as filling  # noqa: PLC0415 - as above

    place = folders.folder(folder)
    name = place.product_file.name
    data = product_bytes(place)
    document = documents.read(data, source=str(place.product_file))
    run = runs.read(run_folder)
    filled = filling.fill(document, run.record, release=place.release, force=force)
    if not dry_run:
        files.write(place.path, {name: filled.document.encode()}, replace=True)
    _show(filled)
    changed = filled.document is not document
    verb = "would change" if dry_run else "changed"
    click.echo(f"{place.product_file} {verb}." if changed else f"Nothing to change in {place.product_file}.")
    if run.failing:
        names = ", ".join(one.requirement for one in run.failing)
        click.echo(f"The program refuses artifacts with a failing test, and this run has some: {names}.", err=True)
    if filled.contradictions:
        ctx.exit(ExitCode.NOT_CONFORMANT)


def _show(filled: Filled) -> None:
    wide = max((len(one.requirement) for one in filled.steps), default=0)
    for step in filled.steps:
        click.echo(f"{step.requirement:{wide}}  {step.field:8}  {step.outcome.value:11}  {printable(step.sentence)}")
