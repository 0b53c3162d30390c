"""``ai-conformance lab image``: this tool as an image in a lab, which a user makes of the Containerfile."""

from __future__ import annotations

import click

from ai_conformance.cli import values
from ai_conformance.cli.lab.shared import LabCommand, name_option


@click.command(cls=LabCommand)
@name_option
@click.option("--tag", type=values.image_reference, metavar="REF", help="How the image is called.")
def image(name: str, tag: str | None) -> None:
    """Give every node of a lab this tool as an image, and print how it is called; `manifest` prints what runs it.

    \b
    ai-conformance manifest --image "$(ai-conformance lab image)" | kubectl apply -f -
    """
    from ai_conformance.lab import tool_image  # noqa: PLC0415 - keeps --help fast
    from ai_conformance.lab.lab import Lab  # noqa: PLC0415 - as above
    from ai_conformance.lab.paths import cache_root  # noqa: PLC0415 - as above

    called = tag or tool_image.TAG
    tool_image.give(Lab.open(name), cache=cache_root(), tag=called)
    click.echo(called)
