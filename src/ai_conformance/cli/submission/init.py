"""`ai-conformance submission init`: begin a product's folder from a release's official checklist."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ai_conformance.cli import failures
from ai_conformance.cli.submission.common import FOLDER, SubmissionCommand, open_program, program_option, release_of
from ai_conformance.submission.making.fields import FIELDS, suggestion

if TYPE_CHECKING:
    from ai_conformance.model.releases import Release


def metadata_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """One option for each field of the metadata."""
    for field in reversed(FIELDS):
        function = click.option(
            field.option, field.key, default=None, metavar="TEXT", help=f"{field.wants[0].upper()}{field.wants[1:]}."
        )(function)
    return function


@click.command(cls=SubmissionCommand)
@click.argument("folder", type=FOLDER, required=False)
@click.option("--release", metavar="X.Y", help="The Kubernetes release; the folder's vX.Y where it is left out.")
@program_option()
@metadata_options
@click.option("--no-input", is_flag=True, help="Ask nothing; what is not given stays a placeholder to fill in.")
def init(folder: Path | None, release: str | None, program: str, no_input: bool, **given: str | None) -> None:
    """Begin FOLDER (vX.Y/PRODUCT) with a PRODUCT.yaml made from the official checklist of its release.

    The wording is read from the program's own repository. What you do not give as an option is asked for on a terminal,
    and left as a placeholder elsewhere. A PRODUCT.yaml that is there already is not touched. Without FOLDER it is made
    here: v1.37/acme for --release 1.37 and --platform-name Acme.
    """
    from ai_conformance.submission import folders, program_copy  # noqa: PLC0415 - `--help` needs none of it
    from ai_conformance.submission.making import files  # noqa: PLC0415 - as above
    from ai_conformance.submission.making import init as making  # noqa: PLC0415 - as above

    wanted = release_of(release) if release else None
    if folder is None and wanted is None:
        raise failures.usage("name a folder, such as v1.37/acme, or give --release")
    folder = folder or Path(f"v{wanted}", _slug(given["platformName"] or "") or "my-product")
    place = folders.of(folder)
    wanted = wanted or place.release
    if wanted is None:
        raise failures.usage(f"{folder} stands in no folder of a release; name it as v1.37/acme, or give --release")
    if place.release not in (None, wanted):
        raise failures.usage(f"{folder} is a folder of {place.release}, and --release says {wanted}")
    if place.product_file.exists():
        raise failures.usage(f"{place.product_file} is there already; `submission upgrade` carries one to a release")
    copy = open_program(program)
    checklist = making.template(copy, release=wanted)
    for sentence in program_copy.differences(copy.checklist(wanted)):
        click.echo(f"Warning: {sentence}", err=True)
    values = {key: value for key, value in given.items() if value is not None}
    if not no_input and sys.stdin.isatty():
        values |= _asked(values, release=wanted, product=place.name)
    made = making.new_product(checklist, release=wanted, product=place.name, values=values)
    files.write(place.path, {place.product_file.name: made.encode()})
    click.echo(f"Made {place.product_file} from the checklist of {wanted} in {program}.")
    missing = [field.key for field in FIELDS if not values.get(field.key) and not field.optional]
    if missing:
        click.echo(f"Still placeholders: {', '.join(missing)}.")
    click.echo("Next: ai-conformance submission fill, pack, check.")


def _slug(name: str) -> str:
    """A folder's name for a product, as those of the program's repository are."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))


def _asked(known: dict[str, str], *, release: Release, product: str) -> dict[str, str]:
    answers = {}
    for field in FIELDS:
        if field.key in known:
            continue
        click.echo(f"{field.key}: {field.wants}.")
        # An empty answer leaves the placeholder, or leaves the key out where it is optional.
        answer = click.prompt(field.key, default=suggestion(field.key, release=release, product=product))
        if answer or field.optional:
            answers[field.key] = answer.strip()
    return answers
