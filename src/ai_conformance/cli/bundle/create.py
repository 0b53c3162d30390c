"""`ai-conformance bundle create`: a run's folder in one file, with the digests of all that is in it."""

from __future__ import annotations

from pathlib import Path

import click

from ai_conformance.cli.bundle.common import PATH, BundleCommand, missing_evidence, say


@click.command(cls=BundleCommand)
@click.argument("run", type=PATH)
@click.option("--output", "-o", type=PATH, metavar="FILE", help="The bundle.  [default: RUN.bundle.tar, beside RUN]")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def create(run: Path, output: Path | None, force: bool) -> None:
    """Pack the folder of a run: all its files, their digests, and a statement of whose run it is and of its verdicts.

    The same run always gives the same bytes. Nothing is left out and nothing is changed: secrets were taken out when
    the evidence was written, and names of nodes and addresses are still in it.
    """
    from ai_conformance.evidence.bundle import making, names  # noqa: PLC0415 - `--help` needs none of it

    target = output or names.beside(run)
    package = making.create(run, target, replace=force)
    say([f"Packed {package.files} files of run {package.record.run_id} into {target}."])
    if package.record.interrupted:
        say(["note: the run was interrupted; what it had not reached is not in it, and the bundle says so"])
    say(missing_evidence(package.missing))
    say([f"Next: ai-conformance bundle sign {target} --key KEY.pem, to vouch for it."])
