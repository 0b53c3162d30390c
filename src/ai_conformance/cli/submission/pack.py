"""`ai-conformance submission pack`: the artifacts of one run into the folder, and nothing private."""

from __future__ import annotations

from pathlib import Path

import click

from ai_conformance.cli import failures
from ai_conformance.cli.submission.common import FOLDER, SubmissionCommand, folder_argument, product_bytes


@click.command(cls=SubmissionCommand)
@folder_argument
@click.option("--run", "run_folder", type=FOLDER, required=True, metavar="DIR", help="The run's folder.")
@click.option("--force", is_flag=True, help="Replace the artifacts and the README.md of an earlier run.")
@click.option("--summary", type=FOLDER, metavar="FILE", help="Write the pull request's text there, not to the screen.")
def pack(folder: Path, run_folder: Path, force: bool, summary: Path | None) -> None:
    """Put e2e.log, junit.xml and results.json of one run into FOLDER, with a README.md of how to reproduce them.

    FOLDER is by default the one you are in.
    Home folders, addresses, private host names and secrets are taken out, and counted in the report. Packing the same
    run twice gives the same bytes. A run with a failing test is refused, as the program would refuse it.
    """
    from ai_conformance.submission import documents, folders  # noqa: PLC0415 - `--help` needs none of it
    from ai_conformance.submission import product as products  # noqa: PLC0415 - as above
    from ai_conformance.submission.making import files, readme, runs  # noqa: PLC0415 - as above
    from ai_conformance.submission.making import pack as packing  # noqa: PLC0415 - as above

    place = folders.of(folder)
    if place.release is None:
        raise failures.usage(f"{folder} stands in no folder of a release; name it as v1.37/acme")
    view = None
    if place.product_file.exists():
        view = products.view(documents.read(product_bytes(place), source=str(place.product_file)))
    package = packing.pack(runs.read(run_folder), release=place.release, product=view)
    contents = dict(package.artifacts)
    own = place.path / readme.NAME
    if own.exists() and readme.FIRST_LINE.encode() not in place.read(readme.NAME):
        click.echo(f"{own} is not of this command and stays; nothing says there how to reproduce the run.", err=True)
    else:
        contents[readme.NAME] = package.readme
    changed = files.write(place.path, contents, replace=force)
    for name in contents:
        click.echo(f"{'packed   ' if place.path / name in changed else 'unchanged'}  {place.path / name}")
    for where, rule, count in package.redactions:
        click.echo(f"taken out  {rule} in {where} ({count})")
    if not package.redactions:
        click.echo("taken out  nothing: the run holds no home folder, address, private host name, e-mail or secret")
    if summary is None:
        click.echo("\nFor the pull request:\n")
        click.echo(package.summary, nl=False)
    else:
        files.write(summary.parent, {summary.name: package.summary.encode()}, replace=force)
        click.echo(f"The pull request's text is in {summary}.")
