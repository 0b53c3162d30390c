"""`ai-conformance submission upgrade`: carry a product's folder to the next release."""

from __future__ import annotations

from pathlib import Path

import click

from ai_conformance.cli import failures
from ai_conformance.cli.submission.common import (
    FOLDER,
    SubmissionCommand,
    open_program,
    printable,
    product_bytes,
    program_option,
    release_of,
)


@click.command(cls=SubmissionCommand)
@click.option("--from", "old", type=FOLDER, required=True, metavar="FOLDER", help="The product's folder so far.")
@click.option("--to", "release", required=True, metavar="X.Y", help="The Kubernetes release to carry it to.")
@click.option("--into", type=FOLDER, metavar="FOLDER", help="The new folder, if not ../../vX.Y/PRODUCT.")
@program_option()
def upgrade(old: Path, release: str, into: Path | None, program: str) -> None:
    """Carry a product to the next release.

    The new PRODUCT.yaml is the new checklist with the metadata, links and notes of the old file. Requirements that are
    gone are dropped, new ones are added, and what has to be proved again is listed. The old folder is not changed.
    """
    from ai_conformance.submission import documents, folders, program_copy  # noqa: PLC0415 - `--help` needs none of it
    from ai_conformance.submission.making import files, init  # noqa: PLC0415 - as above
    from ai_conformance.submission.making import upgrade as upgrading  # noqa: PLC0415 - as above

    wanted = release_of(release)
    before = folders.folder(old)
    data = product_bytes(before)
    after = folders.of(into or before.path.absolute().parent.parent / f"v{wanted}" / before.name)
    if into is None and before.release is None:
        raise failures.usage(f"{old} stands in no folder of a release; name the new folder with --into")
    if after.release not in (None, wanted):
        raise failures.usage(f"--into {after.path} is a folder of {after.release}, and --to says {wanted}")
    if before.release is not None and before.release >= wanted:
        raise failures.usage(f"{old} is of {before.release} already; --to names a later release")
    if after.product_file.exists():
        raise failures.usage(f"{after.product_file} is there already; move it away, or name another folder with --into")
    document = documents.read(data, source=str(before.product_file))
    copy = open_program(program)
    checklist = init.template(copy, release=wanted)
    for sentence in program_copy.differences(copy.checklist(wanted)):
        click.echo(f"Warning: {sentence}", err=True)
    made = upgrading.upgrade(document, checklist, release=wanted, product=after.name)
    files.write(after.path, {after.product_file.name: made.document.encode()})
    wide = max(len(step.subject) for step in made.steps)
    for step in made.steps:
        click.echo(f"{printable(step.subject):{wide}}  {step.kind.value:10}  {printable(step.sentence)}")
    click.echo(f"Made {after.product_file}. Next: ai-conformance submission fill, pack, check.")
